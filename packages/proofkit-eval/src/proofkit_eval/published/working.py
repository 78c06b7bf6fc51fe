"""Works through a board of one figure a judge and model: which of its sentences hold."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np  # noqa: TID253 - loaded only when figures are made
from pydantic import BaseModel

from proofkit_eval.published.board import Check, Published, Sentence
from proofkit_eval.statistics.arrays import Floats
from proofkit_eval.statistics.comparing import compare
from proofkit_eval.statistics.distributions import t_p, t_quantile
from proofkit_eval.statistics.leaving_out import leave_one_out
from proofkit_eval.statistics.multiplicity import holm
from proofkit_eval.statistics.ranks import mean_ranks, standardised_means
from proofkit_eval.statistics.records import Comparison, Interval, JudgesRandom, LeftOut, turned
from proofkit_eval.statistics.tying import tie_of

__all__ = ["Judged", "Worked", "work_through"]

Verdict = Literal["holds", "not shown", "contradicted", "cannot be checked"]
LEAST_RESAMPLES = 100
"""Three judges are too few to draw from, so none is drawn."""
ORDER: tuple[Verdict, ...] = ("holds", "not shown", "contradicted")
"""A sentence is as good as the worst of its parts."""


class Judged(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One sentence and what the figures say."""

    id: str
    says: str
    verdict: Verdict
    why: tuple[str, ...]


class Worked(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """What can be read off the board."""

    means: dict[str, float]
    comparisons: tuple[Comparison, ...]
    """`fixed` has each judge as one observation, `random` the spread of all models pooled; the latter decides."""
    separation: float
    """How far apart two means have to lie to be told apart, were they the only two."""
    disagreement: float
    """Spread left in a cell after taking out its model's and its judge's mean."""
    residuals: dict[str, dict[str, float]]
    """By model and judge."""
    weights: dict[str, float]
    """How much of the spread of the mean each judge brings."""
    ranks: dict[str, float | None]
    standardised: dict[str, float | None]
    without: tuple[LeftOut, ...]
    sentences: tuple[Judged, ...]


class _Spread(NamedTuple):
    error: float
    """Standard error of the difference of two means."""
    df: int


class _Table(NamedTuple):
    published: Published
    rows: Mapping[str, tuple[float, ...]]
    separation: float
    comparisons: Mapping[tuple[str, str], Comparison]

    def comparison(self, a: str, b: str) -> Comparison:
        """Return a comparison from either side."""
        found = self.comparisons.get((a, b))
        return found if found is not None else turned(self.comparisons[b, a])


def work_through(published: Published, *, level: float = 0.95) -> Worked:
    """Say what a published board shows.

    Args:
        published: Its figures and sentences.
        level: Share of intervals that hold the true figure.
    """
    table = np.array([model.scores for model in published.models])
    names = [model.id for model in published.models]
    judges = [judge.id for judge in published.judges]
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    df = (len(names) - 1) * (len(judges) - 1)
    disagreement = float(np.sqrt(np.square(rest).sum() / df))
    spread = _Spread(disagreement * (2 / len(judges)) ** 0.5, df)
    separation = float(t_quantile((1 + level) / 2, df)) * spread.error
    comparisons = _comparisons(published, spread, level)
    known = {(each.a, each.b): each for each in comparisons}
    looked_at = _Table(published, {model.id: model.scores for model in published.models}, separation, known)
    return Worked(
        means={name: float(mean) for name, mean in zip(names, table.mean(axis=1), strict=True)},
        comparisons=comparisons,
        separation=separation,
        disagreement=disagreement,
        residuals={
            name: {judge: float(cell) for judge, cell in zip(judges, row, strict=True)}
            for name, row in zip(names, rest, strict=True)
        },
        weights=dict(zip(judges, _weights(table), strict=True)),
        ranks=mean_ranks(published.by_panel()),
        standardised=standardised_means(published.by_panel()),
        without=leave_one_out(published.by_panel()),
        sentences=tuple(_judged(sentence, looked_at) for sentence in published.sentences),
    )


def _comparisons(published: Published, spread: _Spread, level: float) -> tuple[Comparison, ...]:
    """Compare all pairs, corrected for their number: nothing was named beforehand.

    A pair's own three differences leave two degrees of freedom, so the spread of all models over the judges is pooled.
    """
    own = compare(published.by_judge(), level=level, resamples=LEAST_RESAMPLES, rng=np.random.default_rng(0))
    pooled = [_pooled(each.fixed.mean or 0.0, spread, len(published.judges), level) for each in own]
    corrected = holm([each.p for each in pooled])
    rows: list[Comparison] = []
    for each, wide, p in zip(own, pooled, corrected, strict=True):
        shown = p is not None and p < 1 - level
        side: Literal["above", "below"] = "above" if (each.fixed.mean or 0.0) > 0 else "below"
        found = {"random": wide, "p": wide.p, "p_holm": p, "headline": wide.interval}
        rows.append(each.model_copy(update={**found, "separated": side if shown else None}))
    return tuple(rows)


def _pooled(mean: float, spread: _Spread, judges: int, level: float) -> JudgesRandom:
    half = float(t_quantile((1 + level) / 2, spread.df)) * spread.error
    return JudgesRandom(
        mean=mean,
        se=spread.error,
        df=float(spread.df),
        interval=Interval(low=mean - half, high=mean + half, level=level, method="t, spread of all models pooled"),
        p=float(t_p(mean / spread.error, spread.df)),
        judges=judges,
        clusters=1,
        n=1,
    )


def _weights(table: Floats) -> list[float]:
    mean = table.mean(axis=1)
    columns: list[Floats] = list(table.T / table.shape[1])
    shares: Floats = np.array([np.cov(column, mean)[0, 1] for column in columns], dtype=np.float64)
    return [float(share) for share in shares / mean.var(ddof=1)]


def _judged(sentence: Sentence, table: _Table) -> Judged:
    if sentence.missing:
        why = (f"{sentence.missing[0].upper()}{sentence.missing[1:]}.",)
        return Judged(id=sentence.id, says=sentence.says, verdict="cannot be checked", why=why)
    found = [_checked(check, table) for check in sentence.checks]
    worst = ORDER[max(ORDER.index(verdict) for verdict, _ in found)]
    why = tuple(dict.fromkeys(text for verdict, text in found if verdict == worst))
    return Judged(id=sentence.id, says=sentence.says, verdict=worst, why=why)


def _checked(check: Check, table: _Table) -> tuple[Verdict, str]:
    if check.kind == "ties":
        return _tie(check, table)
    match check.over:
        case "each":
            return _each(check, table)
        case "blind":
            return _blind(check, table)
        case "panel":
            return _panel(check, table)


def _tie(check: Check, table: _Table) -> tuple[Verdict, str]:
    found = table.comparison(check.a, check.b)
    interval, margin = found.fixed.t, table.published.margin
    if interval is None:
        return "not shown", found.fixed.note
    mean = found.fixed.mean or 0.0
    span = (
        f"{check.a} less {check.b}: {mean:+.2f}, with a 95 % interval from {interval.low:+.1f} to {interval.high:+.1f}"
    )
    tie = tie_of(found.fixed, found.random, margin)
    if tie is not None and tie.equivalent:
        return "holds", f"{span}, inside {margin:g} points."
    return "not shown", f"{span}. A tie within {margin:g} points is not shown, and neither is a difference."


def _panel(check: Check, table: _Table) -> tuple[Verdict, str]:
    found = table.comparison(check.a, check.b)
    mean, p = found.fixed.mean or 0.0, found.p_holm or 0.0
    apart = "more than" if abs(mean) > table.separation else "less than"
    text = (
        f"{check.a} less {check.b}: {mean:+.1f}, {apart} the {table.separation:.1f} that tell two means apart; "
        f"p {p:.2g} with all pairs corrected for."
    )
    if mean <= 0:
        return "contradicted", text
    return ("holds" if found.separated == "above" else "not shown"), text


def _each(check: Check, table: _Table) -> tuple[Verdict, str]:
    against = [
        f"{judge.name} gives {check.a} {a:g} and {check.b} {b:g}"
        for judge, a, b in zip(table.published.judges, table.rows[check.a], table.rows[check.b], strict=True)
        if a <= b
    ]
    if against:
        return "contradicted", "; ".join(against) + "."
    return "holds", f"Each judge puts {check.a} above {check.b}."


def _blind(check: Check, table: _Table) -> tuple[Verdict, str]:
    seen = [place for place, judge in enumerate(table.published.judges) if judge.blind]
    a, b = (_mean(tuple(table.rows[name][place] for place in seen)) for name in (check.a, check.b))
    text = f"The blind judges give {check.a} {a:.1f} and {check.b} {b:.1f}."
    if a <= b:
        return "contradicted", text
    # Fewer judges, wider: the error of a mean grows with the root.
    enough = table.separation * (len(table.published.judges) / len(seen)) ** 0.5
    return ("holds" if a - b > enough else "not shown"), text


def _mean(scores: tuple[float, ...]) -> float:
    return sum(scores) / len(scores)
