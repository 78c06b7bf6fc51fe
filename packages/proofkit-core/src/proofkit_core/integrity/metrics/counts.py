"""Decides which counts and bare numbers are metrics: how many there are; not names, years or parts of the document."""

import re

from proofkit_core.integrity.figures.notation import figure_pattern, figure_words
from proofkit_core.integrity.figures.nouns import is_plural
from proofkit_core.integrity.metrics.around import (
    Around,
    is_change,
    is_gained,
    is_less,
    is_moved,
    is_moved_to,
    is_object,
    is_rate,
    label_of_value,
    largest,
)

_MANY = 10
"""So many things are a scale, whatever they are."""
_BIG_WORD = 100
_YEAR = re.compile(r"(?:19|20)\d\d(?![\d.,'])")
_ENDS = re.compile(r"\s*(?:[.;,!)]|$|\s[-\u2013\u2014(])")
_GROUPED = re.compile(r"\d[,.']\d{3}(?!\d)|\d(?:k|m|bn)$|illion$|thousand$")
_HOURS = re.compile(r"\b(?:open|shut|close\w*|opens|shift|between|hours?)\b")
_ROUND = ("a ", "hundred", "thousand")


def is_count_metric(around: Around) -> bool:
    """Say whether a number of things tells an outcome or a scale."""
    quantity, noun = around.quantity, around.quantity.noun
    if around.is_named or (_YEAR.match(around.words) and noun not in figure_words("scale")):
        return False
    if noun in figure_words("document") and not quantity.signed and not is_rate(around):
        return largest(quantity) > _BIG_WORD
    if quantity.in_words:
        return is_less(around) or _is_many_in_words(around)
    if quantity.is_group or quantity.signed or noun in figure_words("scale"):
        return True
    return (is_plural(noun) and largest(quantity) >= _MANY) or is_rate(around) or is_change(around)


def _is_many_in_words(around: Around) -> bool:
    """Say whether a count in words is more than a detail of a plan."""
    size = largest(around.quantity)
    if not is_plural(around.quantity.noun) or size <= 1:
        return False
    is_round = around.words.startswith(_ROUND) and (around.is_cell or around.quantity.noun not in figure_words("scale"))
    is_big = size >= _BIG_WORD and not is_round
    return is_big or is_moved_to(around) or is_gained(around) or (is_rate(around) and is_moved(around))


def is_bare_metric(around: Around) -> bool:
    """Say whether a number without unit or noun tells an outcome or a scale."""
    quantity = around.quantity
    is_year = _YEAR.fullmatch(around.words) and not quantity.signed
    if around.is_named or is_year or around.before.endswith("per "):
        return False
    if quantity.in_words:
        # Between nine and five a shop is open.
        ends = _ENDS.match(around.behind) and not _HOURS.search(around.before)
        return bool(ends) and (is_moved_to(around) or around.before.endswith(" factor of "))
    return _is_amount(around) or _is_moved_number(around) or _is_value(around)


def _is_amount(around: Around) -> bool:
    """Say whether a bare number is a rate, a difference, a score, a large amount or what a verb has as its object."""
    quantity = around.quantity
    return bool(
        _GROUPED.search(around.words)
        or is_rate(around)
        or quantity.signed
        or figure_pattern("score").search(around.before)
        or (largest(quantity) >= _MANY and is_object(around))
    )


def _is_moved_number(around: Around) -> bool:
    moved = figure_pattern("change_to").search(around.before) or figure_pattern("more_after").match(around.after)
    return moved is not None and not _HOURS.search(around.before)


def _is_value(around: Around) -> bool:
    """Say whether a number is all that a cell says, or all that follows a label."""
    label = label_of_value(around)
    if around.is_cell and figure_pattern("bare_cell").match(around.whole):
        if figure_pattern("row_header").fullmatch(around.header.strip()):
            return False
        return largest(around.quantity) >= _MANY or figure_pattern("value_header").search(label) is not None
    named = figure_words("document") | figure_words("numbered")
    return bool(label) and not around.is_cell and label.split()[-1] not in named and bool(_ENDS.match(around.behind))
