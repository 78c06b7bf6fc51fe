"""Decides which durations are metrics: how long something takes or is saved; not horizons, schedules or ages."""

import re

from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.metrics.around import Around, is_gained, is_less, is_moved_to, is_object, label_of_value

_OWN = re.compile(r"\b(?:i|i'd|i'll|we'd|we would|let's)\b")


def is_duration_metric(around: Around) -> bool:
    """Say whether a time tells an outcome."""
    quantity = around.quantity
    if quantity.signed or is_less(around):
        return True
    if quantity.hyphenated:
        return figure_pattern("after_hyphenated").match(around.after) is not None
    if _is_horizon(around):
        return is_moved_to(around)
    return _is_measured(around) or _is_taken(around)


def _is_horizon(around: Around) -> bool:
    return bool(
        figure_pattern("after_horizon").match(around.after) or figure_pattern("before_period").search(around.before)
    )


def _is_measured(around: Around) -> bool:
    """Say whether a time stands behind a label such as `average wait:`."""
    label = "" if around.quantity.in_words and around.is_cell else label_of_value(around)
    return bool(label) and figure_pattern("measured").search(label) is not None


def _is_taken(around: Around) -> bool:
    """Say whether a sentence tells how long something takes."""
    in_words = around.quantity.in_words
    is_plan = figure_pattern("planning").search(around.clause) is not None
    if figure_pattern("before_horizon").search(around.before):
        # `In 20 minutes the foyer is empty` tells how long it takes, `in 20 days I would ask again` does not.
        if figure_pattern("in_time").search(around.before) is None:
            return False
        is_done = figure_pattern("done_in").search(around.clause) is not None
        return not _OWN.search(around.clause) if is_done else not (is_plan or in_words)
    if not in_words and not is_plan and is_object(around):
        return True
    if in_words or figure_pattern("schedule_after").match(around.after):
        return is_moved_to(around) or is_gained(around)
    return bool(figure_pattern("compared").search(around.before) or figure_pattern("outcome").search(around.clause))
