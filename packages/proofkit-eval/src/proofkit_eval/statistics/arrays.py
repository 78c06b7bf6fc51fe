"""From scores with gaps to sums by cluster, from which every mean, error and resample is made.

Inside this room a gap is NaN, because arrays know nothing else. No NaN comes in or goes out: gaps are None there.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import InputError
from proofkit_eval.statistics.scores import Scores

__all__ = ["Clustered", "Counts", "Floats", "across_judges", "clustered", "cube", "labels", "vector"]

Floats = NDArray[np.float64]
Counts = NDArray[np.float64]
"""How often each cluster was drawn, one row a resample."""


class Clustered(NamedTuple):
    """Sums and numbers of scores, clusters × columns."""

    sums: Floats
    sizes: Floats

    @property
    def means(self) -> Floats:
        """Mean of each column."""
        return self.sums.sum(axis=0) / self.sizes.sum(axis=0)

    @property
    def errors(self) -> Floats:
        """Standard error of each column's mean, robust to any likeness inside a cluster."""
        number = len(self.sums)
        off = self.sums - self.sizes * self.means
        return np.sqrt(number / (number - 1) * np.square(off).sum(axis=0)) / self.sizes.sum(axis=0)


def vector(values: Sequence[float | None], what: str) -> Floats:
    """Turn scores into an array with gaps.

    Args:
        values: None where there is no score.
        what: What they are, for the message.

    Raises:
        InputError: One of them is NaN or infinite, which is a fault and no missing score.
    """
    found = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    for place, value in enumerate(values):
        if value is not None and not np.isfinite(found[place]):
            raise InputError(f"{what}[{place}] is {value}; a score is a number, or None where there is none")
    return found


def labels(clusters: Sequence[Hashable] | None, number: int) -> NDArray[np.intp]:
    """Number the clusters; each value is its own where None.

    Raises:
        InputError: There are more or fewer labels than values.
    """
    if clusters is None:
        return np.arange(number)
    if len(clusters) != number:
        raise InputError(f"got {len(clusters)} cluster labels for {number} scores; each score has one")
    places: dict[Hashable, int] = {}
    return np.array([places.setdefault(label, len(places)) for label in clusters], dtype=np.intp)


def clustered(columns: Floats, places: NDArray[np.intp]) -> Clustered:
    """Add up a table (rows × columns, with gaps) by cluster; clusters without any score are dropped."""
    told = ~np.isnan(columns)
    number = int(places.max()) + 1 if len(places) else 0
    sums = np.zeros((number, columns.shape[1]))
    sizes = np.zeros_like(sums)
    np.add.at(sums, places, np.where(told, columns, 0.0))
    np.add.at(sizes, places, told.astype(np.float64))
    kept = sizes.any(axis=1)
    return Clustered(sums[kept], sizes[kept])


def cube(scores: Scores) -> Floats:
    """Return the scores as prompts × models × judges, with gaps."""
    shape = (len(scores.prompts), len(scores.models), len(scores.judges))
    filled = [[[np.nan if cell is None else cell for cell in cells] for cells in row] for row in scores.values]
    return np.array(filled, dtype=np.float64).reshape(shape)


def across_judges(table: Floats) -> Floats:
    """Return one value a prompt (prompts × judges in), whose mean is the mean over judges of each judge's mean.

    With every score there, that is the mean of the row. With gaps, a plain mean of the row would make a prompt that
    only the mild judge scored look good; here each score counts as its distance from its own judge's mean.
    """
    told = ~np.isnan(table)
    heard = told.any(axis=0)
    table, told = table[:, heard], told[:, heard]
    rows = told.any(axis=1)
    if not rows.any():
        return np.full(len(table), np.nan)
    numbers = told.sum(axis=0)
    means = np.where(told, table, 0.0).sum(axis=0) / numbers
    weight = rows.sum() / (numbers * table.shape[1])
    values = means.mean() + (np.where(told, table - means, 0.0) * weight).sum(axis=1)
    return np.where(rows, values, np.nan)
