"""Reads quantities: numbers in digits or words, with their currency, unit or noun.

Only reading happens here; which quantity needs a label is decided in `metrics`.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from proofkit_core.integrity.notation import figure_pattern, figure_words
from proofkit_core.integrity.numerals import MAGNITUDES, PARTS, SMALL_NUMBERS, digit_values, word_value


class UnitKind(StrEnum):
    """What a number measures."""

    PERCENT = "percent"
    MONEY = "money"
    TIME = "time"
    MEASURE = "measure"
    """A length, a weight, a volume, an energy."""
    COUNT = "count"
    SHARE = "share"
    """A fraction: a third, 0.3 of."""
    RATIO = "ratio"
    """Two numbers set against each other: 1 in 25, 4:1, 4.6/5."""
    FACTOR = "factor"
    """How many times as much: 2x, tenfold, halves."""
    NONE = "none"


class Quantity(NamedTuple):
    """A number, or a range of two, with what it measures."""

    start: int
    end: int
    """Range in the folded passage, unit and noun included."""
    values: tuple[frozenset[float], ...]
    """For each number the values it may stand for; `1.200` may be 1200 or 1.2."""
    kind: UnitKind
    noun: str = ""
    """The noun that is counted."""
    in_words: bool = False
    hyphenated: bool = False
    """Written as `15-minute`, before another noun."""
    unit: str = ""
    is_group: bool = False
    """Written as `team of 8`."""
    stop: int = 0
    """Where the number with its unit ends, before its noun."""
    scale: float = 1.0
    """What its unit multiplied its values with."""
    signed: bool = False
    """Written with a plus or a minus, or with an arrow between two numbers."""


_SECONDS = {
    "second": 1.0, "sec": 1.0, "s": 1.0, "ms": 0.001, "minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0,
    "h": 3600.0, "day": 86400.0, "week": 604800.0, "fortnight": 1209600.0, "month": 2629800.0, "quarter": 7889400.0,
    "year": 31557600.0,
}  # fmt: skip
_CURRENCIES = {
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "quid": "gbp", "pence": "gbp", "€": "eur", "eur": "eur", "euro": "eur",
    "$": "$", "us$": "$", "usd": "$", "dollar": "$", "buck": "$", "chf": "chf", "fr": "chf", "franc": "chf",
    "kr": "kr", "sek": "kr", "nok": "kr", "dkk": "kr", "krone": "kr", "kroner": "kr", "kronor": "kr",
    "zł": "pln", "pln": "pln", "zloty": "pln", "₹": "inr", "inr": "inr", "rs": "inr", "rupee": "inr",
    "¥": "jpy", "jpy": "jpy", "yen": "jpy",
}  # fmt: skip
_FACTORS = {"hal": 0.5, "dou": 2.0, "twi": 2.0, "two": 2.0, "tri": 3.0, "tre": 3.0, "qua": 4.0}
_CENT = 0.01
_BEFORE = 12
"""A currency or a sign stands within so many characters before its number."""
_GROUP_BEFORE = 50
_SIGNS = "-+±–"
_RANGES = frozenset({"-", "–", "—", " - ", " – ", " — ", " to ", " down to ", " up to ", " or "})
_ARROWS = frozenset({"->", " -> ", "→", " → ", "=>", " => "})
_SETS = re.compile(r" (?:in|out of|of)(?: (?:every|the|all|our|its|their))? $")
_PERIODS = (" longer", " later", " earlier", " sooner", " ago")
"""Behind `a quarter` these make it three months."""
_PART = re.compile(r"[ -](?:thirds?|quarters?|fifths?|sixths?|eighths?|ninths?|tenths?|twentieths?|hundredths?)\b")
_QUARTERED = frozenset({"one", "three"})
"""Before `quarters` these make a fraction; two quarters are half a year."""


def read_quantities(lower: str) -> list[Quantity]:
    """Return the quantities of a folded, lower-case passage, in order, none overlapping.

    Args:
        lower: Folded text.
    """
    found = [*_from_digits(lower), *_from_words(lower), *_from_fractions(lower), *_from_factors(lower)]
    found.sort(key=lambda quantity: (quantity.start, -quantity.end))
    kept: list[Quantity] = []
    for quantity in found:
        last = kept[-1] if kept else None
        if last is None or quantity.start >= last.end:
            joined = _joined(lower, last, quantity) if last else None
            if joined:
                kept[-1] = joined
            else:
                kept.append(quantity)
        elif quantity.kind is not UnitKind.NONE and last.kind is UnitKind.COUNT and quantity.start >= last.stop:
            # A noun phrase that runs into a multiplier ends before it.
            kept[-1] = last._replace(end=last.stop, kind=UnitKind.NONE, noun="")
            kept.append(quantity)
    return kept


def _from_digits(lower: str) -> Iterator[Quantity]:
    place = 0
    for match in figure_pattern("digits").finditer(lower):
        start, end = match.span()
        suffix = match["s"] or ""
        after = lower[end : end + 1]
        if start < place or (after in {".", ","} and lower[end + 1 : end + 2].isdigit()):
            continue
        number = match.group()[: len(match.group()) - len(suffix)]
        if len(number) > 1 and number[0] == "0" and number[1].isdigit():
            continue
        opposite = figure_pattern("ratio" if after in {":", " "} else "score_of").match(lower, end)
        if opposite and (after != " " or ":" in opposite.group()):
            place = opposite.end()
            both = (digit_values(number), digit_values(opposite.group().lstrip(" :/")))
            yield Quantity(start, place, both, UnitKind.RATIO, stop=place)
            continue
        found = _with_unit(lower, start, end, _scaled(digit_values(number), suffix.strip()))
        if found:
            place = found.end
            yield found


def _scaled(values: frozenset[float], suffix: str) -> frozenset[float]:
    if not suffix:
        return values
    scaled = frozenset(value * MAGNITUDES[suffix] for value in values)
    # A lone m may also be metres.
    return scaled | values if suffix == "m" else scaled


def _from_words(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("number_word").finditer(lower):
        part = _PART.match(lower, match.end())
        if part and (not part.group().endswith("quarters") or match.group() in _QUARTERED):
            continue
        found = _with_unit(lower, *match.span(), frozenset({word_value(match.group())}), in_words=True)
        if found:
            yield found


def _with_unit(
    lower: str, start: int, end: int, values: frozenset[float], *, in_words: bool = False
) -> Quantity | None:
    """Return a number with what stands before and behind it, or nothing where it is part of a name."""
    unit = figure_pattern("unit").match(lower, end)
    money, first, signed = _before(lower, start)
    kind, name, scale, hyphenated = UnitKind.NONE, "", 1.0, False
    if unit and unit.lastgroup:
        kind, name, scale = _unit(unit)
        hyphenated = "-" in unit.group()[:1]
        end = unit.end()
    elif lower[end : end + 1].isalpha() or (lower[end : end + 1] == "p" and not money):
        return None
    if money and kind is UnitKind.NONE:
        kind, name = UnitKind.MONEY, money
    values = frozenset(value * scale for value in values)
    quantity = Quantity(
        first, end, (values,), kind, "", in_words, hyphenated, name, stop=end, scale=scale, signed=signed
    )
    return quantity if kind is not UnitKind.NONE else _counted(lower, quantity)


def _before(lower: str, start: int) -> tuple[str, int, bool]:
    """Return the currency before a number, where number and currency begin, and whether it has a sign."""
    window = lower[max(0, start - _BEFORE) : start]
    money = figure_pattern("before_money").search(window) if window[-1:] and not window[-1].isdigit() else None
    first = start - len(money.group()) if money else start
    name = _CURRENCIES.get(money.group().strip(" ."), "$") if money else ""
    stripped = lower[max(0, first - 2) : first].rstrip(" ")
    signed = stripped[-1:] in _SIGNS and stripped[-1:] != "" and not lower[first - len(stripped) - 1 : first].strip(
        _SIGNS + " ("
    )
    return name, first, signed


def _unit(unit: re.Match[str]) -> tuple[UnitKind, str, float]:
    text = unit.group().strip(" -")
    if unit["percent"]:
        small = {"‰": 0.1, "bps": _CENT, "basis points": _CENT}
        return UnitKind.PERCENT, "%", small.get(text, 1.0)
    if unit["money"]:
        name = text.removesuffix("s") if len(text) > 2 else text  # noqa: PLR2004 - rs and fr are whole
        return UnitKind.MONEY, _CURRENCIES.get(name, ""), _CENT if name in {"pence", "cent"} else 1.0
    if unit["time"] or unit["short_time"]:
        name = re.split(r"[\s-]", text)[-1]
        name = name if name in _SECONDS else name.removesuffix("s")
        return UnitKind.TIME, name, _SECONDS[name]
    if unit["measure"]:
        return UnitKind.MEASURE, text.removesuffix("s"), 1.0
    return UnitKind.FACTOR, "x", 1.0


def _counted(lower: str, quantity: Quantity) -> Quantity:
    """Return a bare number with the noun that it counts, if there is one."""
    group = None
    if lower.find(" of ", max(0, quantity.start - _GROUP_BEFORE), quantity.start) >= 0:
        group = figure_pattern("group").search(lower[max(0, quantity.start - _GROUP_BEFORE) : quantity.start])
    noun, end = noun_after(lower, quantity.end)
    if group:
        plural = noun if end > quantity.end and is_plural(noun) else ""
        end = end if plural else quantity.end
        return quantity._replace(kind=UnitKind.COUNT, noun=plural or group["group"], end=end, is_group=True)
    return quantity._replace(kind=UnitKind.COUNT, noun=noun, end=end) if noun else quantity


def noun_after(lower: str, place: int) -> tuple[str, int]:
    """Return the noun of the phrase behind a number, and where it ends.

    The phrase ends at the first word of a closed class; its noun is its first plural, else its first word.

    Args:
        lower: Folded text.
        place: Where the number ends.
    """
    match = figure_pattern("phrase").match(lower, place)
    stop = figure_words("stop") if match else frozenset[str]()
    comparative = figure_words("comparative") if match else frozenset[str]()
    first: tuple[str, int] | None = None
    for group in ("first", "second", "third"):
        word = match[group] if match else None
        if not match or not word or (word in stop and word not in comparative) or word in SMALL_NUMBERS:
            break
        if word in comparative:
            continue
        if is_plural(word):
            return word, match.end(group)
        first = first or (word, match.end(group))
    return first or ("", place)


def is_plural(word: str) -> bool:
    """Say whether a word looks like a plural noun."""
    return (word.endswith("s") and not word.endswith(("ss", "us", "is", "'s"))) or word in figure_words("plural")


def _from_fractions(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("fraction").finditer(lower):
        part = match["part"]
        value = PARTS[part.removesuffix("s") if part != "half" else part]
        value *= SMALL_NUMBERS.get(match["n"] or "one", 1)
        end = match.end("part")
        whole = match.group().endswith((" a", " an"))
        unit = figure_pattern("unit").match(lower, match.end()) if whole or lower.startswith(" hour", end) else None
        if unit:
            kind, name, scale = _unit(unit)
            yield Quantity(
                match.start(), unit.end(), (frozenset({value * scale}),), kind, "", True, False, name,
                stop=unit.end(), scale=scale,
            )  # fmt: skip
        elif (match["n"] or part == "half") and not lower.startswith(_PERIODS, end):
            values = (frozenset({value}),)
            yield Quantity(match.start(), end, values, UnitKind.SHARE, in_words=True, stop=end)


def _from_factors(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("factor").finditer(lower):
        text = match.group()
        value = word_value(text.removesuffix("fold")) if text.endswith("fold") else _FACTORS[text[:3]]
        yield Quantity(
            *match.span(), (frozenset({value}),), UnitKind.FACTOR, in_words=True, unit="x", stop=match.end()
        )


def _joined(lower: str, one: Quantity, other: Quantity) -> Quantity | None:
    """Return two neighbours as a range or as a share, or nothing where they stand apart."""
    gap = lower[one.end : other.start]
    if len(gap) > len(" out of every ") or not gap:
        return None
    is_range = gap in _RANGES or (gap == " and " and lower.endswith(("between ", "both "), 0, one.start))
    is_arrow = gap in _ARROWS
    if (is_range or is_arrow) and _may_join(one, other, is_arrow=is_arrow):
        return _range(one, other, is_arrow=is_arrow)
    bare = one.kind is UnitKind.NONE and other.kind in {UnitKind.NONE, UnitKind.COUNT} and not other.is_group
    if bare and _SETS.match(gap) and max(one.values[0]) < max(other.values[0]) and not other.signed:
        values = (one.values[0], other.values[0])
        return other._replace(start=one.start, values=values, kind=UnitKind.RATIO, in_words=one.in_words)
    return None


def _may_join(one: Quantity, other: Quantity, *, is_arrow: bool) -> bool:
    if len(one.values) > 1 or len(other.values) > 1:
        return False
    if one.kind is other.kind:
        return one.noun == other.noun and (one.unit == other.unit or one.kind is UnitKind.TIME)
    if one.kind is UnitKind.NONE:
        return other.kind not in {UnitKind.FACTOR, UnitKind.SHARE} or is_arrow
    return other.kind is UnitKind.NONE and one.kind is not UnitKind.FACTOR


def _range(one: Quantity, other: Quantity, *, is_arrow: bool) -> Quantity:
    first, second = one.values[0], other.values[0]
    if one.kind is UnitKind.NONE:
        first = frozenset(value * other.scale for value in first)
        thousands = [size for size in (1e3, 1e6) if min(second) >= size > max(first)]
        first |= {value * size for value in first for size in thousands}
    elif other.kind is UnitKind.NONE:
        second = frozenset(value * one.scale for value in second)
    whole = other if other.kind is not UnitKind.NONE else one
    return whole._replace(
        start=one.start,
        end=other.end,
        stop=other.stop,
        values=(first, second),
        in_words=one.in_words and other.in_words,
        signed=is_arrow or one.signed,
    )


def same_quantity(one: Quantity, other: Quantity) -> bool:
    """Say whether every number of the first is a number of the second, in the same kind of unit."""
    if not same_kind(one, other):
        return False
    mine, theirs = one.values, other.values
    if one.kind is not other.kind:
        # A bare number may stand for one of the other's units: `down from 26`, where a fact says 26 minutes.
        mine = tuple(frozenset(value / one.scale for value in options) for options in mine)
        theirs = tuple(frozenset(value / other.scale for value in options) for options in theirs)
    return all(any(near(options, others) for others in theirs) for options in mine)


def same_kind(one: Quantity, other: Quantity) -> bool:
    """Say whether two quantities may measure the same: one of them bare, or both alike."""
    if one.kind is UnitKind.PERCENT and other.kind is UnitKind.NONE:
        return one.start == one.end
    if one.kind is not other.kind:
        return UnitKind.NONE in (one.kind, other.kind)
    if one.kind in {UnitKind.MONEY, UnitKind.MEASURE}:
        return not one.unit or not other.unit or one.unit == other.unit
    return True


def near(options: frozenset[float], others: frozenset[float]) -> bool:
    """Say whether two numbers may be the same."""
    return any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in options for b in others)
