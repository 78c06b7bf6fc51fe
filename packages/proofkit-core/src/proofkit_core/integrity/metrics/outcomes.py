"""Decides which figures are metrics: how much, how many, how fast, how good; not dates, names or counts of parts.

The evidence is the structure around a figure: what directs it (`falls to`, `saves`), what it is set against
(`fewer`, `a week`, an arrow), and what it counts.
"""

import re
from collections.abc import Callable

from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.figures.nouns import noun_after
from proofkit_core.integrity.figures.quantity import UnitKind
from proofkit_core.integrity.metrics.around import Around, is_less, is_moved, is_rate, label_of_value
from proofkit_core.integrity.metrics.counts import is_bare_metric, is_count_metric
from proofkit_core.integrity.metrics.durations import is_duration_metric
from proofkit_core.integrity.metrics.shares import is_ratio_metric, is_share_metric

_ORDERS = frozenset({"double", "triple", "halve"})
_NAMED = frozenset({UnitKind.NONE, UnitKind.COUNT, UnitKind.RATIO})
_LISTED = frozenset({UnitKind.NONE, UnitKind.COUNT})
_SETTINGS = frozenset({"°c", "degree"})
_TIMES_AS = re.compile(r" (?:as|more|fewer|less|the|over|[a-z]+er)\b")


def is_metric(around: Around) -> bool:
    """Say whether a figure tells an outcome or a scale."""
    quantity = around.quantity
    if quantity.kind in _NAMED and not is_less(around) and figure_pattern("numbered").search(around.before):
        return False
    listed = around.is_cell and quantity.kind in _LISTED
    if (listed and figure_pattern("name_header").search(around.header)) or (around.is_header and quantity.in_words):
        return False
    return _RULES[quantity.kind](around)


def _always(_: Around) -> bool:
    return True


def _is_factor_metric(around: Around) -> bool:
    if around.quantity.in_words and (around.is_cell or (not around.before.strip() and around.words in _ORDERS)):
        # `Double the faces of the fastest lines` is a step of a plan.
        return False
    return not around.words.endswith("times") or _TIMES_AS.match(around.after) is not None


def _is_measure_metric(around: Around) -> bool:
    if around.before.endswith("per "):
        return False
    if is_moved(around) or is_rate(around) or label_of_value(around):
        return True
    noun, _ = noun_after(around.behind, 0)
    if around.quantity.unit in _SETTINGS:
        return False
    return not around.quantity.in_words and not around.quantity.hyphenated and not noun


_RULES: dict[UnitKind, Callable[[Around], bool]] = {
    UnitKind.PERCENT: _always,
    UnitKind.MONEY: _always,
    UnitKind.TIME: is_duration_metric,
    UnitKind.MEASURE: _is_measure_metric,
    UnitKind.COUNT: is_count_metric,
    UnitKind.SHARE: is_share_metric,
    UnitKind.RATIO: is_ratio_metric,
    UnitKind.FACTOR: _is_factor_metric,
    UnitKind.NONE: is_bare_metric,
}
