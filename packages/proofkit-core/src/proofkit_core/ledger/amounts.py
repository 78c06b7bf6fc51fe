"""Reads the numbers and dates of a folded sentence, and says when two of them are the same."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from proofkit_core.faithfulness import stem
from proofkit_core.ledger.rules import (
    Quantity,
    Span,
    UnitKind,
    counted_nouns,
    find_dates,
    find_names,
    is_numbered,
    is_plural,
    near,
    read_quantities,
    same_quantity,
    tokens_of,
)

_DATE = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>[a-z]{3})[a-z]*"
    r"|(?P<m>[a-z]{3})[a-z]*\.?\s(?P<d>\d{1,2})(?!\d)"
)
_WEEKDAY_BEFORE = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s$")
_BEFORE = 40
_CITED = re.compile(r"\[s\d+\]")
_PEOPLE = frozenset({"people", "persons", "team", "staff", "crew", "group", "colleagues", "employees"})
_NOUN_WINDOW = 6
"""A counted noun stands within so many words of its number, parts of joined words counted."""


class Amount(NamedTuple):
    """A number with its unit or noun, or a date."""

    low: int
    high: int
    """Place in the folded sentence."""
    quantity: Quantity
    date: str = ""
    """A date in one plain form, such as `22 may`."""

    @property
    def in_digits(self) -> bool:
        """Say whether it is written in digits."""
        return not self.quantity.in_words


def read_amounts(lower: str) -> tuple[Amount, ...]:
    """Return the numbers and dates of a folded, lower-case sentence, in order."""
    dates = [_dated(lower, *span) for span in find_dates(lower)]
    taken = [(date.low, date.high) for date in dates] + [found.span() for found in _CITED.finditer(lower)]
    taken += find_names(lower)
    read = [quantity for quantity in read_quantities(lower) if any(quantity.values) and not _overlaps(quantity, taken)]
    numbers = [Amount(each.start, end, each) for each in read if (end := _end_of(each, lower)) > each.start]
    return tuple(sorted([*dates, *numbers], key=lambda amount: amount.low))


def same_amount(one: Amount, other: Amount, lower: str) -> bool:
    """Say whether an amount of a source carries an amount of a statement.

    Args:
        one: The statement's.
        other: The source's.
        lower: The source's sentence; a counted noun has to stand right behind the number there.
    """
    if one.date or other.date:
        return one.date == other.date
    if not same_quantity(one.quantity, other.quantity):
        return False
    if one.quantity.kind is UnitKind.COUNT and other.quantity.kind is not UnitKind.NONE:
        behind = [stem(token.word) for token in tokens_of(lower[other.low :])[:_NOUN_WINDOW]]
        both_people = one.quantity.noun in _PEOPLE and other.quantity.noun in _PEOPLE
        return both_people or stem(one.quantity.noun) in behind
    if one.quantity.kind is UnitKind.TIME:
        return other.quantity.kind in {UnitKind.TIME, UnitKind.NONE}
    return True


def same_values(one: Amount, other: Amount) -> bool:
    """Say whether two amounts hold the same numbers, whatever they count."""
    if one.date or other.date:
        return one.date == other.date
    mine, theirs = _unscaled(one.quantity), _unscaled(other.quantity)
    return all(any(near(options, others) for others in theirs) for options in mine)


def _unscaled(quantity: Quantity) -> list[frozenset[float]]:
    """Return the numbers as they are written, whatever their unit multiplies them with."""
    return [frozenset(value / quantity.scale for value in options) for options in quantity.values]


def _overlaps(quantity: Quantity, taken: Sequence[Span]) -> bool:
    return any(quantity.start < high and low < quantity.end for low, high in taken)


def _end_of(quantity: Quantity, lower: str) -> int:
    """Return where a quantity ends; a word behind it belongs to it only if it is something that is counted.

    What is no quantity, such as the `one` of `the other one` or the number of a step, ends where it starts.
    """
    if quantity.kind is UnitKind.SHARE and quantity.in_words and not lower.startswith(" of ", quantity.end):
        return quantity.start  # `a third thing` is no third
    bare = quantity.kind in {UnitKind.COUNT, UnitKind.NONE} and not quantity.is_group
    if bare and is_numbered(lower[max(0, quantity.start - _BEFORE) : quantity.start]):
        return quantity.start
    behind = lower[quantity.stop : quantity.end].strip()
    is_counted = quantity.noun in counted_nouns() or (is_plural(quantity.noun) and not quantity.in_words)
    if bare and lower[quantity.start : quantity.stop] == "one" and not (is_counted and behind == quantity.noun):
        return quantity.start
    return quantity.stop if bare and not is_counted else quantity.end


def _dated(lower: str, low: int, high: int) -> Amount:
    before = _WEEKDAY_BEFORE.search(lower, 0, low)
    parts = _DATE.search(lower, low, high)
    day, month = (parts["day"] or parts["d"], parts["month"] or parts["m"]) if parts else ("", "")
    date = f"{int(day)} {month}" if parts else " ".join(lower[low:high].split())
    low = before.start() if before else low
    return Amount(low, high, Quantity(low, high, (), UnitKind.NONE), date)
