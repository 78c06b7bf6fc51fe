"""Reads quantities: numbers in digits or words, with their currency, unit or noun.

Only reading happens here; which quantity needs a label is decided in `metrics`.
"""

import re
from collections.abc import Iterator
from itertools import chain

from proofkit_core.integrity.figures.joining import joined
from proofkit_core.integrity.figures.notation import figure_pattern, figure_words
from proofkit_core.integrity.figures.nouns import is_plural, noun_after
from proofkit_core.integrity.figures.numerals import MAGNITUDES, PARTS, SMALL_NUMBERS, digit_values, word_value
from proofkit_core.integrity.figures.quantity import Quantity, UnitKind, near, same_quantity
from proofkit_core.integrity.figures.units import read_before, read_unit

__all__ = ["Quantity", "UnitKind", "is_plural", "near", "read_quantities", "same_quantity"]

_FACTORS = {"hal": 0.5, "dou": 2.0, "twi": 2.0, "tri": 3.0, "tre": 3.0, "qua": 4.0}
_GROUP_BEFORE = 50
_PLACES = frozenset({"house", "wing", "ward", "fleet", "network", "portfolio", "pool", "sample", "list"})
"""`A house of 40 seats` counts seats; `a team of 12 answers` counts the team."""
_PERIODS = (" longer", " later", " earlier", " sooner", " ago")
"""Behind `a quarter` these make it three months."""
_PART = re.compile(r"[ -](?:thirds?|quarters?|fifths?|sixths?|eighths?|ninths?|tenths?|twentieths?|hundredths?)\b")
_QUARTERED = frozenset({"one", "three"})
"""Before `quarters` these make a fraction; two quarters are half a year."""
_OPPOSITE = {":": "ratio", " :": "ratio", "/": "score_of", " /": "score_of"}


def read_quantities(lower: str) -> list[Quantity]:
    """Return the quantities of a folded, lower-case passage, in order, none overlapping.

    Args:
        lower: Folded text.
    """
    readers = (_from_digits, _from_words, _from_fractions, _from_articles, _from_every, _from_factors)
    found = sorted(chain.from_iterable(read(lower) for read in readers), key=_place)
    kept: list[Quantity] = []
    for quantity in found:
        last = kept[-1] if kept else None
        if last is None or quantity.start >= last.end:
            both = joined(lower, last, quantity) if last else None
            if both:
                kept[-1] = both
            else:
                kept.append(quantity)
        elif quantity.kind is not UnitKind.NONE and last.kind is UnitKind.COUNT and quantity.start >= last.stop:
            # A noun phrase that runs into another figure ends before it.
            kept[-1] = last._replace(end=last.stop, kind=UnitKind.NONE, noun="")
            kept.append(quantity)
    return kept


def _place(quantity: Quantity) -> tuple[int, int]:
    return quantity.start, -quantity.end


def _from_digits(lower: str) -> Iterator[Quantity]:
    place = 0
    for match in figure_pattern("digits").finditer(lower):
        start, end = match.span()
        suffix = match["s"] or ""
        number = match.group()[: len(match.group()) - len(suffix)]
        if start < place or _is_code(lower, number, end):
            continue
        against = _OPPOSITE.get(lower[end : end + 2].rstrip("0123456789 ")[:2])
        opposite = figure_pattern(against).match(lower, end) if against else None
        if opposite:
            both = (digit_values(number), digit_values(opposite.group().lstrip(" :/")))
            # 8/10 is a score, and no share unless the text says of what.
            unit = "/" if against == "score_of" and not lower.startswith(" of ", opposite.end()) else ""
            found = Quantity(start, opposite.end(), both, UnitKind.RATIO, unit=unit, stop=opposite.end())
        else:
            found = _with_unit(lower, start, end, digit_values(number), suffix=suffix.strip())
        if found:
            place = found.end
            yield found


def _is_code(lower: str, number: str, end: int) -> bool:
    """Say whether digits belong to a version such as 2.4.1, or begin with a zero that counts nothing."""
    goes_on = lower[end : end + 1] in {".", ","} and lower[end + 1 : end + 2].isdigit()
    return goes_on or (len(number) > 1 and number[0] == "0" and number[1].isdigit())


def _from_words(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("number_word").finditer(lower):
        part = _PART.match(lower, match.end())
        if part and (not part.group().endswith("quarters") or match.group() in _QUARTERED):
            continue
        found = _with_unit(lower, *match.span(), frozenset({word_value(match.group())}), in_words=True)
        if found:
            yield found


def _with_unit(
    lower: str, start: int, end: int, values: frozenset[float], *, suffix: str = "", in_words: bool = False
) -> Quantity | None:
    """Return a number with what stands before and behind it, or nothing where it is part of a name."""
    # `50+` is at least 50.
    end += lower[end : end + 1] == "+" and not lower[end + 1 : end + 2].isdigit()
    unit = read_unit(lower, end)
    before = read_before(lower, start)
    if not unit and lower[end : end + 1].isalpha():
        return None
    kind, name, scale = (unit.kind, unit.name, unit.scale) if unit else (UnitKind.NONE, "", 1.0)
    if before.currency and kind is UnitKind.NONE:
        kind, name = UnitKind.MONEY, before.currency
    if suffix:
        scaled = frozenset(value * MAGNITUDES[suffix] for value in values)
        # A lone m may also be metres.
        values = scaled | values if suffix == "m" and kind is not UnitKind.MONEY else scaled
    if scale != 1.0:
        values = frozenset(value * scale for value in values)
    quantity = Quantity(
        start=before.start,
        end=unit.end if unit else end,
        values=(values,),
        kind=kind,
        in_words=in_words,
        hyphenated=unit is not None and unit.hyphenated,
        unit=name,
        stop=unit.end if unit else end,
        scale=scale,
        signed=before.signed,
    )
    return quantity if kind is not UnitKind.NONE else _counted(lower, quantity)


def _counted(lower: str, quantity: Quantity) -> Quantity:
    """Return a bare number with the noun that it counts, if there is one."""
    group = None
    if lower.find(" of ", max(0, quantity.start - _GROUP_BEFORE), quantity.start) >= 0:
        group = figure_pattern("group").search(lower[max(0, quantity.start - _GROUP_BEFORE) : quantity.start])
    noun, end = noun_after(lower, quantity.end)
    if group:
        known = noun in figure_words("scale") or noun in figure_words("plural")
        plural = noun if known or (is_plural(noun) and group["group"] in _PLACES) else ""
        end = end if plural else quantity.end
        return quantity._replace(kind=UnitKind.COUNT, noun=plural or group["group"], end=end, is_group=True)
    return quantity._replace(kind=UnitKind.COUNT, noun=noun, end=end) if noun else quantity


def _from_fractions(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("fraction").finditer(lower):
        part, end = match["part"], match.end("part")
        value = PARTS[part.removesuffix("s")] * SMALL_NUMBERS.get(match["n"] or "one", 1)
        of_one = match.group().endswith((" a", " an")) or lower.startswith(" hour", end)
        unit = read_unit(lower, match.end()) if of_one else None
        if unit:
            values = (frozenset({value * unit.scale}),)
            yield Quantity(
                match.start(), unit.end, values, unit.kind, in_words=True, unit=unit.name, stop=unit.end,
                scale=unit.scale,
            )  # fmt: skip
        elif (match["n"] or part == "half") and not lower.startswith(_PERIODS, end):
            values = (frozenset({value}),)
            yield Quantity(match.start(), end, values, UnitKind.SHARE, in_words=True, stop=end)


def _from_articles(lower: str) -> Iterator[Quantity]:
    """Yield `an hour` where it is what somebody saves or loses; elsewhere it is a rate or no figure at all."""
    for match in figure_pattern("article_time").finditer(lower):
        unit = read_unit(lower, match.end())
        if unit:
            more = lower.startswith(" and a half", unit.end)
            end = unit.end + len(" and a half") * more
            values = (frozenset({unit.scale * (1.5 if more else 1.0)}),)
            yield Quantity(
                match.start("n"), end, values, unit.kind, in_words=True, unit=unit.name, stop=end, scale=unit.scale
            )


def _from_every(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("every_nth").finditer(lower):
        values = (frozenset({1.0}), frozenset({float(round(1 / PARTS[match["part"]]))}))
        noun, stop = f"{match['noun']}s", match.end("part")
        yield Quantity(match.start(), match.end(), values, UnitKind.RATIO, noun=noun, in_words=True, stop=stop)


def _from_factors(lower: str) -> Iterator[Quantity]:
    for match in figure_pattern("factor").finditer(lower):
        text = match.group()
        value = word_value(text.removesuffix("fold")) if text.endswith("fold") else _FACTORS[text[:3]]
        values = (frozenset({value}),)
        yield Quantity(
            match.start(), match.end(), values, UnitKind.FACTOR, in_words=True, unit="x", stop=match.end()
        )  # fmt: skip
