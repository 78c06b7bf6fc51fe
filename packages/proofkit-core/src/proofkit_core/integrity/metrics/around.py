"""A figure with what stands around it, and what that says: a change, a gain, a rate, the label of a value."""

import re
from typing import NamedTuple

from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.figures.quantity import Quantity

CLAUSE_MARKS = frozenset({"", ".", ":", ";", ",", "!", "?", "("})
"""What stands before a figure that opens its clause."""
_LABEL_BEFORE = re.compile(r"(?:^|[.!?;,(] ?|- )([a-z][^:.!?;]{2,60}): ?$")
_TO = re.compile(r"\b(?:to|by|under|below|above|over|than|at)(?: (?:only|just|about|around|nearly|almost|a|an))*? $")
_GAINING = re.compile(r"(?:sav|spar|free|gain|los|wast|add|win|won|cost|shav|cut|av|prev)")


class Around(NamedTuple):
    """A figure with what stands around it, folded."""

    quantity: Quantity
    words: str
    """The figure itself."""
    before: str
    """Its sentence up to it."""
    after: str
    """What follows its unit."""
    behind: str
    """What follows its noun."""
    clause: str
    sentence: str
    header: str
    row_label: str
    whole: str
    """A list item, a cell or a short line, whole; empty for prose."""
    is_cell: bool
    is_header: bool
    is_named: bool


def largest(quantity: Quantity) -> float:
    """Return the largest number that a figure may stand for."""
    return max(max(options) for options in quantity.values)


def is_change(around: Around) -> bool:
    """Say whether a figure tells by how much or to what something changes."""
    return bool(
        figure_pattern("change_to").search(around.before)
        or around.quantity.signed
        or figure_pattern("more_after").match(around.after)
        or around.before.endswith(" by ")
    )


def is_moved(around: Around) -> bool:
    """Say whether a verb or a comparison directs the figure."""
    return is_change(around) or is_object(around) or figure_pattern("change_direct").search(around.before) is not None


def is_moved_to(around: Around) -> bool:
    """Say whether something changes to or by a figure in words; `from two buildings` is a place."""
    return figure_pattern("change_to").search(around.before) is not None and (
        len(around.quantity.values) > 1 or ends_in_to(around)
    )


def ends_in_to(around: Around) -> bool:
    """Say whether `to`, `by`, `under` or the like leads to the figure."""
    return _TO.search(around.before) is not None


def is_object(around: Around) -> bool:
    """Say whether a verb such as `saves`, `costs` or `serves` has the figure as its object."""
    return figure_pattern("gain").search(around.before) is not None


def is_gained(around: Around) -> bool:
    """Say whether a figure is what somebody saves, gains or loses."""
    gain = figure_pattern("gain").search(around.before)
    if gain is None:
        return False
    return _GAINING.match(gain.group()) is not None or (gain.group().startswith("g") and " back " in gain.group())


def is_less(around: Around) -> bool:
    """Say whether the figure is how much fewer or less there is."""
    return figure_pattern("less_after").match(around.after) is not None


def is_rate(around: Around) -> bool:
    """Say whether a figure is so much a day, an hour, a head."""
    return figure_pattern("rate_after").match(around.behind) is not None


def label_of_value(around: Around) -> str:
    """Return the label of a figure written as `label: figure`, or in a cell, or nothing."""
    if around.is_cell:
        return f"{around.row_label} {around.header}"
    found = _LABEL_BEFORE.search(around.before)
    return found[1] if found else ""
