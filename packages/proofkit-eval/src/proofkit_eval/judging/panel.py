"""Runs a panel: every judge sees every answer blind, and each verdict is kept before the next begins."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple

from proofkit_core.errors import InputError
from proofkit_eval.judging.planning import Answer, plan
from proofkit_eval.judging.protocol import Judge, JudgeItem, RawVerdict
from proofkit_eval.judging.rubric import LOWEST, TOP, Rubric
from proofkit_eval.logs import length_prefixed, verdict_key
from proofkit_eval.records import JudgeRef, Verdict

__all__ = ["PanelRun", "check_rubric", "is_about", "judge_all", "key_of", "to_verdict"]


class PanelRun(NamedTuple):
    """What a run of a panel did."""

    asked: int
    skipped: int
    """Verdicts that were there already."""
    unscored: int


def judge_all(
    judges: Sequence[Judge],
    answers: Sequence[Answer],
    aliases: Mapping[str, str],
    rubric: Rubric,
    *,
    seed: int,
    keep: Callable[[Verdict], None],
    done: Container[str] = (),
) -> PanelRun:
    """Have every judge see every answer.

    Args:
        judges: The panel.
        answers: From `answers_to_judge`.
        aliases: Alias by key, from `blind`.
        rubric: What is asked.
        seed: The run's seed; decides orders and repeats.
        keep: Takes each verdict as it comes, such as `RowLog.append`.
        done: Keys of verdicts that are there already.

    Raises:
        InputError: Two judges have one id.
    """
    ids = [judge.ref.id for judge in judges]
    if len(set(ids)) < len(ids):
        raise InputError(
            f"The panel has judges {', '.join(ids)}: one id twice. Expected a name for each, since verdicts are told "
            "apart by it. Rename one."
        )
    asked = skipped = unscored = 0
    for judge in judges:
        for item in plan(answers, aliases, judge_id=judge.ref.id, seed=seed):
            if key_of(item, judge.ref, rubric.digest) in done:
                skipped += 1
                continue
            verdict = to_verdict(item, judge.ref, rubric, judge.judge(item))
            keep(verdict)
            asked += 1
            unscored += verdict.status == "unscored"
    return PanelRun(asked, skipped, unscored)


def key_of(item: JudgeItem, judge: JudgeRef, rubric_digest: str) -> str:
    """Return the key of a verdict on one answer.

    The place in the order is not part of it: a judge sees one answer at a time and remembers none, so one more model,
    which moves the places, leaves every verdict as it is.
    """
    return _key(item.key, item.answer, judge, rubric_digest, item.repeat)


def _key(generation: str, answer: str, judge: JudgeRef, rubric_digest: str, repeat: int) -> str:
    judged = length_prefixed(generation.encode(), answer.encode()).encode()
    return verdict_key(judged, rubric_digest=rubric_digest, judge=judge, order=0, repeat=repeat)


def is_about(verdict: Verdict, answer: str) -> bool:
    """Say whether a verdict was given on an answer as it reads now; its key is a digest over what was judged.

    Args:
        verdict: Of a single answer.
        answer: The answer after screening.
    """
    return verdict.key == _key(verdict.generation_key, answer, verdict.judge, verdict.rubric_digest, verdict.repeat)


def to_verdict(item: JudgeItem, judge: JudgeRef, rubric: Rubric, raw: RawVerdict) -> Verdict:
    """Return what a judge said as a row; what the rubric does not know, or is out of range, makes it unscored.

    Args:
        item: What it was shown.
        judge: Who judged.
        rubric: By what.
        raw: What it said.
    """
    reason = raw.reason or _wrong(raw, rubric)
    told = {name: answer for name, answer in raw.items.items() if answer is not None}
    if not reason and raw.axes is None and not told:
        reason = "the judge told nothing"
    return Verdict(
        key=key_of(item, judge, rubric.digest),
        generation_key=item.key,
        judge=judge,
        rubric_digest=rubric.digest,
        alias=item.alias,
        order=item.order,
        repeat=item.repeat,
        axes=None if reason else raw.axes,
        items=raw.items if raw.items and not reason else None,
        status="unscored" if reason else "scored",
        reason=reason,
        tokens=raw.tokens,
        cost_usd=raw.cost_usd,
        seconds=raw.seconds,
    )


def check_rubric(rubric: Rubric, expected_digest: str) -> None:
    """Check that the rubric is the one that the run began with.

    Args:
        rubric: The rubric at hand.
        expected_digest: The spec's.

    Raises:
        InputError: It is another one; nothing was judged.
    """
    if rubric.digest != expected_digest:
        raise InputError(
            f"The rubric {rubric.id!r} has digest {rubric.digest[:12]}, and this run began with "
            f"{expected_digest[:12]}: it was changed in the middle. Verdicts by two rubrics are not compared. Put the "
            "old wording back, or begin a new run; the answers themselves are kept and need not be made again."
        )


def _wrong(raw: RawVerdict, rubric: Rubric) -> str:
    strange = sorted({*(raw.axes or {}), *raw.items} - {*rubric.axis_ids, *rubric.item_ids})
    if strange:
        return f"the rubric has no {', '.join(strange)}"
    if raw.axes is None:
        return ""
    if missing := [axis for axis in rubric.axis_ids if axis not in raw.axes]:
        return f"no grade for {', '.join(missing)}"
    if out := {axis: grade for axis, grade in raw.axes.items() if not LOWEST <= grade <= TOP}:
        return f"grades go from 1 to 5; got {out}"
    return ""
