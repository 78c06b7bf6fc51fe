"""How many prompts a claim needs, before anything is run."""

import math

from proofkit_core.errors import InputError
from proofkit_eval.statistics.distributions import normal_quantile

__all__ = ["passes_needed", "prompts_needed", "prompts_to_tie", "smallest_gap"]


def prompts_needed(gap: float, sd: float, *, power: float = 0.8, level: float = 0.95) -> int:
    """Return how many prompts separate two models.

    Args:
        gap: How far apart they truly are.
        sd: Spread of the paired differences between prompts.
        power: How often the test has to succeed.
        level: One less the two-sided p that is enough.

    Raises:
        InputError: The gap or the spread is not a positive number.
    """
    _positive(gap=gap, sd=sd)
    reach = float(normal_quantile((1 + level) / 2) + normal_quantile(power))
    return math.ceil((reach * sd / gap) ** 2)


def prompts_to_tie(margin: float, sd: float, *, power: float = 0.8, level: float = 0.95) -> int:
    """Return how many prompts show that two models that are truly alike lie within a margin of each other.

    Raises:
        InputError: The margin or the spread is not a positive number.
    """
    _positive(margin=margin, sd=sd)
    reach = float(normal_quantile(level) + normal_quantile((1 + power) / 2))
    return math.ceil((reach * sd / margin) ** 2)


def smallest_gap(prompts: int, sd: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """Return the smallest gap that so many prompts separate.

    Raises:
        InputError: A number is not positive.
    """
    _positive(prompts=prompts, sd=sd)
    reach = float(normal_quantile((1 + level) / 2) + normal_quantile(power))
    return reach * sd / math.sqrt(prompts)


def passes_needed(share: float, *, level: float = 0.95) -> int:
    """Return how many passes without a single failure show that at least this share passes.

    Raises:
        InputError: The share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InputError(f"the share is {share}; it lies between 0 and 1")
    return math.ceil(math.log(1 - level) / math.log(share))


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise InputError(f"{name} is {number}; it has to be a positive number")
