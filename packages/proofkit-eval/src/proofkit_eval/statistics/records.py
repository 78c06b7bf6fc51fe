"""What the statistics say, as values. No module here needs numpy to be read back."""

from typing import Literal

from pydantic import BaseModel, Field

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
    "inner_level",
    "turned",
]

LEAST_TO_FLIP = 6
"""Of the 32 ways to flip five signs the two rarest already make one in sixteen."""


def inner_level(level: float) -> float:
    """Return the level of the interval that belongs to a tie: 0.9 beside 0.95, as each of two tests looks one way."""
    return round(2 * level - 1, 12)


class Interval(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """Where a figure lies, and how that was found out."""

    low: float
    high: float
    level: float
    """0.95: intervals made like this hold the true figure 95 times in 100."""
    method: str

    @property
    def width(self) -> float:
        """From end to end."""
        return self.high - self.low

    def holds(self, value: float) -> bool:
        """Say whether a value lies inside."""
        return self.low <= value <= self.high


class Difference(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """How far two models lie apart on the same prompts, with the judges as they are; or one model's mean."""

    mean: float | None
    """None where no prompt was scored for both."""
    se: float | None = None
    df: float | None = None
    """Clusters less one."""
    t: Interval | None = None
    bca: Interval | None = None
    """Widened for few prompts."""
    studentised: Interval | None = None
    inner: Interval | None = None
    """Studentised, at the level of a tie (90 % beside 95 %)."""
    p_t: float | None = None
    p_sign_flip: float | None = None
    p_exact: bool = False
    """Whether every way to flip the signs was counted; otherwise some were drawn."""
    n: int
    """Prompts."""
    clusters: int
    missing: int = 0
    """Prompts left out, because one of the two has no score there."""
    unscored: int = 0
    """Single scores that are missing among the prompts that count."""
    note: str = ""
    """Why there is no interval, as a sentence; empty where there is one."""

    @property
    def headline(self) -> Interval | None:
        """The interval that keeps its promise for skewed spreads and few prompts too: studentised, else t."""
        return self.studentised or self.t

    @property
    def p(self) -> float | None:
        """The larger of the two tests' p; t's alone with five clusters or fewer, where no flip is rare enough."""
        flipped = self.p_sign_flip if self.clusters >= LEAST_TO_FLIP else None
        found = [p for p in (self.p_t, flipped) if p is not None]
        return max(found) if found else None


class JudgesRandom(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """A mean over prompts and judges, with the judges seen as a sample of judges too."""

    mean: float | None
    se: float | None = None
    df: float | None = None
    """After Satterthwaite, and no more than judges less one where the judges add most to the error."""
    interval: Interval | None = None
    resampled: Interval | None = None
    """Prompts and judges drawn again at once. Too narrow for a handful of judges; shown for comparison."""
    p: float | None = None
    judges: int
    clusters: int
    n: int
    missing: int = 0
    """Prompts left out, because not every judge scored them."""
    note: str = ""


class Equivalence(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """Whether two models are shown to lie within a margin of each other: two one-sided tests, and both intervals."""

    margin: float = Field(gt=0)
    p: float
    interval: Interval
    """It has to lie inside the margin: studentised where there is one, else that of the two tests."""
    equivalent: bool


class Comparison(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """Two models, a less b."""

    a: str
    b: str
    fixed: Difference
    """With these judges."""
    random: JudgesRandom | None
    """With judges like these; None where there is one judge only."""
    p: float | None
    """The largest of all tests' p."""
    p_holm: float | None
    """The same, for the number of comparisons that were made."""
    planned: bool
    """Named before anything was looked at."""
    headline: Interval | None
    """The wider of the two intervals."""
    separated: Literal["above", "below"] | None
    """Where a lies, as far as that is shown."""
    equivalence: Equivalence | None = None
    """None where no margin was named."""


def turned(comparison: Comparison) -> Comparison:
    """Return the same comparison seen from the other side, b less a."""
    fixed, random, tie = comparison.fixed, comparison.random, comparison.equivalence
    intervals = ("t", "bca", "studentised", "inner")
    other: dict[str, Literal["above", "below"]] = {"above": "below", "below": "above"}
    return comparison.model_copy(
        update={
            "a": comparison.b,
            "b": comparison.a,
            "fixed": fixed.model_copy(
                update={"mean": _less(fixed.mean), **{name: _mirrored(getattr(fixed, name)) for name in intervals}}
            ),
            "random": random
            and random.model_copy(
                update={
                    "mean": _less(random.mean),
                    "interval": _mirrored(random.interval),
                    "resampled": _mirrored(random.resampled),
                }
            ),
            "headline": _mirrored(comparison.headline),
            "separated": other[comparison.separated] if comparison.separated else None,
            "equivalence": tie and tie.model_copy(update={"interval": _mirrored(tie.interval)}),
        }
    )


def _less(mean: float | None) -> float | None:
    return None if mean is None else -mean


def _mirrored(interval: Interval | None) -> Interval | None:
    return None if interval is None else interval.model_copy(update={"low": -interval.high, "high": -interval.low})


class ModelMean(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """One model's mean score."""

    model: str
    mean: float | None
    """The mean over judges of each judge's mean; None where nothing was scored."""
    fixed: Interval | None
    random: Interval | None
    n: int
    clusters: int
    missing: int
    unscored: int
    note: str = ""


class Rank(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A model's place, and the places that it could have."""

    model: str
    place: int
    """By the mean alone."""
    low: int
    """The best place: only models shown to lie above are ahead."""
    high: int
    """The worst place."""
    tier: int
    """Models that are not separated share a tier, if only by a chain of others."""


class RankInterval(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """The places that a model takes when prompts and judges are drawn again."""

    model: str
    low: int
    high: int
    first: float
    """How often it comes first."""


class LeftOut(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """The board without one judge, or without one family of judges."""

    name: str
    judges: tuple[str, ...]
    """Those that stay."""
    means: dict[str, float | None]
    order: tuple[str, ...]
    turned: tuple[tuple[str, str], ...]
    """Pairs (a, b) where a lies above b on the whole board, and not above b here."""


class Agreement(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """How far judges agree. One figure alone misleads: alpha falls to 0 where nearly all scores are the same."""

    judges: tuple[str, ...]
    items: int
    """Items that two judges or more have scored."""
    alpha_interval: float | None
    """Krippendorff's alpha; None where all scores are the same."""
    alpha_ordinal: float | None
    raw: float | None
    """Share of pairs of scores of one item that are the same."""
    within_one: float | None
    """Share of them that lie one mark or less apart."""
    histogram: dict[str, dict[str, int]]
    """How often each judge gave each score."""
    tau_b: dict[str, dict[str, float | None]]
    """Kendall's tau-b between two judges; None where one of them gave one score only."""
    note: str = ""


class Rate(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """A share of yes."""

    rate: float | None
    interval: Interval | None
    n: int
    note: str = ""
