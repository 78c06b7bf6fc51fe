"""Invents company names: pronounceable, unlike any firm we know of, the same for the same seed."""

import random

_FIRST = (
    "Aldra", "Benno", "Bracka", "Calver", "Corrin", "Dennet", "Dorva", "Ellimer", "Eskel", "Farrin", "Fenno", "Gamlin",
    "Garrow", "Hallet", "Hazlo", "Hollin", "Inver", "Jorrel", "Kelder", "Kirran", "Lanther", "Larrick", "Linnet",
    "Marram", "Mellor", "Nessa", "Norrin", "Orla", "Ostler", "Pellan", "Penna", "Querrin", "Rammel", "Rowsel", "Sandel",
    "Sorrel", "Tamber", "Tarrow", "Ulver", "Varra", "Wender", "Wharrel", "Yarrel", "Zennor",
)  # fmt: skip
_SECOND = (
    "bank", "beck", "carr", "cote", "croft", "dale", "fold", "garth", "gate", "gill", "ham", "haugh", "hithe", "holme",
    "howe", "hurst", "keld", "lode", "lund", "mere", "moss", "ness", "pike", "rigg", "scar", "shaw", "slade", "staithe",
    "stead", "thorpe", "thwaite", "tor", "wath", "wick",
)  # fmt: skip
REAL_NAMES = frozenset(
    {
        "aldi", "amazon", "apple", "asda", "boots", "bosch", "burberry", "cadbury", "caterpillar", "chase", "costco",
        "deliveroo", "dell", "dunelm", "fedex", "ford", "gamlingay", "google", "greggs", "halfords", "heineken", "hilton",
        "ikea", "intel", "kellogg", "lidl", "linnet", "lufthansa", "marriott", "meta", "microsoft", "morrisons", "nestle",
        "netflix", "nike", "nokia", "oracle", "pfizer", "philips", "primark", "sainsbury", "samsung", "sandals", "shell",
        "siemens", "sony", "starbucks", "target", "tesco", "tesla", "toyota", "uber", "unilever", "vodafone", "waitrose",
        "walmart", "wickes", "wilko", "zara",
    }
)  # fmt: skip
"""Stems that are never used, whatever the parts give."""


def invent_company(words: tuple[str, ...], rng: random.Random) -> str:
    """Return a fictional company name whose second word suits the trade.

    Args:
        words: Second words of the scenario, such as `Supply`.
        rng: The stream to draw from.
    """
    while True:
        stem = rng.choice(_FIRST) + rng.choice(_SECOND)
        if stem.lower() not in REAL_NAMES:
            return f"{stem} {rng.choice(words)}"
