"""Reads the numbers of a text, so that `1.2k`, `1,200` and `twelve hundred` are one.

The integrity rules read figures with their units and nouns, to tell whether somebody may say them. Here a number is
only recognised again, in any notation, and these words stand below those rules.
"""

import unicodedata
from collections.abc import Iterable

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NTH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
SMALL = {word: number for number, word in enumerate(_ONES)}
TENS = {word: 10 * number for number, word in enumerate(_TENS, 2)}
NTH = {word: number for number, word in enumerate(_NTH, 1)}
GROUPS = {
    "hundred": 1e2, "dozen": 12.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "bn": 1e9}
"""Letters behind digits; a lone `m` may also be metres."""
PARTS = {"half": 0.5, "quarter": 0.25}
_WITHIN = ("hundred", "dozen")
_TO_PLAIN = str.maketrans({"\u066b": ".", "\u066c": ",", "’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "})
"""Separators of Arabic digits, and those that are only typed otherwise."""


def number_keys(values: Iterable[float]) -> frozenset[str]:
    """Return the names under which a number is compared."""
    return frozenset(f"#{value:.9g}" for value in values)


def share_keys(values: Iterable[float]) -> frozenset[str]:
    """Return the names under which a share is compared; 0.5 is 50%."""
    return frozenset(f"#{100 * value:.9g}%" for value in values)


def nth_key(value: float) -> str:
    """Return the name under which a place in an order is compared: `3rd` is the third."""
    return f"#{value:.9g}th"


def digit_values(typed: str) -> frozenset[float]:
    """Return the values that digits may stand for: `1.200` is 1200 or 1.2, `12½` is 12.5.

    Args:
        typed: Digits of any script with their separators, perhaps with a fraction behind them.
    """
    part = 0.0
    if typed[-2:-1] == "/":
        part, typed = int(typed[-3]) / int(typed[-1]), typed[:-3].rstrip()
    elif unicodedata.category(typed[-1]) == "No":
        part, typed = unicodedata.numeric(typed[-1]), typed[:-1].rstrip()
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in typed.translate(_TO_PLAIN))
    return frozenset(value + part for value in _readings(plain)) if plain else frozenset({part})


def _readings(plain: str) -> list[float]:
    marks = [c for c in plain if not c.isdigit()]
    if not marks:
        return [float(plain)]
    *groups, last = _pieces(plain)
    if len(marks) == 1:
        whole = float(f"{groups[0]}{last}")
        decimal = float(f"{groups[0]}.{last}")
        if len(last) != 3 or groups[0].startswith("0"):  # noqa: PLR2004 - thousands come in threes
            return [decimal]
        return [whole, decimal] if marks[0] == "." else [whole]
    if marks[-1] != marks[0]:
        return [float(f"{''.join(groups)}.{last}")]
    return [float("".join([*groups, last]))]


def _pieces(plain: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in plain).split(" ")


class NumberWords:
    """Adds up a number in words, one word at a time."""

    def __init__(self, digits: float | None = None) -> None:
        """Start with nothing, or with digits as in `1.2 million`."""
        self._total = 0.0
        self._current = digits or 0.0
        self._last = "" if digits is None else "digits"

    @property
    def value(self) -> float:
        """Return the number so far."""
        return self._total + self._current

    def takes(self, word: str) -> bool:
        """Say whether a folded word goes on with this number, and add it."""
        if word in SMALL and self._takes_small(SMALL[word]):
            self._current += SMALL[word]
            self._last = "small"
        elif word in TENS and self._last in {"", "group"}:
            self._current += TENS[word]
            self._last = "tens"
        elif word in GROUPS and self._last:
            self._group(word)
            self._last = "group"
        else:
            return False
        return True

    def _takes_small(self, value: int) -> bool:
        return self._last in {"", "group"} or (self._last == "tens" and 0 < value < 10)  # noqa: PLR2004 - 21 to 99

    def _group(self, word: str) -> None:
        if word in _WITHIN:
            self._current *= GROUPS[word]
        else:
            self._total, self._current = self._total + self._current * GROUPS[word], 0.0

    @property
    def takes_and(self) -> bool:
        """Say whether `and` may stand next: `two hundred and five`."""
        return self._last == "group"
