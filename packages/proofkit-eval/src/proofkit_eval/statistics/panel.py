"""A panel's mean when the judges are a sample of judges, as the prompts are a sample of prompts."""

from collections.abc import Hashable, Sequence

import numpy as np  # noqa: TID253 - loaded only when figures are made
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import InputError
from proofkit_eval.statistics.arrays import Floats, clustered, labels, vector
from proofkit_eval.statistics.bootstrap import RESAMPLES, draw
from proofkit_eval.statistics.distributions import t_p, t_quantile
from proofkit_eval.statistics.records import Interval, JudgesRandom

__all__ = ["CROSSED", "TWO_WAY", "judges_random", "over_judges"]

LEAST = 2
FLAT = 1e-12
"""A spread this small beside the figures themselves is rounding."""
CROSSED = "judges random, crossed t"
TWO_WAY = "two-way bootstrap"


def judges_random(
    table: Sequence[Sequence[float | None]],
    clusters: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    rng: np.random.Generator,
) -> JudgesRandom:
    """Return the mean of a table prompts × judges, for judges and prompts like these.

    The error is that of the crossed design: what prompts, judges and their mixture each add. Its degrees of freedom are
    Satterthwaite's, and where the judges add most no more than judges less one: without that cap three judges hold the
    true figure only 92 times in 100. More prompts no longer help then.

    Args:
        table: Scores or paired differences, one row a prompt, one column a judge.
        clusters: Which prompts belong together; each is on its own where None.
        level: Share of such intervals that hold the true figure.
        resamples: How often to draw prompts and judges again, for the interval shown beside.
        rng: Where chance comes from.

    Raises:
        InputError: The rows have different lengths, or a score is NaN or infinite.
    """
    widths = {len(row) for row in table}
    if len(widths) > 1:
        raise InputError(f"each row has one cell a judge; got rows of {sorted(widths)}; fill gaps with None")
    judges = widths.pop() if widths else 0
    cells = vector([cell for row in table for cell in row], "table").reshape(len(table), judges)
    return over_judges(cells, labels(clusters, len(table)), level=level, resamples=resamples, rng=rng)


def over_judges(
    table: Floats, places: NDArray[np.intp], *, level: float, resamples: int, rng: np.random.Generator
) -> JudgesRandom:
    """Do the same for an array with gaps; prompts that a judge left out are left out whole."""
    whole = ~np.isnan(table).any(axis=1)
    kept = table[whole]
    sums, sizes = clustered(kept, places[whole]) if len(kept) else (np.zeros((0, 1)), np.zeros((0, 1)))
    bare = JudgesRandom(
        mean=float(kept.mean()) if kept.size else None,
        judges=table.shape[1],
        clusters=len(sums),
        n=len(kept),
        missing=int((~whole).sum()),
        note=_why_not(sums, table.shape[1]),
    )
    if bare.note or bare.mean is None:
        return bare
    variance, df = _crossed(sums, sizes[:, 0])
    if variance <= (FLAT * max(1.0, abs(bare.mean))) ** 2:
        return bare.model_copy(update={"note": "All scores are the same; without any spread no interval can be made."})
    error = float(np.sqrt(variance))
    half = float(t_quantile((1 + level) / 2, df)) * error
    return bare.model_copy(
        update={
            "se": error,
            "df": df,
            "interval": Interval(low=bare.mean - half, high=bare.mean + half, level=level, method=CROSSED),
            "resampled": _resampled(sums, sizes[:, 0], level, resamples, rng),
            "p": float(t_p(bare.mean / error, df)),
        }
    )


def _why_not(sums: Floats, judges: int) -> str:
    if len(sums) == 0:
        return "No prompt was scored by every judge."
    if judges < LEAST:
        return "There is one judge only, so nothing can be said about others."
    if len(sums) < LEAST:
        return "There is one prompt or one cluster only, so nothing can be said about others."
    return ""


def _crossed(sums: Floats, sizes: Floats) -> tuple[float, float]:
    """Return variance and degrees of freedom of the mean of a crossed table, clusters × judges.

    With clusters of one size this is (MS prompts + MS judges - MS mixture) / cells. The estimate can come out below
    what the prompts or the judges alone add, which is impossible; the larger of these stands then.
    """
    number, judges = sums.shape
    total = sizes.sum()
    by_judge = sums.sum(axis=0) / total
    mean = by_judge.mean()
    rows = sums.mean(axis=1) - sizes * mean
    mixed = sums - sums.mean(axis=1, keepdims=True) - np.outer(sizes, by_judge - mean)
    of_prompts = number / (number - 1) * np.square(rows).sum() / total**2
    of_judges = np.square(by_judge - mean).sum() / (judges * (judges - 1))
    of_both = number / (judges * (number - 1) * (judges - 1)) * np.square(mixed).sum() / total**2
    variance = max(of_prompts + of_judges - of_both, of_prompts, of_judges)
    parts = ((of_prompts, number - 1), (of_judges, judges - 1), (of_both, (number - 1) * (judges - 1)))
    spread = sum(part**2 / df for part, df in parts)
    df = variance**2 / spread if spread else 1.0
    most = judges - 1 if of_judges > of_prompts else number - 1
    return float(variance), float(min(max(df, 1.0), most))


def _resampled(sums: Floats, sizes: Floats, level: float, resamples: int, rng: np.random.Generator) -> Interval:
    number, judges = sums.shape
    counts = draw(number, resamples, rng)
    panel = draw(judges, resamples, rng)
    means = ((counts @ sums) * panel).sum(axis=1) / (counts @ sizes) / judges
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level, method=TWO_WAY)
