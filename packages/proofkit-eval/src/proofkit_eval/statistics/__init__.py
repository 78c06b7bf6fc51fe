"""Intervals, tests, ranks and agreement: numbers in, numbers out.

Records come at once; a function brings numpy and scipy with it when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from proofkit_eval.statistics.records import (
    Agreement,
    Comparison,
    Difference,
    Equivalence,
    Interval,
    JudgesRandom,
    LeftOut,
    ModelMean,
    Rank,
    RankInterval,
    Rate,
)
from proofkit_eval.statistics.scores import Scores

if TYPE_CHECKING:
    from proofkit_eval.statistics.agreeing import agreement, effective_judges, kendall_w, tau_b
    from proofkit_eval.statistics.bootstrap import bca
    from proofkit_eval.statistics.comparing import compare, model_intervals
    from proofkit_eval.statistics.differences import paired_difference
    from proofkit_eval.statistics.flips import sign_flip_p
    from proofkit_eval.statistics.leaving_out import leave_one_out
    from proofkit_eval.statistics.multiplicity import holm
    from proofkit_eval.statistics.panel import judges_random
    from proofkit_eval.statistics.ranks import mean_ranks, mean_scores, rank_intervals, standardised_means, tiers
    from proofkit_eval.statistics.rates import Tally, corrected_rate, wilson
    from proofkit_eval.statistics.sizes import passes_needed, prompts_needed, prompts_to_tie, smallest_gap
    from proofkit_eval.statistics.tying import equivalence

__all__ = [
    "Agreement",
    "Comparison",
    "Difference",
    "Equivalence",
    "Interval",
    "JudgesRandom",
    "LeftOut",
    "ModelMean",
    "Rank",
    "RankInterval",
    "Rate",
    "Scores",
    "Tally",
    "agreement",
    "bca",
    "compare",
    "corrected_rate",
    "effective_judges",
    "equivalence",
    "holm",
    "judges_random",
    "kendall_w",
    "leave_one_out",
    "mean_ranks",
    "mean_scores",
    "model_intervals",
    "paired_difference",
    "passes_needed",
    "prompts_needed",
    "prompts_to_tie",
    "rank_intervals",
    "sign_flip_p",
    "smallest_gap",
    "standardised_means",
    "tau_b",
    "tiers",
    "wilson",
]
_PLACES = {
    "Tally": "rates",
    "agreement": "agreeing",
    "bca": "bootstrap",
    "compare": "comparing",
    "corrected_rate": "rates",
    "effective_judges": "agreeing",
    "equivalence": "tying",
    "holm": "multiplicity",
    "judges_random": "panel",
    "kendall_w": "agreeing",
    "leave_one_out": "leaving_out",
    "mean_ranks": "ranks",
    "mean_scores": "ranks",
    "model_intervals": "comparing",
    "paired_difference": "differences",
    "passes_needed": "sizes",
    "prompts_needed": "sizes",
    "prompts_to_tie": "sizes",
    "rank_intervals": "ranks",
    "sign_flip_p": "flips",
    "smallest_gap": "sizes",
    "standardised_means": "ranks",
    "tau_b": "agreeing",
    "tiers": "ranks",
    "wilson": "rates",
}
"""Where a function is defined."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
