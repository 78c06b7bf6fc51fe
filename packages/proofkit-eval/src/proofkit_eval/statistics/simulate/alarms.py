"""How often a test finds something where there is nothing."""

import numpy as np  # noqa: TID253 - loaded only when figures are made
from pydantic import BaseModel

from proofkit_eval.statistics.arrays import Clustered, Floats
from proofkit_eval.statistics.bootstrap import draw, studentised_ends
from proofkit_eval.statistics.distributions import t_p
from proofkit_eval.statistics.flips import MOST_EXACT, flipped_shares
from proofkit_eval.statistics.records import Interval
from proofkit_eval.statistics.simulate.covering import LEVEL, batches, chance_of
from proofkit_eval.statistics.simulate.spreads import Spread, draws

__all__ = ["FalseAlarms", "false_ties", "sign_flip_alarms"]

MARGIN = 1.0
"""One spread of a prompt: wide enough that ties are found at all with few prompts."""


class FalseAlarms(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One test's false alarms; at most 5 in 100 are promised."""

    test: str
    spread: str
    n: int
    shown: bool
    """Whether a board relies on it; the others are here as a warning."""
    trials: int
    rate: float
    chance: Interval


def sign_flip_alarms(spread: Spread, n: int, *, trials: int, resamples: int, rng: np.random.Generator) -> FalseAlarms:
    """Return how often the sign-flip test gives p below 0.05 for two models whose true difference is 0.

    Args:
        spread: The shape of the differences. Two models that are alike differ evenly to both sides; a skewed spread
            with mean 0 is a harder trial than the test promises to stand.
        n: Prompts; up to 20 all flips are counted.
        trials: How many evaluations to simulate.
        resamples: How many flips to draw above 20 prompts.
        rng: Where chance comes from.
    """
    found = 0
    for size in batches(trials):
        found += int((flipped_shares(draws(spread, (n, size), rng), resamples, rng) < 1 - LEVEL).sum())
    return _row("sign flip, all flips" if n <= MOST_EXACT else "sign flip, drawn", spread, n, trials, found)


def false_ties(
    spread: Spread, n: int, *, trials: int, resamples: int, rng: np.random.Generator
) -> tuple[FalseAlarms, ...]:
    """Return how often two models that differ by exactly the margin are called a tie: by the t tests, and as shown.

    Args:
        spread: The shape of the differences.
        n: Prompts.
        trials: How many evaluations to simulate.
        resamples: How often each is drawn again.
        rng: Where chance comes from.
    """
    plain = both = 0
    for size in batches(trials):
        columns = Clustered(draws(spread, (n, size), rng) + MARGIN, np.ones((n, size)))
        tied = _tied(columns)
        ends = studentised_ends(columns, draw(n, resamples, rng), 2 * LEVEL - 1)[0]
        plain += int(tied.sum())
        both += int((tied & (ends.low > -MARGIN) & (ends.high < MARGIN)).sum())
    return (
        _row("tie, both tests and the interval", spread, n, trials, both),
        _row("tie, t tests alone", spread, n, trials, plain, shown=False),
    )


def _tied(columns: Clustered) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    inside: Floats = (MARGIN - np.abs(columns.means)) / columns.errors
    return (t_p(inside, len(columns.sums) - 1) / 2 < 1 - LEVEL) & (inside > 0)


def _row(test: str, spread: Spread, n: int, trials: int, found: int, *, shown: bool = True) -> FalseAlarms:
    rate, chance = found / trials, chance_of(found, trials)
    return FalseAlarms(test=test, spread=spread, n=n, shown=shown, trials=trials, rate=rate, chance=chance)
