"""Turns verdicts into a table of scores, which everything that is said about judges is worked out from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from statistics import fmean
from typing import NamedTuple

from proofkit_eval.judging.conflicts import Kinship
from proofkit_eval.judging.rubric import LOWEST, score_of
from proofkit_eval.records import EvalLog, Generation, Verdict
from proofkit_eval.statistics import Scores

__all__ = ["Tally", "current_verdicts", "judge_scores", "second_looks", "table_of", "tally", "without_conflicts"]


class Tally(NamedTuple):
    """What one judge made of one model's answers."""

    expected: int
    """Answers that go before judges."""
    scored: int
    void: int
    """Answers that count as the lowest grade unread."""
    missing: int
    """Answers without any verdict."""
    unscored: dict[str, int]
    """By reason: how many verdicts failed."""


def judge_scores(log: EvalLog, *, judges: Collection[str] | None = None) -> Scores:
    """Return the scores from 1 to 5 of the spec's models, as they stand in a log.

    A void answer is a 1 from every judge. An unscored verdict, a missing one, and one of another rubric are None.
    Second looks do not count.

    Args:
        log: The evaluation.
        judges: Ids of the judges to take; None for all of the spec.
    """
    digests = {model.id: model.artifact_digest for model in log.spec.models}
    named = {
        sample.key: sample.model.id
        for sample in log.samples
        if digests.get(sample.model.id) == sample.model.artifact_digest
        and sample.contract_digest == log.spec.contract_digest
    }
    wanted = tuple(judge.id for judge in log.spec.judges if judges is None or judge.id in judges)
    return table_of(log, named, models=tuple(digests), judges=wanted)


def table_of(
    log: EvalLog,
    named: Mapping[str, str],
    *,
    models: tuple[str, ...],
    judges: tuple[str, ...],
    count_void: bool = True,
) -> Scores:
    """Return the scores of some answers.

    Args:
        log: The evaluation.
        named: The column that each generation belongs to, by its key; others are left out.
        models: The columns.
        judges: Ids of the judges.
        count_void: Whether a void answer is a 1 from everybody; otherwise it is left out.
    """
    void = _void(log)
    cells: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    verdicts = _first_verdicts(log)
    for sample in _samples(log, named):
        if sample.key in void and not count_void:
            continue
        for judge in judges:
            score = float(LOWEST) if sample.key in void else _score(verdicts.get((sample.key, judge)))
            if score is not None:
                cells[sample.prompt_id, named[sample.key], judge].append(score)

    def cell(prompt: str, model: str, judge: str) -> float | None:
        found = cells.get((prompt, model, judge))
        return fmean(found) if found else None

    return Scores(
        models=models,
        judges=judges,
        prompts=tuple(prompt.id for prompt in log.prompts),
        clusters=tuple(prompt.cluster for prompt in log.prompts),
        values=tuple(
            tuple(tuple(cell(prompt.id, model, judge) for judge in judges) for model in models)
            for prompt in log.prompts
        ),
    )


def without_conflicts(scores: Scores, kinship: Kinship) -> Scores:
    """Return the table without what judges say of their kin.

    Args:
        scores: The whole table.
        kinship: From `family_conflicts`.
    """
    barred = {(each.judge, each.model) for each in kinship.conflicts}
    values = tuple(
        tuple(
            tuple(None if (judge, model) in barred else cell for judge, cell in zip(scores.judges, cells, strict=True))
            for model, cells in zip(scores.models, row, strict=True)
        )
        for row in scores.values
    )
    return scores.model_copy(update={"values": values})


def tally(log: EvalLog, named: Mapping[str, str]) -> dict[tuple[str, str], Tally]:
    """Return what came of the verdicts, by column and judge: what failed and why is shown, never dropped.

    Args:
        log: The evaluation.
        named: The column that each generation belongs to, by its key.
    """
    void, verdicts = _void(log), _first_verdicts(log)
    found: dict[tuple[str, str], Tally] = {}
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for sample in _samples(log, named):
        keys[named[sample.key]].append(sample.key)
    for model, answers in keys.items():
        for judge in log.spec.judges:
            read = [verdicts.get((key, judge.id)) for key in answers if key not in void]
            failed: defaultdict[str, int] = defaultdict(int)
            for verdict in read:
                if verdict is not None and verdict.status == "unscored":
                    failed[verdict.reason] += 1
            scored = sum(verdict is not None and verdict.status == "scored" for verdict in read)
            missing = sum(verdict is None for verdict in read)
            found[model, judge.id] = Tally(len(read), scored, len(answers) - len(read), missing, dict(failed))
    return found


def second_looks(verdicts: Iterable[Verdict]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return, by judge, the scores of the answers that it saw twice: first and second."""
    seen: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for verdict in verdicts:
        score = _score(verdict)
        if score is not None:
            seen[verdict.judge.id, verdict.generation_key][verdict.repeat] = score
    pairs: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for (judge, _key), looks in seen.items():
        if 0 in looks and 1 in looks:
            pairs[judge].append((looks[0], looks[1]))
    return {judge: tuple(found) for judge, found in pairs.items()}


def current_verdicts(log: EvalLog) -> tuple[Verdict, ...]:
    """Return the first looks at single answers by the spec's rubric and by its judges, told by their digests.

    What another rubric or other weights of a judge said under the same name is stale.
    """
    meant = {(judge.id, judge.version, judge.artifact_digest) for judge in log.spec.judges}
    return tuple(
        verdict
        for verdict in log.verdicts
        if verdict.repeat == 0
        and verdict.pair is None
        and verdict.rubric_digest == log.spec.rubric_digest
        and (verdict.judge.id, verdict.judge.version, verdict.judge.artifact_digest) in meant
    )


def _first_verdicts(log: EvalLog) -> dict[tuple[str, str], Verdict]:
    return {(verdict.generation_key, verdict.judge.id): verdict for verdict in current_verdicts(log)}


def _samples(log: EvalLog, named: Mapping[str, str]) -> Iterable[Generation]:
    return (sample for sample in log.samples if sample.key in named and not sample.swap)


def _void(log: EvalLog) -> set[str]:
    return {screening.key for screening in log.screenings if screening.status == "void"}


def _score(verdict: Verdict | None) -> float | None:
    if verdict is None or verdict.status == "unscored" or verdict.pair is not None:
        return None
    return score_of(verdict.axes, verdict.items or {})
