"""Krippendorff's alpha, by the coincidences of values within items.

Source: K. Krippendorff, *Computing Krippendorff's Alpha-Reliability* (2011), section on any metric with missing data.
"""

from typing import Literal

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.statistics.arrays import Floats

__all__ = ["alpha"]


def alpha(table: Floats, level: Literal["interval", "ordinal"]) -> float | None:
    """Return the agreement of a table: 1 is perfect, 0 is what chance gives.

    Args:
        table: Items × judges; NaN is unscored. Items with fewer than two scores say nothing and count for nothing.
        level: Whether values differ by how far they lie apart, or by how many scores lie between them.

    Returns:
        None where there is no spread at all, for which it does not exist.
    """
    told = ~np.isnan(table)
    rows, counts = table[told.sum(axis=1) > 1], told.sum(axis=1)[told.sum(axis=1) > 1]
    values = np.unique(rows[~np.isnan(rows)])
    # How often each value was given to each item: items × values.
    given = np.stack([(rows == value).sum(axis=1) for value in values], axis=1) if len(values) else np.zeros((0, 0))
    weights = 1.0 / (counts - 1.0)
    together = (given * weights[:, None]).T @ given - np.diag((given * weights[:, None]).sum(axis=0))
    totals = together.sum(axis=0)
    apart = _interval(values) if level == "interval" else _ordinal(totals)
    expected = float((np.outer(totals, totals) * apart).sum()) / (float(totals.sum()) - 1.0) if len(values) else 0.0
    return 1.0 - float((together * apart).sum()) / expected if expected else None


def _interval(values: Floats) -> Floats:
    return np.square(values[:, None] - values[None, :])


def _ordinal(totals: Floats) -> Floats:
    """Return the squared number of scores from one value to the other, each end counted by half."""
    middle = np.cumsum(totals) - totals / 2
    return np.square(middle[:, None] - middle[None, :])
