"""The sign-flip test: if two models were alike, each difference could as well have had the other sign."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.statistics.arrays import Floats, clustered, labels, vector
from proofkit_eval.statistics.bootstrap import RESAMPLES

__all__ = ["MOST_EXACT", "SignFlip", "flipped_shares", "sign_flip_p"]

MOST_EXACT = 20
"""Up to here all flips are counted: a million of them."""
CLOSE = 1e-9
"""Sums that differ by rounding alone count as equal."""


class SignFlip(NamedTuple):
    """What the test says."""

    p: float | None
    """Two-sided; None without any difference."""
    exact: bool


def sign_flip_p(
    differences: Sequence[float | None],
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
) -> SignFlip:
    """Return how often flipped signs give a sum as far from 0 as the one found.

    Args:
        differences: One a prompt; None is left out.
        clusters: Whole clusters are flipped; each difference is its own where None.
        resamples: How many flips to draw above 20 clusters.
        rng: Where chance comes from above 20 clusters; a fixed seed where None.

    Raises:
        InputError: A difference is NaN or infinite.
    """
    found = vector(differences, "differences")
    sums = clustered(found[:, None], labels(clusters, len(found))).sums
    if len(sums) == 0:
        return SignFlip(None, exact=True)
    drawn = rng or np.random.default_rng(0)
    return SignFlip(float(flipped_shares(sums, resamples, drawn)[0]), exact=len(sums) <= MOST_EXACT)


def flipped_shares(sums: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Return the test's p for each column of sums by cluster (clusters × columns)."""
    found = np.abs(sums.sum(axis=0))
    close = CLOSE * np.abs(sums).sum(axis=0)
    if len(sums) <= MOST_EXACT:
        return np.array([_exact(column, far) for column, far in zip(sums.T, found - close, strict=True)])
    signs = rng.integers(0, 2, size=(resamples, len(sums))).astype(np.float64) * 2 - 1
    reached = (np.abs(signs @ sums) >= found - close).sum(axis=0)
    return (reached + 1) / (resamples + 1)


def _exact(sums: Floats, far: float) -> float:
    """Count all flips. The first sign stays: flipping everything only turns the sum around."""
    totals = sums[:1]
    for step in sums[1:]:
        totals = np.concatenate([totals + step, totals - step])
    return float((np.abs(totals) >= far).mean())
