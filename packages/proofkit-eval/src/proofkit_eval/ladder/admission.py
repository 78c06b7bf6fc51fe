"""Admits a judge or refuses it, with the reasons. Who is refused is reported and never averaged."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from proofkit_core.provenance import digest_of
from proofkit_eval.ladder.card import DefectShare, EditEffect, LadderCard, Thresholds
from proofkit_eval.ladder.defect import SINGLE, Defect, Edit, Rung
from proofkit_eval.ladder.grading import Graded
from proofkit_eval.ladder.reading import ASIDE, Caught, caught_of, errors_of, moved_by, order_of, passed_of, rung_scores
from proofkit_eval.records import JudgeRef

__all__ = ["admit"]

_EPSILON = 1e-9


class _Read(NamedTuple):
    rungs: tuple[tuple[str, float | None], ...]
    order: tuple[tuple[str, str, float | None], ...]
    order_mean: float | None
    defects: tuple[DefectShare, ...]
    edits: tuple[EditEffect, ...]
    coverage: float
    prompts: int
    best: tuple[float | None, float | None]


def admit(judge: JudgeRef, graded: Sequence[Graded], thresholds: Thresholds | None = None) -> LadderCard:
    """Return the card of a judge.

    Args:
        judge: Whose verdicts they are.
        graded: What it said of the steps.
        thresholds: What it has to reach; those of the research without it.
    """
    wanted = thresholds or Thresholds()
    by_items = not any(each.verdict.axes for each in graded)
    read = _read(graded, by_items=by_items)
    reasons = tuple(_reasons(read, wanted))
    return LadderCard(
        judge=judge,
        admitted=not reasons,
        reasons=reasons,
        rungs=read.rungs,
        order=read.order,
        order_mean=read.order_mean,
        defects=read.defects,
        edits=read.edits,
        coverage=read.coverage,
        by_items=by_items,
        errors=errors_of(graded),
        thresholds=wanted,
        steps_digest=digest_of(sorted(each.step.key for each in graded)),
    )


def _read(graded: Sequence[Graded], *, by_items: bool) -> _Read:
    scores = rung_scores(graded, merged=by_items)
    means = {name: fmean(score for _, score in found) for name, found in scores.items()}
    # The top rung rests on taste, so it is reported and has only not to be worse than the good one.
    order = order_of(dict(list(scores.items())[:-1]) if _has_better(graded) else scores)
    told = [each.accuracy for each in order if each.accuracy is not None]
    return _Read(
        rungs=tuple(means.items()),
        order=tuple((each.lower, each.upper, each.accuracy) for each in order),
        order_mean=fmean(told) if told else None,
        defects=tuple(_share(graded, defect) for defect in Defect),
        edits=tuple(_effect(graded, edit) for edit in Edit),
        coverage=sum(each.score is not None for each in graded) / len(graded) if graded else 0.0,
        prompts=len({each.step.prompt_id for each in graded if each.step.is_good}),
        best=(_mean(graded, Rung.GOOD), _mean(graded, Rung.BETTER)),
    )


def _has_better(graded: Sequence[Graded]) -> bool:
    return any(each.step.rung is Rung.BETTER and each.score is not None for each in graded)


def _mean(graded: Sequence[Graded], rung: Rung) -> float | None:
    scores = [each.score for each in graded if each.step.rung is rung and each.step.edit is None]
    told = [score for score in scores if score is not None]
    return fmean(told) if told else None


def _share(graded: Sequence[Graded], defect: Defect) -> DefectShare:
    caught: Caught = caught_of(graded, defect)
    passed: Caught = passed_of(graded, defect)
    return DefectShare(
        defect=defect,
        caught=caught.right,
        planted=caught.told,
        passed=passed.right,
        clean=passed.told,
        sensitivity=caught.rate,
        specificity=passed.rate,
    )


def _effect(graded: Sequence[Graded], edit: Edit) -> EditEffect:
    moves = moved_by(graded, edit)
    return EditEffect(
        edit=edit,
        answers=len(moves),
        mean=fmean(moves) if moves else None,
        size=fmean(map(abs, moves)) if moves else None,
    )


def _reasons(read: _Read, wanted: Thresholds) -> list[str]:
    reasons: list[str] = []
    if read.prompts < wanted.prompts:
        reasons.append(f"only {read.prompts} known-good answers were judged, at least {wanted.prompts} are needed")
    if read.coverage < wanted.coverage:
        reasons.append(f"it scored {read.coverage:.0%} of the steps, at least {wanted.coverage:.0%} are needed")
    reasons += _of_order(read, wanted)
    for share in read.defects:
        reasons += _of_defect(share, wanted)
    for effect in read.edits:
        if effect.size is not None and effect.size > wanted.moved + _EPSILON:
            told = f"{effect.edit.replace('_', ' ')} moves its scores by {effect.size:.2f} on average"
            reasons.append(f"{told}, at most {wanted.moved} is allowed")
    return reasons


def _of_order(read: _Read, wanted: Thresholds) -> list[str]:
    reasons: list[str] = []
    climbing = read.rungs[: len(read.order) + 1]
    for (lower, low), (upper, high) in pairwise(climbing):
        if low is None or high is None or high <= low:
            reasons.append(f"the mean does not rise from {lower!r} ({_shown(low)}) to {upper!r} ({_shown(high)})")
    if read.order_mean is None or read.order_mean < wanted.order:
        reasons.append(
            f"it tells {_percent(read.order_mean)} of neighbouring pairs apart, {wanted.order:.0%} are needed"
        )
    good, better = read.best
    if good is not None and better is not None and better < good - ASIDE:
        reasons.append(f"it likes answers less ({better:.2f}) after a person made them better ({good:.2f})")
    return reasons


def _of_defect(share: DefectShare, wanted: Thresholds) -> list[str]:
    if share.defect not in SINGLE:
        return []
    name, reasons = share.defect.replace("_", " "), list[str]()
    if share.sensitivity is None or share.sensitivity < wanted.caught:
        reasons.append(f"{name}: caught {share.caught} of {share.planted}, {wanted.caught:.0%} are needed")
    if share.specificity is None or share.specificity < wanted.passed:
        told = f"passed {share.passed} of {share.clean} answers without it"
        reasons.append(f"{name}: {told}, {wanted.passed:.0%} are needed")
    return reasons


def _shown(mean: float | None) -> str:
    return "none" if mean is None else f"{mean:.2f}"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
