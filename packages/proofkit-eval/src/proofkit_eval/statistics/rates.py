"""Shares of yes: Wilson's interval, and the share behind an imperfect yes/no judge."""

from typing import NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_core.errors import InputError
from proofkit_eval.statistics.distributions import normal_quantile
from proofkit_eval.statistics.records import Interval, Rate

__all__ = ["Tally", "corrected_rate", "wilson"]


class Tally(NamedTuple):
    """How many of how many."""

    yes: int
    n: int


def wilson(yes: int, n: int, *, level: float = 0.95) -> Rate:
    """Return a share of yes with Wilson's interval, which stays honest at 0 and at all of n.

    Args:
        yes: How many said yes.
        n: How many were asked.
        level: Share of such intervals that hold the true share.

    Raises:
        InputError: The numbers cannot be a share.
    """
    _check(Tally(yes, n), "yes of n")
    if n == 0:
        return Rate(rate=None, interval=None, n=0, note="Nothing was counted.")
    z = float(normal_quantile((1 + level) / 2))
    share = yes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    low = 0.0 if yes == 0 else max(0.0, middle - half)
    high = 1.0 if yes == n else min(1.0, middle + half)
    return Rate(rate=share, interval=Interval(low=low, high=high, level=level, method="Wilson"), n=n)


def corrected_rate(said_yes: Tally, right_yes: Tally, right_no: Tally, *, level: float = 0.95) -> Rate:
    """Return the true share of yes behind a judge whose errors are known from a sample (arXiv 2511.21140).

    Args:
        said_yes: How many answers the judge passed, of how many.
        right_yes: How many known-good answers it passed, of how many (its sensitivity, where yes means good).
        right_no: How many planted defects it caught, of how many (its specificity).
        level: Share of such intervals that hold the true share.

    Returns:
        No interval where the judge is no better than chance: nothing can be corrected then.

    Raises:
        InputError: The numbers cannot be shares.
    """
    for what, tally in (("said_yes", said_yes), ("right_yes", right_yes), ("right_no", right_no)):
        _check(tally, what)
    if not (said_yes.n and right_yes.n and right_no.n):
        note = "Without answers that are known to be good or bad nothing can be corrected."
        return Rate(rate=None, interval=None, n=said_yes.n, note=note)
    plain = _behind(said_yes.yes / said_yes.n, right_yes.yes / right_yes.n, right_no.yes / right_no.n)
    z = float(normal_quantile((1 + level) / 2))
    # Each share is drawn a little towards the middle, so that a sample without any error does not pass for certainty.
    yes, n = (said_yes.yes + z**2 / 2) / (said_yes.n + z**2), said_yes.n + z**2
    good, goods = (right_yes.yes + 1) / (right_yes.n + 2), right_yes.n + 2
    bad, bads = (right_no.yes + 1) / (right_no.n + 2), right_no.n + 2
    if plain is None or good + bad <= 1:
        note = "The judge tells good from bad no better than chance, so nothing can be corrected."
        return Rate(rate=None, interval=None, n=said_yes.n, note=note)
    share = (yes + bad - 1) / (good + bad - 1)
    of_bad = bad * (1 - bad) / bads
    of_good = good * (1 - good) / goods
    lean = 2 * z**2 * (share * of_good - (1 - share) * of_bad)
    spread = yes * (1 - yes) / n + (1 - share) ** 2 * of_bad + share**2 * of_good
    half = z * float(np.sqrt(spread)) / (good + bad - 1)
    low, high = (min(1.0, max(0.0, end)) for end in (share + lean - half, share + lean + half))
    method = "corrected for the judge's errors"
    return Rate(rate=plain, interval=Interval(low=low, high=high, level=level, method=method), n=said_yes.n)


def _behind(share: float, good: float, bad: float) -> float | None:
    gain = good + bad - 1
    return min(1.0, max(0.0, (share + bad - 1) / gain)) if gain > 0 else None


def _check(tally: Tally, what: str) -> None:
    if not 0 <= tally.yes <= tally.n:
        raise InputError(f"{what} is {tally.yes} of {tally.n}; the first lies between 0 and the second")
