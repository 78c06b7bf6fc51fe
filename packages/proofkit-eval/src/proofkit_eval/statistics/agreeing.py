"""How far judges agree, on their own scores and never on a mixture with gates."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_core.errors import InputError
from proofkit_eval.statistics.alpha import alpha
from proofkit_eval.statistics.arrays import Floats, vector
from proofkit_eval.statistics.ranks import ranked
from proofkit_eval.statistics.records import Agreement

__all__ = ["agreement", "effective_judges", "kendall_w", "tau_b"]

PAIR = 2
ONE_MARK = 1.0 + 1e-9

Table = Sequence[Sequence[float | None]]


def agreement(items: Table, judges: Sequence[str]) -> Agreement:
    """Measure how far judges agree.

    Args:
        items: One row an item, one cell a judge; None is unscored.
        judges: The name of each column.

    Raises:
        InputError: A row has another number of cells, or a score is NaN or infinite.
    """
    table = _table(items, len(judges))
    told = ~np.isnan(table)
    shared = table[told.sum(axis=1) >= PAIR]
    gaps = _gaps(shared)
    values = np.unique(shared[~np.isnan(shared)])
    note = ""
    if not len(shared):
        note = "No item was scored by two judges, so there is no agreement to measure."
    elif len(values) == 1:
        note = f"All scores are {values[0]:g}: the judges agree, and alpha does not exist without any spread."
    known = not note
    return Agreement(
        judges=tuple(judges),
        items=len(shared),
        alpha_interval=alpha(shared, "interval") if known else None,
        alpha_ordinal=alpha(shared, "ordinal") if known else None,
        raw=float((gaps == 0).mean()) if len(gaps) else None,
        within_one=float((gaps <= ONE_MARK).mean()) if len(gaps) else None,
        histogram={name: _histogram(column) for name, column in zip(judges, table.T, strict=True)},
        tau_b=_taus(table, judges),
        note=note,
    )


def _table(items: Table, judges: int) -> Floats:
    for place, row in enumerate(items):
        if len(row) != judges:
            raise InputError(f"row {place} has {len(row)} cells and there are {judges} judges; fill gaps with None")
    return vector([cell for row in items for cell in row], "items").reshape(len(items), judges)


def _gaps(table: Floats) -> Floats:
    """Return how far the two scores of each pair of judges lie apart, over all items."""
    pairs = [np.abs(table[:, a] - table[:, b]) for a, b in combinations(range(table.shape[1]), PAIR)]
    flat = np.concatenate(pairs) if pairs else np.zeros(0)
    return flat[~np.isnan(flat)]


def _histogram(column: Floats) -> dict[str, int]:
    counted = Counter(float(value) for value in column[~np.isnan(column)])
    return {f"{value:g}": counted[value] for value in sorted(counted)}


def _taus(table: Floats, judges: Sequence[str]) -> dict[str, dict[str, float | None]]:
    taus: dict[str, dict[str, float | None]] = {name: {} for name in judges}
    for (a, first), (b, second) in combinations(enumerate(judges), PAIR):
        both = ~np.isnan(table[:, [a, b]]).any(axis=1)
        taus[first][second] = taus[second][first] = _tau(table[both, a], table[both, b])
    return taus


def tau_b(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return Kendall's tau-b of two orders; None where one of them is all equal.

    Raises:
        InputError: The two have different lengths, or hold NaN or infinity.
    """
    if len(x) != len(y):
        raise InputError(f"got {len(x)} and {len(y)} scores; tau-b needs both judges' scores of the same items")
    return _tau(vector(x, "x"), vector(y, "y"))


def _tau(x: Floats, y: Floats) -> float | None:
    upper = np.triu_indices(len(x), 1)
    across = np.sign(x[:, None] - x[None, :])[upper]
    along = np.sign(y[:, None] - y[None, :])[upper]
    scale = np.sqrt(np.count_nonzero(across) * float(np.count_nonzero(along)))
    return float((across * along).sum() / scale) if scale else None


def kendall_w(items: Table) -> float | None:
    """Return Kendall's W of a table items × judges without gaps, corrected for ties; None where it does not exist.

    Raises:
        InputError: A score is missing, NaN or infinite, or the rows differ in length.
    """
    judges = len(items[0]) if items else 0
    table = _table(items, judges)
    if np.isnan(table).any():
        raise InputError("Kendall's W needs every judge's score of every item; leave items with gaps out")
    number = len(table)
    if number < PAIR or judges < PAIR:
        return None
    places = np.stack([ranked(column) for column in table.T], axis=1)
    spread = np.square(places.sum(axis=1) - judges * (number + 1) / 2).sum()
    ties = sum(float((count**3 - count).sum()) for count in (np.unique(c, return_counts=True)[1] for c in table.T))
    scale = judges**2 * (number**3 - number) - judges * ties
    return float(12 * spread / scale) if scale else None


def effective_judges(errors: Table) -> float | None:
    """Return how many independent judges a panel is worth (Kish).

    Args:
        errors: Each judge's score less the true one, items × judges, such as on planted defects. Items with gaps are
            left out.

    Returns:
        Between 1 and the number of judges: judges who err together count once. None where a judge always errs by the
        same amount, so that nothing can be said.

    Raises:
        InputError: An error is NaN or infinite, or the rows differ in length.
    """
    judges = len(errors[0]) if errors else 0
    table = _table(errors, judges)
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) <= PAIR or judges < PAIR or (np.ptp(table, axis=0) == 0).any():
        return None
    together = float(np.corrcoef(table.T).sum())
    return float(np.clip(judges**2 / max(together, judges), 1.0, judges))
