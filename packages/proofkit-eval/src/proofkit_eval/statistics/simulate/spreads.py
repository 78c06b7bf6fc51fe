"""Where simulated scores come from: spreads whose true mean is known to be 0."""

from enum import StrEnum
from typing import assert_never

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.statistics.arrays import Clustered, Floats

__all__ = ["Spread", "clustered_draws", "draws"]


class Spread(StrEnum):
    """The shape of the differences between two models, prompt by prompt."""

    NORMAL = "normal"
    SKEWED = "skewed"
    """Exponential: mostly small differences, now and then a large one, always to the same side. Skewness 2."""
    MARKS = "marks"
    """Differences of two whole marks from 1 to 5: few values, a quarter of them 0."""


def draws(spread: Spread, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Draw values with true mean 0, and spread 1 unless they are marks.

    Args:
        spread: Their shape.
        shape: Prompts × trials.
        rng: Where chance comes from.
    """
    match spread:
        case Spread.NORMAL:
            return rng.standard_normal(shape)
        case Spread.SKEWED:
            return rng.standard_exponential(shape) - 1.0
        case Spread.MARKS:
            marks = rng.choice(5, size=(2, *shape), p=[0.05, 0.15, 0.3, 0.35, 0.15])
            return (marks[0] - marks[1]).astype(np.float64)
        case _:
            assert_never(spread)


def clustered_draws(spread: Spread, prompts: int, cluster: int, trials: int, rng: np.random.Generator) -> Clustered:
    """Draw the same by clusters of one size, whose prompts share half of their variance.

    Args:
        spread: The shape of what clusters and prompts bring.
        prompts: A multiple of the size of a cluster.
        cluster: Prompts of a cluster; 1 for none.
        trials: How many evaluations.
        rng: Where chance comes from.
    """
    groups = prompts // cluster
    own = draws(spread, (groups, cluster, trials), rng).sum(axis=1)
    common = draws(spread, (groups, trials), rng) * cluster if cluster > 1 else np.zeros((groups, trials))
    scale = np.sqrt(0.5) if cluster > 1 else 1.0
    return Clustered((own + common) * scale, np.full((groups, trials), float(cluster)))
