"""Ties are shown, never concluded from a difference that was not found: two one-sided tests."""

from proofkit_core.errors import InputError
from proofkit_eval.statistics.distributions import t_p, t_quantile
from proofkit_eval.statistics.records import Difference, Equivalence, Interval, JudgesRandom, inner_level

__all__ = ["equivalence", "tie_of"]


def equivalence(difference: Difference | JudgesRandom, margin: float, *, level: float = 0.95) -> Equivalence | None:
    """Test whether two models lie within a margin of each other.

    Both one-sided t tests have to succeed, and the studentised interval has to lie inside the margin where there is
    one: with skewed spreads and few prompts the t tests alone find ties that are none.

    Args:
        difference: What was found, with its standard error.
        margin: How far apart they may be and still tie, in points of the score; named before looking.
        level: One less the p that is enough.

    Returns:
        None where the difference has no error to test with; its note says why.

    Raises:
        InputError: The margin is not a positive number.
    """
    if not 0 < margin < float("inf"):
        raise InputError(f"the margin is {margin}; a tie needs the positive number of points that models may differ by")
    if difference.mean is None or difference.se is None or difference.df is None:
        return None
    mean, error, df = difference.mean, difference.se, difference.df
    inside = (margin - abs(mean)) / error
    one_sided = float(t_p(inside, df)) / 2
    p = one_sided if inside >= 0 else 1 - one_sided
    half = float(t_quantile(level, df)) * error
    shown = Interval(low=mean - half, high=mean + half, level=inner_level(level), method="t, both one-sided tests")
    if isinstance(difference, Difference) and difference.inner is not None:
        shown = difference.inner
    within = -margin < shown.low and shown.high < margin
    return Equivalence(margin=margin, p=p, interval=shown, equivalent=p < 1 - level and within)


def tie_of(fixed: Difference, random: JudgesRandom | None, margin: float, *, level: float = 0.95) -> Equivalence | None:
    """Test a tie for these judges and, where there are several, for judges like these; the harder of the two counts.

    Args:
        fixed: The difference with the judges as they are.
        random: The same with the judges as a sample.
        margin: How far apart two models may be and still tie.
        level: One less the p that is enough.

    Raises:
        InputError: The margin is not a positive number.
    """
    tests = [equivalence(each, margin, level=level) for each in (fixed, random) if each is not None]
    known = [test for test in tests if test is not None]
    return min(known, key=lambda test: (test.equivalent, -test.p), default=None)
