"""The whole simulation, from one seed, and its table."""

from collections.abc import Callable, Sequence

import numpy as np  # noqa: TID253 - loaded only when figures are made
from pydantic import BaseModel

from proofkit_eval.statistics.simulate.alarms import FalseAlarms, false_ties, sign_flip_alarms
from proofkit_eval.statistics.simulate.covering import Coverage, coverage
from proofkit_eval.statistics.simulate.panels import panel_coverage
from proofkit_eval.statistics.simulate.spreads import Spread

__all__ = ["SIZES", "Simulation", "simulate", "simulation_markdown"]

SIZES = (15, 60, 120)
CLUSTER = 3
PANELS = ((15, 3), (120, 3), (120, 6))
"""Prompts and judges."""
LEAST_CLUSTERED = 60
PANEL_SHARE = 5
"""Panels are simulated one by one, so they get a fifth of the trials."""


class Simulation(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was simulated and what came of it."""

    seed: int
    trials: int
    resamples: int
    coverage: tuple[Coverage, ...]
    alarms: tuple[FalseAlarms, ...]


def simulate(
    *,
    seed: int = 1,
    trials: int = 20_000,
    resamples: int = 2_000,
    sizes: Sequence[int] = SIZES,
    say: Callable[[str], None] | None = None,
) -> Simulation:
    """Simulate evaluations whose truth is known, and count how often intervals and tests are right.

    Args:
        seed: All chance comes from it; each cell of the table has a stream of its own.
        trials: Evaluations a cell; panels of judges get a fifth of them.
        resamples: How often each is drawn again.
        sizes: Numbers of prompts.
        say: Hears of each part that is done.
    """
    heard = say or _silent
    streams = iter(np.random.SeedSequence(seed).spawn(200))
    rows: list[Coverage] = []
    alarms: list[FalseAlarms] = []
    for spread in Spread:
        for n in sizes:
            for cluster in (1, CLUSTER) if n >= LEAST_CLUSTERED and n % CLUSTER == 0 else (1,):
                rng = np.random.default_rng(next(streams))
                rows += coverage(spread, n, cluster=cluster, trials=trials, resamples=resamples, rng=rng)
            rng = np.random.default_rng(next(streams))
            alarms.append(sign_flip_alarms(spread, n, trials=trials, resamples=resamples, rng=rng))
            alarms += false_ties(spread, n, trials=trials, resamples=resamples, rng=rng)
            heard(f"{spread}, {n} prompts")
    for prompts, judges in PANELS:
        rng = np.random.default_rng(next(streams))
        rows += panel_coverage(prompts, judges, trials=max(1, trials // PANEL_SHARE), resamples=resamples, rng=rng)
        heard(f"{prompts} prompts, {judges} judges")
    return Simulation(seed=seed, trials=trials, resamples=resamples, coverage=tuple(rows), alarms=tuple(alarms))


def _silent(line: str) -> None:
    del line


def simulation_markdown(simulation: Simulation) -> str:
    """Write the simulation as two Markdown tables."""
    head = f"Seed {simulation.seed}, {simulation.trials:,} trials a row ({simulation.resamples:,} resamples each)."
    rows = [
        f"| {row.spread} | {row.n} | {row.cluster} | {row.method} | {'yes' if row.shown else 'no'} "
        f"| {row.held:.1%} | {row.chance.low:.1%} to {row.chance.high:.1%} | {row.width:.3g} |"
        for row in simulation.coverage
    ]
    tests = [
        f"| {row.test} | {row.spread} | {row.n} | {'yes' if row.shown else 'no'} "
        f"| {row.rate:.1%} | {row.chance.low:.1%} to {row.chance.high:.1%} |"
        for row in simulation.alarms
    ]
    lines = [
        head,
        "",
        "| spread | prompts | per cluster | interval | relied on | holds the truth | by chance | mean width |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "| test | spread | prompts | relied on | false alarms | by chance |",
        "|---|---|---|---|---|---|",
        *tests,
    ]
    return "\n".join(lines) + "\n"
