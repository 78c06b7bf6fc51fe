"""The judges' part of the board: who counts, what each said of each model, and what failed."""

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean

import numpy as np  # noqa: TID253 - loaded only when figures are made

from proofkit_eval.board.columns import Column, named_keys
from proofkit_eval.board.measuring import figure_of, share_of
from proofkit_eval.board.records import BoardSettings, JudgeCard, JudgeCell, Share
from proofkit_eval.judging.conflicts import Kinship, maker_of
from proofkit_eval.judging.rubric import LOWEST, TOP
from proofkit_eval.judging.scores import Tally, current_verdicts, second_looks, tally
from proofkit_eval.ladder import LadderCard
from proofkit_eval.records import EvalLog, JudgeRef
from proofkit_eval.statistics import Scores, corrected_rate, model_intervals
from proofkit_eval.statistics import Tally as Counted

__all__ = ["cards_of", "cells_of"]

_SAME = 1e-9
_PEOPLE = frozenset({"human", "humans", "person"})
_RULES = frozenset({"rule", "rules"})
_SAME_RULES = "it goes by the rules of the gates, so it is no second opinion on them"
_NOT_TRIED = "it was not put on the ladder, so nobody knows what it misses"
_NOTHING = Tally(expected=0, scored=0, void=0, missing=0, unscored={})


def cards_of(log: EvalLog, cards: Sequence[LadderCard], settings: BoardSettings) -> tuple[JudgeCard, ...]:
    """Return what is known of each judge of the spec. Only who passed the ladder counts, and people.

    Args:
        log: The evaluation.
        cards: What the ladder says.
        settings: Level of the intervals.
    """
    # A judge is what its digest says: who took over a name has not climbed for it.
    tried = {(card.judge.id, card.judge.version, card.judge.artifact_digest): card for card in cards}
    looks = second_looks(log.verdicts)
    return tuple(
        _card(
            judge,
            log,
            tried.get((judge.id, judge.version, judge.artifact_digest)),
            looks.get(judge.id, ()),
            settings,
        )
        for judge in log.spec.judges
    )


def cells_of(
    log: EvalLog,
    columns: tuple[Column, ...],
    scores: Scores,
    kinship: Kinship,
    cards: Sequence[JudgeCard],
    settings: BoardSettings,
) -> dict[str, tuple[JudgeCell, ...]]:
    """Return what each judge said of each model, by column.

    Args:
        log: The evaluation.
        columns: The models.
        scores: All judges' scores of them.
        kinship: Who is kin to whom.
        cards: What is known of the judges.
        settings: Level, resamples and seed.
    """
    tallies = tally(log, named_keys(columns))
    rows: dict[str, list[JudgeCell]] = {column.name: [] for column in columns}
    for card in cards:
        rng = np.random.default_rng(settings.seed)
        alone = scores.only(judges=(card.ref.id,))
        means = model_intervals(alone, level=settings.level, resamples=settings.resamples, rng=rng)
        for column, mean in zip(columns, means, strict=True):
            counts = tallies.get((column.name, card.ref.id), _NOTHING)
            passed = _passed(log, column, card.ref.id, settings)
            kin = kinship.reasons(card.ref.id, column.model.id) if column.kind != "stale" else ()
            low, high = _bounds(mean.mean, counts)
            rows[column.name].append(
                JudgeCell(
                    judge=card.ref.id,
                    score=figure_of(mean, mean.fixed),
                    expected=counts.expected,
                    scored=counts.scored,
                    void=counts.void,
                    missing=counts.missing,
                    unscored=counts.unscored,
                    worst=low,
                    best=high,
                    passed=passed,
                    corrected=_corrected(passed, card, settings),
                    greyed=(*kin, *card.reasons),
                )
            )
    return {name: tuple(cells) for name, cells in rows.items()}


def _card(
    judge: JudgeRef,
    log: EvalLog,
    ladder: LadderCard | None,
    looks: Sequence[tuple[float, float]],
    settings: BoardSettings,
) -> JudgeCard:
    own = [verdict for verdict in log.verdicts if verdict.judge.id == judge.id]
    gaps = [abs(first - second) for first, second in looks]
    costs = [verdict.cost_usd for verdict in own if verdict.cost_usd is not None]
    reasons = _reasons(judge, ladder)
    return JudgeCard(
        ref=judge,
        maker=maker_of(judge.family),
        counts=not reasons,
        reasons=reasons,
        sensitivity=share_of(ladder.passed, ladder.clean, settings) if ladder else _none(),
        specificity=share_of(ladder.caught, ladder.planted, settings) if ladder else _none(),
        ladder=ladder,
        scored=sum(verdict.status == "scored" for verdict in own),
        unscored=sum(verdict.status == "unscored" for verdict in own),
        tokens=sum(verdict.tokens for verdict in own),
        cost_usd=sum(costs) if costs else None,
        seconds=sum(verdict.seconds for verdict in own),
        twice=len(gaps),
        twice_same=sum(gap < _SAME for gap in gaps),
        twice_gap=fmean(gaps) if gaps else None,
    )


def _reasons(judge: JudgeRef, ladder: LadderCard | None) -> tuple[str, ...]:
    if judge.family.casefold() in _RULES and ladder is not None and ladder.admitted:
        return (_SAME_RULES,)
    if ladder is not None:
        return () if ladder.admitted else (ladder.reasons or ("the ladder refused it",))
    return () if judge.family.casefold() in _PEOPLE else (_NOT_TRIED,)


def _none() -> Share:
    return Share(yes=0, n=0, rate=None, note=_NOT_TRIED)


def _bounds(mean: float | None, counts: Tally) -> tuple[float | None, float | None]:
    """Return where the mean could lie if the verdicts that are not there had been 1s, or 5s."""
    there, gone = counts.scored + counts.void, counts.expected - counts.scored
    if there + gone == 0:
        return None, None
    total = (mean or 0.0) * there
    return (total + LOWEST * gone) / (there + gone), (total + TOP * gone) / (there + gone)


def _passed(log: EvalLog, column: Column, judge: str, settings: BoardSettings) -> Share:
    keys = {sample.key for sample in column.samples}
    told = [
        said
        for verdict in current_verdicts(log)
        if verdict.judge.id == judge and verdict.generation_key in keys
        for said in (verdict.items or {}).values()
        if said is not None
    ]
    return share_of(sum(told), len(told), settings)


def _corrected(passed: Share, card: JudgeCard, settings: BoardSettings) -> Share | None:
    if not (passed.n and card.sensitivity.n and card.specificity.n):
        return None
    good, bad = card.sensitivity, card.specificity
    rate = corrected_rate(
        Counted(passed.yes, passed.n), Counted(good.yes, good.n), Counted(bad.yes, bad.n), level=settings.level
    )
    low, high = (rate.interval.low, rate.interval.high) if rate.interval else (None, None)
    return Share(yes=passed.yes, n=passed.n, rate=rate.rate, low=low, high=high, note=rate.note)


def counting(cards: Sequence[JudgeCard]) -> tuple[str, ...]:
    """Return the ids of the judges whose scores go into the headline."""
    return tuple(card.ref.id for card in cards if card.counts)


def by_maker(cards: Sequence[JudgeCard], judges: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return some judges by who made them."""
    makers: dict[str, tuple[str, ...]] = {}
    for card in cards:
        if card.ref.id in judges:
            name = card.maker or card.ref.family or card.ref.id
            makers[name] = (*makers.get(name, ()), card.ref.id)
    return makers
