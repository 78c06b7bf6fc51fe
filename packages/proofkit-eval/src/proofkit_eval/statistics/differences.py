"""How far two models lie apart on the same prompts: t, BCa and studentised intervals, and the sign-flip test."""

from collections.abc import Hashable, Iterator, Sequence

import numpy as np  # noqa: TID253 - loaded only when figures are made
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import InputError
from proofkit_eval.statistics.arrays import Clustered, Floats, clustered, labels, vector
from proofkit_eval.statistics.bootstrap import (
    LEAST_CLUSTERS,
    RESAMPLES,
    STUDENTISED,
    WIDE_BCA,
    Ends,
    draw,
    mean_bca_ends,
    studentised_ends,
)
from proofkit_eval.statistics.distributions import t_p, t_quantile
from proofkit_eval.statistics.flips import MOST_EXACT, flipped_shares
from proofkit_eval.statistics.records import Difference, Interval, inner_level

__all__ = ["column_differences", "paired_difference"]

FLAT = 1e-12
"""A spread this small beside the figures themselves is rounding."""


def paired_difference(
    a: Sequence[float | None],
    b: Sequence[float | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    rng: np.random.Generator,
) -> Difference:
    """Compare two models on the same prompts.

    Args:
        a: One score a prompt; None where there is none.
        b: The other model's, in the same order.
        clusters: Which prompts belong together; each is on its own where None.
        level: Share of such intervals that hold the true difference.
        resamples: How often to draw the clusters again.
        rng: Where chance comes from.

    Raises:
        InputError: The two do not belong to the same prompts, or a score is NaN or infinite.
    """
    if len(a) != len(b):
        raise InputError(f"got {len(a)} and {len(b)} scores; a pair has one each a prompt, None where one is missing")
    apart = vector(a, "a") - vector(b, "b")
    places = labels(clusters, len(apart))
    return column_differences(apart[:, None], places, level=level, resamples=resamples, rng=rng)[0]


def column_differences(
    columns: Floats, places: NDArray[np.intp], *, level: float, resamples: int, rng: np.random.Generator
) -> tuple[Difference, ...]:
    """Return each column's mean with its intervals and tests.

    Args:
        columns: Prompts × columns, with gaps.
        places: The number of each prompt's cluster.
        level: Share of such intervals that hold the true figure.
        resamples: How often to draw the clusters again.
        rng: Where chance comes from.
    """
    found: dict[int, Difference] = {}
    for group in _alike(columns, places):
        table = columns[:, group]
        sums = clustered(table, places)
        told = ~np.isnan(table)
        notes = [_why_not(table[told[:, place], place], len(sums.sums)) for place in range(len(group))]
        open_ones = [place for place, note in enumerate(notes) if not note]
        for place, note in enumerate(notes):
            found[group[place]] = _bare(table[:, place], sums, note)
        if open_ones:
            part = Clustered(sums.sums[:, open_ones], sums.sizes[:, open_ones])
            measured = _measured(part, level, resamples, rng)
            for place, whole in zip(open_ones, measured, strict=True):
                found[group[place]] = found[group[place]].model_copy(update=whole)
    return tuple(found[place] for place in range(columns.shape[1]))


def _alike(columns: Floats, places: NDArray[np.intp]) -> Iterator[list[int]]:
    """Group the columns that have scores in the same clusters: they can be drawn again together."""
    number = int(places.max()) + 1 if len(places) else 0
    filled = np.zeros((number, columns.shape[1]), dtype=bool)
    np.logical_or.at(filled, places, ~np.isnan(columns))
    groups: dict[bytes, list[int]] = {}
    for place in range(columns.shape[1]):
        groups.setdefault(filled[:, place].tobytes(), []).append(place)
    yield from groups.values()


def _why_not(values: Floats, clusters: int) -> str:
    if len(values) == 0:
        return "No prompt was scored for both, so nothing can be compared."
    if len(values) == 1:
        return "There is one prompt only, so nothing can be said about others."
    if clusters == 1:
        return f"All {len(values)} prompts belong to one cluster, so they count as one."
    if np.ptp(values) <= FLAT * max(1.0, float(np.abs(values).max())):
        same = f"{values[0]:.4g}"
        return f"All {len(values)} prompts give the same figure, {same}; without any spread no interval can be made."
    return ""


def _bare(values: Floats, sums: Clustered, note: str) -> Difference:
    told = values[~np.isnan(values)]
    return Difference(
        mean=float(told.mean()) if len(told) else None,
        n=len(told),
        clusters=len(sums.sums),
        missing=len(values) - len(told),
        note=note,
    )


def _measured(
    columns: Clustered, level: float, resamples: int, rng: np.random.Generator
) -> Iterator[dict[str, float | bool | str | Interval | None]]:
    """Yield for each column what there is to say beyond its mean."""
    number = len(columns.sums)
    mean, error = columns.means, columns.errors
    half = t_quantile((1 + level) / 2, number - 1) * error
    p_t = t_p(mean / error, number - 1)
    flipped = flipped_shares(columns.sums, resamples, rng)
    drawn: dict[str, tuple[Ends, str]] = {"t": (Ends(mean - half, mean + half), "t")}
    note = f"{number} clusters are too few to draw from, so only t is given." if number < LEAST_CLUSTERS else ""
    if number >= LEAST_CLUSTERS:
        counts = draw(number, resamples, rng)
        drawn["bca"] = (mean_bca_ends(columns, counts, level), WIDE_BCA)
        outer, inner = studentised_ends(columns, counts, level, inner_level(level))
        drawn["studentised"] = (outer, STUDENTISED)
        drawn["inner"] = (inner, STUDENTISED)
    for place in range(len(mean)):
        levels = {"inner": inner_level(level)}
        intervals = {
            name: _interval(ends, place, levels.get(name, level), method) for name, (ends, method) in drawn.items()
        }
        yield {
            "se": float(error[place]),
            "df": float(number - 1),
            "p_t": float(p_t[place]),
            "p_sign_flip": float(flipped[place]),
            "p_exact": number <= MOST_EXACT,
            "note": note,
            **intervals,
        }


def _interval(ends: Ends, place: int, level: float, method: str) -> Interval:
    return Interval(low=float(ends.low[place]), high=float(ends.high[place]), level=level, method=method)
