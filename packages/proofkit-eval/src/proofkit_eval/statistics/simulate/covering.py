"""How often an interval that promises 95 % holds the true figure."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made
from pydantic import BaseModel

from proofkit_eval.statistics.arrays import Clustered
from proofkit_eval.statistics.bootstrap import (
    BCA,
    STUDENTISED,
    WIDE_BCA,
    Ends,
    draw,
    mean_bca_ends,
    studentised_ends,
)
from proofkit_eval.statistics.distributions import t_quantile
from proofkit_eval.statistics.rates import wilson
from proofkit_eval.statistics.records import Interval
from proofkit_eval.statistics.simulate.spreads import Spread, clustered_draws

__all__ = ["LEVEL", "Coverage", "batches", "chance_of", "coverage"]

BATCH = 250
"""Trials that share their resamples: enough of them for speed, and few enough to keep chance fresh."""
LEVEL = 0.95


class Coverage(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One cell of the table."""

    spread: str
    n: int
    cluster: int
    """Prompts of a cluster; 1 where each stands alone."""
    method: str
    shown: bool
    """Whether a board relies on such intervals; the others are here as a warning."""
    trials: int
    held: float
    """Share of the intervals that held the true figure."""
    chance: Interval
    """Where the true share lies, as far as so many trials show."""
    width: float
    """Mean width, in the scores' own unit."""


class _Count(NamedTuple):
    held: int
    width: float


def coverage(
    spread: Spread, n: int, *, cluster: int = 1, trials: int, resamples: int, rng: np.random.Generator
) -> tuple[Coverage, ...]:
    """Return how often each method's 95 % interval holds the true mean difference.

    Args:
        spread: The shape of the differences.
        n: Prompts.
        cluster: Prompts of a cluster, half of whose variance is common; 1 for none.
        trials: How many evaluations to simulate.
        resamples: How often each is drawn again.
        rng: Where chance comes from.
    """
    counted: dict[str, _Count] = {}
    for size in batches(trials):
        columns = clustered_draws(spread, n, cluster, size, rng)
        for method, ends in _intervals(columns, resamples, rng).items():
            held = int(((ends.low <= 0.0) & (ends.high >= 0.0)).sum())
            before = counted.get(method, _Count(0, 0.0))
            counted[method] = _Count(before.held + held, before.width + float((ends.high - ends.low).sum()))
    return tuple(
        Coverage(
            spread=spread,
            n=n,
            cluster=cluster,
            method=method,
            shown=method in {"t", WIDE_BCA, STUDENTISED},
            trials=trials,
            held=count.held / trials,
            chance=chance_of(count.held, trials),
            width=count.width / trials,
        )
        for method, count in counted.items()
    )


def batches(trials: int) -> Iterator[int]:
    """Cut so many trials into batches and yield the size of each."""
    for start in range(0, trials, BATCH):
        yield min(BATCH, trials - start)


def _intervals(columns: Clustered, resamples: int, rng: np.random.Generator) -> dict[str, Ends]:
    """Return all ways to make an interval, also those that a board must not use."""
    number, mean, error = len(columns.sums), columns.means, columns.errors
    half = t_quantile((1 + LEVEL) / 2, number - 1) * error
    counts = draw(number, resamples, rng)
    shares = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    plain = np.quantile(counts @ columns.sums / (counts @ columns.sizes), shares, axis=0)
    return {
        STUDENTISED: studentised_ends(columns, counts, LEVEL)[0],
        WIDE_BCA: mean_bca_ends(columns, counts, LEVEL),
        "t": Ends(mean - half, mean + half),
        BCA: mean_bca_ends(columns, counts, LEVEL, widened=False),
        "percentile bootstrap": Ends(plain[0], plain[1]),
    }


def chance_of(yes: int, n: int) -> Interval:
    """Return where a share lies that came up in so many trials.

    Raises:
        ValueError: There was no trial.
    """
    found = wilson(yes, n).interval
    if found is None:
        raise ValueError("a simulation needs at least one trial; got none")
    return found
