"""How often intervals hold the true figure when the judges are a sample too."""

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.statistics.arrays import Floats
from proofkit_eval.statistics.distributions import t_quantile
from proofkit_eval.statistics.panel import CROSSED, over_judges
from proofkit_eval.statistics.records import Interval
from proofkit_eval.statistics.simulate.covering import LEVEL, Coverage, chance_of

__all__ = ["panel_coverage"]

OF_PROMPTS = 8.0
"""Points by which the difference of two models varies from prompt to prompt …"""
OF_JUDGES = 4.2
"""… from judge to judge (3 points for each of the two models) …"""
OF_BOTH = 10.0
"""… and from cell to cell."""
NAIVE = "t, each score as if independent"


def panel_coverage(
    prompts: int, judges: int, *, trials: int, resamples: int, rng: np.random.Generator
) -> tuple[Coverage, ...]:
    """Return how often intervals for a panel hold the true difference between two models.

    Args:
        prompts: Rows of the table.
        judges: Its columns, drawn anew in each trial.
        trials: How many evaluations to simulate.
        resamples: How often each is drawn again.
        rng: Where chance comes from.
    """
    places = np.arange(prompts)
    made: dict[str, list[Interval]] = {}
    for _ in range(trials):
        table = OF_PROMPTS * rng.standard_normal((prompts, 1)) + OF_JUDGES * rng.standard_normal((1, judges))
        table = table + OF_BOTH * rng.standard_normal((prompts, judges))
        found = over_judges(table, places, level=LEVEL, resamples=resamples, rng=rng)
        for each in (found.interval, found.resampled, _as_one(table)):
            if each is not None:
                made.setdefault(each.method, []).append(each)
    return tuple(_row(method, intervals, prompts, judges) for method, intervals in made.items())


def _as_one(table: Floats) -> Interval:
    """Make the mistake of taking each score for a prompt of its own."""
    error = float(table.std(ddof=1)) / table.size**0.5
    half = float(t_quantile((1 + LEVEL) / 2, table.size - 1)) * error
    return Interval(low=float(table.mean()) - half, high=float(table.mean()) + half, level=LEVEL, method=NAIVE)


def _row(method: str, made: list[Interval], prompts: int, judges: int) -> Coverage:
    held = sum(each.holds(0.0) for each in made)
    return Coverage(
        spread=f"{judges} judges, drawn",
        n=prompts,
        cluster=1,
        method=method,
        shown=method == CROSSED,
        trials=len(made),
        held=held / len(made),
        chance=chance_of(held, len(made)),
        width=sum(each.width for each in made) / len(made),
    )
