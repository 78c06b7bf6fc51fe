"""Reads quantities: numbers in digits or words, with their currency, unit or noun.

Only reading happens here; which quantity needs a label is decided in `metrics`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from proofkit_core.integrity.lexicon import any_of, load_lexicon


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
_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALE = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "hundred": 1e2, "dozen": 12.0,
}  # fmt: skip
_SECONDS = {
    "second": 1.0, "sec": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0, "day": 86400.0,
    "week": 604800.0, "fortnight": 1209600.0, "month": 2629800.0, "quarter": 7889400.0, "year": 31557600.0,
}  # fmt: skip

_DIGITS = r"\d{1,3}(?:[,'. ]\d{3}){1,5}(?![\d,])|\d{1,15}(?!\d)(?:[.,]\d{1,6})?"
_WORD = rf"(?:half a|a|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
_WORDS = rf"{_WORD}(?:[- ](?:and )?(?:{'|'.join(sorted(_SMALL, key=len, reverse=True))}|hundred|thousand|million|billion|dozen)\b){{0,5}}"
_SUFFIX = r"(?:\s?(?:thousand|million|billion|hundred|dozen|bn|mn|k|m)\b)?"
_CURRENCY = r"(?:[$£€¥₹]|(?:usd|gbp|eur|chf|inr)\b)\s?"
_PERCENT = r"\s?(?:%|‰)|\s?(?:percentage points|percent|per cent|pct|basis points|bps)\b"
_MONEY = r"\s?(?:[€£$]|(?:dollars|pounds|euros|cents|pence|francs|rupees|usd|gbp|eur|chf|inr)\b)"
_TIME = (
    r"[\s-]?(?:(?:working|business|calendar|full|whole|extra|more|further|additional)\s)?"
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?|quarters?|years?)\b"
)
_NOT_TIME = rf"(?!{_TIME})"
_TAIL = rf"(?P<percent>{_PERCENT})|(?P<money>{_MONEY})|(?P<time>{_TIME})"
_MID = rf"(?:{_PERCENT}|{_MONEY}|{_TIME})?"
_JOIN = r"\s?(?:-|–|—)\s?|\s(?:to|down to|up to|or|and)\s"

_UNIT = re.compile(_TAIL)
_DIGIT = re.compile(r"\d")

_DIGIT_QUANTITY = re.compile(
    rf"(?<![\w#@/.,:^])(?P<cur>{_CURRENCY})?(?P<n>{_DIGITS})(?P<s>{_SUFFIX})"
    rf"(?:(?P<mid>{_MID})(?:{_JOIN})(?P<cur2>{_CURRENCY})?(?P<n2>{_DIGITS})(?P<s2>{_SUFFIX})(?=[\s%€£$.,;:)\]!?\"'-]|$))?"
    rf"(?:{_TAIL})?"
)
_WORD_QUANTITY = re.compile(
    rf"\b(?=[aefhnostz])(?P<n>{_WORDS})\b(?:(?P<mid>{_MID})\s(?:to|or)\s(?P<n2>{_WORDS})\b)?(?:{_TAIL})?(?P<cur>(?!))?(?P<cur2>(?!))?"
    r"(?P<s>(?!))?(?P<s2>(?!))?"
)
_NOUN = re.compile(r"\s(?:\(h\)\s)?(?P<adjectives>(?:[a-z][a-z'-]+\s){0,2}?)(?P<noun>[a-z][a-z-]*[a-z])\b")
_ONE_NOUN = re.compile(r"\s(?:\(h\)\s)?(?P<noun>[a-z][a-z-]*[a-z])\b")

_FRACTION = re.compile(r"\b(?:(?P<n>a|one|two|three|four)[ -])?(?P<part>thirds?|quarters?|fifths?|tenths?)\b(?! (?:past|to|an?|day))")


@cache
def _share_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w#@/.,:])(?P<n>\d{{1,9}}(?:\.\d{{1,3}})?|{_WORDS})\s(?:out of|in|of)(?:\severy)?\s(?P<n2>\d{{1,9}}|{_WORDS})\b(?!\s?(?:{_TIME}))"
    )


@cache
def _group_pattern() -> re.Pattern[str]:
    nouns = any_of(
        ["team", "teams", "group", "staff", "crew", "class", "cohort", "panel", "audience", "backlog", "queue", "pool",
         "sample", "workload", "network", "portfolio", "fleet", "department", "list"]
    )  # fmt: skip
    return re.compile(rf"\b(?P<group>{nouns}) of (?:about |around |over |up to |more than )?(?P<n>{_DIGITS})(?P<noun> (?!(?:is|was|has|does|this|across|always)\b)[a-z-]+s)?\b(?![%\d]){_NOT_TIME}")


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
        for match in _DIGIT_QUANTITY.finditer(lower):
            if not lower[match.end("n") : match.end("n") + 1].isalpha() or match["s"] or match["time"]:
                yield _quantity(lower, match, in_words=False)
        for match in _group_pattern().finditer(lower):
            noun = (match["noun"] or match["group"]).strip()
            values = (_values(match["n"], ""),)
            yield Quantity(match.start("n"), match.end(), values, UnitKind.COUNT, noun=noun, is_group=True)
    for match in _WORD_QUANTITY.finditer(lower):
        if match["n"] != "a":
            yield _quantity(lower, match, in_words=True)
    for match in _FRACTION.finditer(lower):
        value = {"third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}[match["part"].rstrip("s")]
        count = _SMALL.get(match["n"] or "one", 1)
        yield Quantity(match.start(), match.end(), (frozenset({count * value}),), UnitKind.SHARE, in_words=True)
    for match in _share_pattern().finditer(lower):
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
    middle = _UNIT.fullmatch(match["mid"] or "")
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
    """Return the stem of the counted noun and where it ends: the nearest known noun, else the next word."""
    known = _NOUN.match(lower, end)
    lexicon = load_lexicon()
    place = end
    for _ in range(3):
        word = _ONE_NOUN.match(lower, place)
        if not word:
            break
        if word["noun"] in lexicon.quantities or word["noun"] in lexicon.document:
            return word["noun"], word.end()
        place = word.end()
    if known:
        first = _ONE_NOUN.match(lower, end)
        if first:
            return first["noun"], first.end()
    return "", end


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
        elif word in _SMALL:
            current, seen = current + _SMALL[word], True
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
