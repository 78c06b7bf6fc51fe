"""Places on a board, and how sure they are."""

from collections.abc import Mapping, Sequence

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_core.errors import InputError
from proofkit_eval.statistics.arrays import Floats, clustered, cube, labels
from proofkit_eval.statistics.bootstrap import RESAMPLES, draw
from proofkit_eval.statistics.records import Comparison, Rank, RankInterval
from proofkit_eval.statistics.scores import Scores

__all__ = ["judge_means", "mean_ranks", "mean_scores", "rank_intervals", "ranked", "standardised_means", "tiers"]

NOTHING_COUNTED = 1e-9


def judge_means(scores: Scores) -> Floats:
    """Return each judge's mean score of each model, models × judges, with gaps."""
    cells = cube(scores)
    told = ~np.isnan(cells)
    numbers = told.sum(axis=0)
    sums = np.where(told, cells, 0.0).sum(axis=0)
    return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)


def mean_scores(scores: Scores) -> dict[str, float | None]:
    """Return each model's mean over judges of each judge's mean; None where no judge scored it.

    Where not every judge scored every model, each judge's mildness is estimated from the models that judges share and
    taken out: otherwise a model would rise because the strict judge was barred from it.
    """
    table = judge_means(scores)
    levelled = _levelled(table)
    return {
        model: None if np.isnan(row).all() else float(mean)
        for model, row, mean in zip(scores.models, table, levelled, strict=True)
    }


def _levelled(table: Floats) -> Floats:
    """Return the means of a table models × judges, its gaps filled by model plus judge; plain means without gaps."""
    told = ~np.isnan(table)
    plain = np.where(told, table, 0.0).sum(axis=1) / np.maximum(told.sum(axis=1), 1)
    heard, models = told.any(axis=0), told.any(axis=1)
    part, cells = table[models][:, heard], told[models][:, heard]
    if cells.all():
        return plain
    of_model, of_judge = np.nonzero(cells)
    design = np.concatenate([np.eye(len(part))[of_model], np.eye(part.shape[1])[of_judge]], axis=1)
    found, _, rank, _ = np.linalg.lstsq(design, part[cells], rcond=None)
    if rank < sum(part.shape) - 1:
        return plain  # two groups of models without a common judge: nothing tells mildness from quality
    levels = plain.copy()
    levels[models] = found[: len(part)] + found[len(part) :].mean()
    return levels


def standardised_means(scores: Scores) -> dict[str, float | None]:
    """Return each model's mean after each judge's column is brought to mean 0 and spread 1.

    A plain mean gives the judge with the widest marks the most weight; here each has the same. Judges that gave all
    models the same mean, or did not score them all, say nothing about the order and are left out.
    """
    table = judge_means(scores)
    spread = table.std(axis=0, ddof=1) if len(table) > 1 else np.zeros(table.shape[1])
    clear = spread > NOTHING_COUNTED
    if not clear.any():
        return dict.fromkeys(scores.models)
    means = ((table - table.mean(axis=0)) / np.where(clear, spread, 1.0))[:, clear].mean(axis=1)
    return dict(zip(scores.models, (float(mean) for mean in means), strict=True))


def mean_ranks(scores: Scores) -> dict[str, float | None]:
    """Return each model's mean place over the judges; equal marks share a place. Gaps as in `standardised_means`."""
    table = judge_means(scores)
    whole = ~np.isnan(table).any(axis=0)
    if not whole.any():
        return dict.fromkeys(scores.models)
    places = np.stack([ranked(-column) for column in table[:, whole].T], axis=1).mean(axis=1)
    return dict(zip(scores.models, (float(place) for place in places), strict=True))


def ranked(values: Floats) -> Floats:
    """Return the place of each value, the lowest first; equal values share the mean of their places."""
    below = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return below + (equal + 1) / 2


def tiers(
    models: Sequence[str], means: Mapping[str, float | None], comparisons: Sequence[Comparison]
) -> tuple[Rank, ...]:
    """Return the models in the order of their means, with the places they could have and their tiers.

    A tier ends only where each model above is shown to lie above each model below. So whoever shares no tier is
    separated, and models that are not separated always share one, if need be by a chain of others between them.

    Args:
        models: Whom to rank. A model without a mean comes last.
        means: The mean score of each.
        comparisons: What was compared; a pair that was not compared is not separated.

    Raises:
        InputError: A model has no entry among the means.
    """
    unknown = [model for model in models if model not in means]
    if unknown:
        raise InputError(f"there is no mean for {', '.join(unknown)}; give None where nothing was scored")
    order = sorted(models, key=lambda model: -np.inf if (mean := means[model]) is None else mean, reverse=True)
    shown = [each for each in comparisons if each.separated]
    ahead = {(each.a, each.b) if each.separated == "above" else (each.b, each.a) for each in shown}
    ends = [
        all((upper, lower) in ahead for upper in order[:cut] for lower in order[cut:]) for cut in range(1, len(order))
    ]
    rows: list[Rank] = []
    tier = 1
    for place, model in enumerate(order):
        tier += bool(place and ends[place - 1])
        low = 1 + sum((other, model) in ahead for other in order)
        high = len(order) - sum((model, other) in ahead for other in order)
        rows.append(Rank(model=model, place=place + 1, low=low, high=high, tier=tier))
    return tuple(rows)


def rank_intervals(
    scores: Scores, *, level: float = 0.95, resamples: int = RESAMPLES, rng: np.random.Generator
) -> tuple[RankInterval, ...]:
    """Return the places that each model takes when clusters and judges are drawn again.

    Args:
        scores: One measure. A model without a score is left out.
        level: Share of the resamples whose places lie inside.
        resamples: How often to draw.
        rng: Where chance comes from.
    """
    heard = [model for model, mean in mean_scores(scores).items() if mean is not None]
    if not heard:
        return ()
    means = _resampled_means(scores.only(models=heard), resamples, rng)
    above = np.stack([(means > means[:, [place]]).sum(axis=1) for place in range(len(heard))], axis=1)
    places = above + 1
    shares = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(places, shares, axis=0, method="inverted_cdf")
    first = (places == 1).mean(axis=0)
    return tuple(
        RankInterval(model=model, low=int(low[place]), high=int(high[place]), first=float(first[place]))
        for place, model in enumerate(heard)
    )


def _resampled_means(scores: Scores, resamples: int, rng: np.random.Generator) -> Floats:
    """Return each model's mean in each resample; a judge without a score for a model in one does not count there."""
    cells = cube(scores)
    number, models, judges = cells.shape
    sums = clustered(cells.reshape(number, models * judges), labels(scores.clusters, number))
    counts = draw(len(sums.sums), resamples, rng)
    panel = draw(judges, resamples, rng)[:, None, :]
    numbers = (counts @ sums.sizes).reshape(resamples, models, judges)
    totals = (counts @ sums.sums).reshape(resamples, models, judges)
    weight = panel * (numbers > 0)
    weights = weight.sum(axis=2)
    means = (weight * totals / np.maximum(numbers, 1.0)).sum(axis=2) / np.maximum(weights, NOTHING_COUNTED)
    return np.where(weights > 0, means, -np.inf)
