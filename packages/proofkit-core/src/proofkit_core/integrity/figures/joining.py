"""Puts neighbouring figures together: ranges, shares, hours and minutes."""

import re

from proofkit_core.integrity.figures.quantity import Quantity, UnitKind
from proofkit_core.integrity.figures.units import CENT

_LONGEST = 30
_DASHES = ("-", "\u2013", "\u2014")
_RANGES = frozenset({*_DASHES, *(f" {dash} " for dash in _DASHES), " to ", " down to ", " up to ", " or "})
_ARROWS = frozenset({"->", " -> ", "→", " → ", "=>", " => "})
_TO = re.compile(
    r"(?: (?:a|an|per|each|every) \w{3,9})? (?:down |up )?to(?: (?:just|only|about|around|nearly|under|over))?(?: a)? "
)
_YEARS = range(1900, 2100)
_SETS = re.compile(r" (?:in|out of|of)(?: (?:every|the|all|our|its|their))? $")


def joined(lower: str, one: Quantity, other: Quantity) -> Quantity | None:
    """Return two neighbours as a range or as a share, or nothing where they stand apart."""
    gap = lower[one.end : other.start]
    if gap in {" ", " and "} and _adds_up(one, other):
        return _sum(one, other)
    if len(gap) > _LONGEST or not gap:
        return None
    is_range = (
        gap in _RANGES
        or _TO.fullmatch(gap) is not None
        or (gap == " and " and lower.endswith(("between ", "both "), 0, one.start))
    )
    is_arrow = gap in _ARROWS
    if (is_range or is_arrow) and _may_join(one, other, is_arrow=is_arrow):
        return _range(one, other, is_arrow=is_arrow)
    if gap == " in " and one.kind is UnitKind.COUNT and other.kind is UnitKind.NONE and _is_part(one, other):
        return one._replace(end=other.end, stop=other.end, values=(*one.values, *other.values), kind=UnitKind.RATIO)
    bare = one.kind is UnitKind.NONE and other.kind in {UnitKind.NONE, UnitKind.COUNT} and not other.is_group
    if bare and _SETS.match(gap) and _is_part(one, other):
        values = (one.values[0], other.values[0])
        return other._replace(start=one.start, values=values, kind=UnitKind.RATIO, in_words=one.in_words)
    return None


def _is_range(quantity: Quantity) -> bool:
    return len(quantity.values) > 1


def _is_part(one: Quantity, other: Quantity) -> bool:
    """Say whether one number may be a part of the other, which is no year."""
    part, whole = max(one.values[0]), max(other.values[0])
    return part < whole and not other.signed and whole not in _YEARS


def _adds_up(one: Quantity, other: Quantity) -> bool:
    """Say whether two quantities are one: 1 hour 20 minutes, two pounds forty."""
    if _is_range(one) or _is_range(other):
        return False
    if one.kind is other.kind is UnitKind.TIME:
        return one.scale > other.scale and not one.hyphenated
    pence = one.kind is UnitKind.MONEY and one.in_words and other.kind is UnitKind.NONE
    return pence and max(other.values[0]) < 1 / CENT


def _sum(one: Quantity, other: Quantity) -> Quantity:
    scale = 1.0 if other.kind is UnitKind.TIME else CENT
    values = frozenset(a + b * scale for a in one.values[0] for b in other.values[0])
    return one._replace(end=other.end, stop=other.stop, values=(values,), unit=other.unit or one.unit)


def _may_join(one: Quantity, other: Quantity, *, is_arrow: bool) -> bool:
    if _is_range(one) or _is_range(other):
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
        # `5 to 10k` is from 5k on.
        sizes = [size for size in (1e3, 1e6) if min(second) >= size > max(first)]
        first = first.union(value * size for value in first for size in sizes)
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
