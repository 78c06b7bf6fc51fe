"""What a figure is: its numbers, what they measure and what they count."""

from enum import StrEnum
from typing import NamedTuple


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


_MAY_BE_BARE = frozenset({UnitKind.NONE, UnitKind.COUNT, UnitKind.TIME, UnitKind.MONEY})
"""A number without a unit may stand for one of these."""


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
    if one.kind is not other.kind:
        bare = UnitKind.NONE in (one.kind, other.kind)
        return bare and (one.start == one.end or {one.kind, other.kind} <= _MAY_BE_BARE)
    if one.kind in {UnitKind.MONEY, UnitKind.MEASURE}:
        return not one.unit or not other.unit or one.unit == other.unit
    return True


def near(options: frozenset[float], others: frozenset[float]) -> bool:
    """Say whether two numbers may be the same."""
    return any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in options for b in others)
