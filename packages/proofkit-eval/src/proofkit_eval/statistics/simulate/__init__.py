"""Whether the intervals and tests keep their promises, tried on scores whose truth is known."""

from proofkit_eval.statistics.simulate.alarms import FalseAlarms, false_ties, sign_flip_alarms
from proofkit_eval.statistics.simulate.covering import Coverage, coverage
from proofkit_eval.statistics.simulate.panels import panel_coverage
from proofkit_eval.statistics.simulate.spreads import Spread
from proofkit_eval.statistics.simulate.table import Simulation, simulate, simulation_markdown

__all__ = [
    "Coverage",
    "FalseAlarms",
    "Simulation",
    "Spread",
    "coverage",
    "false_ties",
    "panel_coverage",
    "sign_flip_alarms",
    "simulate",
    "simulation_markdown",
]
