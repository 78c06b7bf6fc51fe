"""Reads quantities: numbers in digits or words, with their currency, unit or noun.

Only reading happens here; which quantity needs a label is decided in `metrics`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from proofkit_core.integrity.lexicon import SMALL_NUMBERS, load_lexicon
from proofkit_core.integrity.patterns import pattern


class UnitKind(StrEnum):
    """What a number measures."""

    PERCENT = "percent"
    MONEY = "money"
    TIME = "time"
    COUNT = "count"
    SHARE = "share"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or a range of two, with what it measures."""

    start: int
    end: int
    """Range in the folded passage, unit and noun included."""
    values: tuple[frozenset[float], ...]
    """For each number the values it may stand for; `1.200` may be 1200 or 1.2."""
    kind: UnitKind
    noun: str = ""
    """Stem of the noun that is counted."""
    in_words: bool = False
    hyphenated: bool = False
    """Written as `15-minute`, before another noun."""
    unit: str = ""
    is_group: bool = False
    """Written as `team of 8`."""


_WEAK = frozenset({UnitKind.COUNT, UnitKind.NONE})
_SCALE = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "hundred": 1e2,
    "dozen": 12.0,
}  # fmt: skip
_SECONDS = {
    "second": 1.0, "sec": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0, "day": 86400.0,
    "week": 604800.0, "fortnight": 1209600.0, "month": 2629800.0, "quarter": 7889400.0, "year": 31557600.0,
}  # fmt: skip

_DIGIT = re.compile(r"\d")
_PARTS = {"third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}
_NOUN_WINDOW = 3
"""A counted noun stands within so many words of its number."""


def read_quantities(lower: str) -> list[Quantity]:
    """Return the quantities of a folded, lower-case passage, in order, none overlapping.

    Args:
        lower: Folded text.
    """
    found: list[Quantity] = []
    taken = -1
    for quantity in sorted(_candidates(lower), key=lambda q: (q.start, q.kind in _WEAK and not q.is_group, -q.end)):
        if quantity.start >= taken:
            found.append(quantity)
            taken = quantity.end
    return found


def _candidates(lower: str) -> Iterator[Quantity]:
    if _DIGIT.search(lower):
        for match in pattern("digit_quantity").finditer(lower):
            if not lower[match.end("n") : match.end("n") + 1].isalpha() or match["s"] or match["time"]:
                yield _quantity(lower, match, in_words=False)
        for match in pattern("group").finditer(lower):
            noun = (match["noun"] or match["group"]).strip()
            values = (_values(match["n"], ""),)
            yield Quantity(match.start("n"), match.end(), values, UnitKind.COUNT, noun=noun, is_group=True)
    for match in pattern("word_quantity").finditer(lower):
        if match["n"] != "a":
            yield _quantity(lower, match, in_words=True)
    for match in pattern("fraction").finditer(lower):
        value = _PARTS[match["part"].rstrip("s")]
        count = SMALL_NUMBERS.get(match["n"] or "one", 1)
        yield Quantity(match.start(), match.end(), (frozenset({count * value}),), UnitKind.SHARE, in_words=True)
    for match in pattern("share").finditer(lower):
        values = (_values(match["n"], ""), _values(match["n2"], ""))
        if _is_share(values):
            yield Quantity(match.start(), match.end(), values, UnitKind.SHARE, in_words=not match["n"][0].isdigit())


def _is_share(values: tuple[frozenset[float], ...]) -> bool:
    return bool(values[0] and values[1]) and max(values[0]) < max(values[1])


def _quantity(lower: str, match: re.Match[str], *, in_words: bool) -> Quantity:
    numbers = [_values(match["n"], match["s"] or "")]
    if match["n2"]:
        numbers.append(_values(match["n2"], match["s2"] or ""))
    start, end = match.span()
    middle = pattern("unit").fullmatch(match["mid"] or "")
    unit = middle if middle and not (match["percent"] or match["money"] or match["time"]) else match
    if unit["percent"]:
        return Quantity(start, end, tuple(numbers), UnitKind.PERCENT, in_words=in_words)
    if match["cur"] or match["cur2"] or unit["money"]:
        return Quantity(start, end, tuple(numbers), UnitKind.MONEY, in_words=in_words)
    if unit["time"]:
        name = unit["time"].strip(" -").split(" ")[-1].rstrip("s")
        values = tuple(frozenset(value * _SECONDS[name] for value in options) for options in numbers)
        hyphenated = unit["time"].startswith("-")
        return Quantity(start, end, values, UnitKind.TIME, in_words=in_words, hyphenated=hyphenated, unit=name)
    noun, end = _noun_after(lower, end)
    kind = UnitKind.COUNT if noun else UnitKind.NONE
    return Quantity(start, end, tuple(numbers), kind, noun=noun, in_words=in_words)


def _noun_after(lower: str, end: int) -> tuple[str, int]:
    """Return the counted noun and where it ends: the nearest known one, else the next word."""
    lexicon = load_lexicon()
    first: re.Match[str] | None = None
    place = end
    for _ in range(_NOUN_WINDOW):
        word = pattern("counted_noun").match(lower, place)
        if not word:
            break
        if word["noun"] in lexicon.quantities or word["noun"] in lexicon.document:
            return word["noun"], word.end()
        first = first or word
        place = word.end()
    return (first["noun"], first.end()) if first else ("", end)


def _values(number: str, suffix: str) -> frozenset[float]:
    scale = suffix.strip()
    if not number[:1].isdigit():
        value = _word_value(number)
        return frozenset() if value is None else frozenset({value})
    plain = {float(number.replace(",", "").replace("'", "").replace(" ", "").replace(".", "", number.count(".") - 1))}
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", number):
        plain.add(float(number.replace(".", "")))
    if re.fullmatch(r"\d+,\d{1,2}", number):
        plain = {float(number.replace(",", "."))}
    if not scale:
        return frozenset(plain)
    scaled = {value * _SCALE[scale] for value in plain}
    # A lone m may also be metres.
    return frozenset(scaled | plain if scale == "m" else scaled)


def _word_value(words: str) -> float | None:
    total, current, seen = 0.0, 0.0, False
    if words.startswith("half a"):
        current, seen, words = 0.5, True, words[6:]
    for word in re.split(r"[- ]+", words.strip()):
        if word in {"and", ""}:
            continue
        if word == "a":
            current = 1.0
        elif word in SMALL_NUMBERS:
            current, seen = current + SMALL_NUMBERS[word], True
        elif word in {"hundred", "dozen"}:
            current, seen = (current or 1.0) * _SCALE[word], True
        else:
            total, current, seen = total + (current or 1.0) * _SCALE[word], 0.0, True
    return total + current if seen else None


def same_quantity(one: Quantity, other: Quantity) -> bool:
    """Say whether every number of the first is a number of the second, in the same kind of unit."""
    if one.kind != other.kind and UnitKind.NONE not in (one.kind, other.kind):
        return False
    return all(any(_near(options, others) for others in other.values) for options in one.values)


def _near(options: frozenset[float], others: frozenset[float]) -> bool:
    return any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in options for b in others)
