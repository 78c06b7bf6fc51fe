"""All comparisons of a board at once."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_core.errors import InputError
from proofkit_eval.statistics.arrays import Floats, across_judges, cube, labels
from proofkit_eval.statistics.bootstrap import RESAMPLES
from proofkit_eval.statistics.differences import column_differences
from proofkit_eval.statistics.multiplicity import holm
from proofkit_eval.statistics.panel import over_judges
from proofkit_eval.statistics.records import Comparison, Difference, Interval, JudgesRandom, ModelMean
from proofkit_eval.statistics.scores import Scores
from proofkit_eval.statistics.tying import tie_of

__all__ = ["compare", "model_intervals"]

Pair = tuple[str, str]


class _Found(NamedTuple):
    """One pair, before the correction for many."""

    pair: Pair
    fixed: Difference
    random: JudgesRandom | None

    @property
    def p(self) -> float | None:
        found = [p for p in (self.fixed.p, self.random.p if self.random else None) if p is not None]
        return max(found) if found else None

    @property
    def headline(self) -> Interval | None:
        offered = [self.fixed.headline, self.random.interval if self.random else None]
        return max((each for each in offered if each), key=lambda each: each.width, default=None)


def compare(
    scores: Scores,
    *,
    pairs: Sequence[Pair] | None = None,
    planned: Mapping[Pair, float | None] | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    rng: np.random.Generator,
) -> tuple[Comparison, ...]:
    """Compare models two by two, for these judges and for judges like these.

    A pair is compared prompt by prompt and judge by judge, only where both have a score. Planned comparisons are
    corrected for their own number, all others for the number of all that are made.

    Args:
        scores: One measure.
        pairs: Which to compare; all where None. Planned ones are always among them.
        planned: The comparisons named beforehand, each with the margin of a tie or None.
        level: Share of intervals that hold the true difference.
        resamples: How often to draw the clusters again.
        rng: Where chance comes from.

    Raises:
        InputError: A model is not among the scores, or is compared with itself.
    """
    margins = dict(planned or {})
    wanted = list(combinations(scores.models, 2)) if pairs is None else list(pairs)
    turned = {(b, a) for a, b in margins}
    wanted = [*margins, *(pair for pair in wanted if pair not in margins and pair not in turned)]
    found = _all_pairs(scores, wanted, level=level, resamples=resamples, rng=rng)
    everywhere = holm([each.p for each in found])
    among_planned = holm([each.p for each in found[: len(margins)]])
    return tuple(
        _comparison(each, corrected, level=level, planned=each.pair in margins, margin=margins.get(each.pair))
        for each, corrected in zip(found, (*among_planned, *everywhere[len(margins) :]), strict=True)
    )


def _all_pairs(
    scores: Scores, pairs: Sequence[Pair], *, level: float, resamples: int, rng: np.random.Generator
) -> list[_Found]:
    places = labels(scores.clusters, len(scores.prompts))
    cells = cube(scores)
    apart = [cells[:, _model(scores, a)] - cells[:, _model(scores, b)] for a, b in pairs]
    for a, b in pairs:
        if a == b:
            raise InputError(f"{a!r} is compared with itself; name two models")
    if not apart:
        return []
    columns = np.stack([across_judges(table) for table in apart], axis=1)
    fixed = column_differences(columns, places, level=level, resamples=resamples, rng=rng)
    found: list[_Found] = []
    for pair, table, each in zip(pairs, apart, fixed, strict=True):
        counted = each.model_copy(update={"unscored": _gaps(table)})
        many = table.shape[1] > 1
        random = over_judges(table, places, level=level, resamples=resamples, rng=rng) if many else None
        found.append(_Found(pair, counted, random))
    return found


def _model(scores: Scores, name: str) -> int:
    if name not in scores.models:
        raise InputError(f"there is no model {name!r} in these scores; there are: {', '.join(scores.models) or 'none'}")
    return scores.models.index(name)


def _gaps(table: Floats) -> int:
    told = ~np.isnan(table)
    return int((~told[told.any(axis=1)]).sum())


def _comparison(
    found: _Found, corrected: float | None, *, level: float, planned: bool, margin: float | None
) -> Comparison:
    headline = found.headline
    shown = corrected is not None and corrected < 1 - level and headline is not None and not headline.holds(0.0)
    side = "above" if (found.fixed.mean or 0.0) > 0 else "below"
    return Comparison(
        a=found.pair[0],
        b=found.pair[1],
        fixed=found.fixed,
        random=found.random,
        p=found.p,
        p_holm=corrected,
        planned=planned,
        headline=headline,
        separated=side if shown else None,
        equivalence=tie_of(found.fixed, found.random, margin, level=level) if margin is not None else None,
    )


def model_intervals(
    scores: Scores, *, level: float = 0.95, resamples: int = RESAMPLES, rng: np.random.Generator
) -> tuple[ModelMean, ...]:
    """Return each model's mean with its intervals, in the order of the models.

    Args:
        scores: One measure.
        level: Share of intervals that hold the true mean.
        resamples: How often to draw the clusters again.
        rng: Where chance comes from.
    """
    if not scores.models:
        return ()
    places = labels(scores.clusters, len(scores.prompts))
    cells = cube(scores)
    columns = np.stack([across_judges(cells[:, place]) for place in range(len(scores.models))], axis=1)
    fixed = column_differences(columns, places, level=level, resamples=resamples, rng=rng)
    rows: list[ModelMean] = []
    for place, (model, each) in enumerate(zip(scores.models, fixed, strict=True)):
        table = cells[:, place]
        many = table.shape[1] > 1
        random = over_judges(table, places, level=level, resamples=resamples, rng=rng) if many else None
        rows.append(
            ModelMean(
                model=model,
                mean=each.mean,
                fixed=each.headline,
                random=random.interval if random else None,
                n=each.n,
                clusters=each.clusters,
                missing=each.missing,
                unscored=_gaps(table),
                note=each.note.replace("was scored for both, so nothing can be compared", "was scored"),
            )
        )
    return tuple(rows)
