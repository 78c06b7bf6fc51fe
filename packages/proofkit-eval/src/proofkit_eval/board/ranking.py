"""Orders by one measure each: who is shown to lie above whom, and the places that each model could have."""

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.board.records import BoardSettings, Ranking
from proofkit_eval.records import Spec
from proofkit_eval.statistics import Scores, compare, mean_scores, rank_intervals, tiers

__all__ = ["rank_by"]

_ALONE = "There is one model only, so nobody is ranked."
_NOBODY = "No judge counts, so there is no order by judges: see the ladder card."
_NO_SCORE = "No answer has a score here, so there is no order."


def rank_by(measure: str, scores: Scores, spec: Spec, settings: BoardSettings) -> Ranking:
    """Rank models by one measure.

    Args:
        measure: Its name.
        scores: The scores of the models to rank.
        spec: Names the planned comparisons.
        settings: Level, resamples and seed.
    """
    if not scores.judges:
        return _empty(measure, scores, _NOBODY)
    means = mean_scores(scores)
    if all(mean is None for mean in means.values()):
        return _empty(measure, scores, _NO_SCORE)
    planned = {
        (each.a, each.b): each.margin if each.measure == measure else None
        for each in spec.comparisons
        if each.a in scores.models and each.b in scores.models
    }
    rng = np.random.default_rng(settings.seed)
    level, resamples = settings.level, settings.resamples
    comparisons = compare(scores, planned=planned, level=level, resamples=resamples, rng=rng)
    return Ranking(
        measure=measure,
        means=means,
        ranks=tiers(scores.models, means, comparisons),
        drawn=rank_intervals(scores, level=level, resamples=resamples, rng=rng),
        comparisons=comparisons,
        note=_ALONE if len(scores.models) == 1 else "",
    )


def _empty(measure: str, scores: Scores, note: str) -> Ranking:
    return Ranking(measure=measure, means=dict.fromkeys(scores.models), ranks=(), drawn=(), comparisons=(), note=note)
