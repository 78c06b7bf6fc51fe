"""Stands between the desk and a backend: limits for each try, one retry, and a breaker for a model that fails."""

from proofkit_serve.chain.breaker import Breaker, BreakerPhase, BreakerRules, BreakerState
from proofkit_serve.chain.counting import Counts
from proofkit_serve.chain.guard import Guarded, guard
from proofkit_serve.chain.limits import TryLimits

__all__ = [
    "Breaker",
    "BreakerPhase",
    "BreakerRules",
    "BreakerState",
    "Counts",
    "Guarded",
    "TryLimits",
    "guard",
]
