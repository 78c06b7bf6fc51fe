"""Writes logs in the format of Inspect AI (schema version 2), one a model, which its own viewer opens.

Inspect itself is not needed. What has no place in its format goes into the metadata.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proofkit_core.provenance import digest_bytes
from proofkit_eval.board.columns import columns_of
from proofkit_eval.board.records import Board, JudgeCell, Row
from proofkit_eval.judging.asking import exercise_of
from proofkit_eval.judging.rubric import score_of
from proofkit_eval.judging.scores import current_verdicts
from proofkit_eval.records import EvalLog, Generation, Verdict
from proofkit_eval.report.log_file import write_text

__all__ = ["INSPECT_SCHEMA", "inspect_logs", "write_inspect_logs"]

INSPECT_SCHEMA = 2
_TASK = "proofkit"
_STOPS = {"stop": "stop", "length": "max_tokens"}
_NEVER = "1970-01-01T00:00:00+00:00"
Json = dict[str, Any]


def write_inspect_logs(folder: Path, log: EvalLog, board: Board) -> tuple[Path, ...]:
    """Write one log a model into a folder.

    Args:
        folder: Where; open it with `inspect view --log-dir`.
        log: The evaluation.
        board: The board.

    Raises:
        OutputPathError: A file cannot be written.
    """
    paths: list[Path] = []
    for name, data in inspect_logs(log, board).items():
        path = folder / name
        write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        paths.append(path)
    return tuple(paths)


def inspect_logs(log: EvalLog, board: Board) -> dict[str, Json]:
    """Return one log a row of the board, by file name.

    Args:
        log: The evaluation.
        board: The board.
    """
    columns = {column.name: column for column in columns_of(log, board.settings)}
    found = _Found(log)
    logs = (_log(log, row, columns[row.name].samples, found) for row in board.rows)
    return {_file_name(row.name, data): data for row, data in zip(board.rows, logs, strict=True)}


class _Found:
    """All rows of a log, by the answer they are about."""

    def __init__(self, log: EvalLog) -> None:
        self.prompts = {prompt.id: prompt for prompt in log.prompts}
        self.screenings = {each.key: each for each in log.screenings}
        self.gates = {each.key: each for each in log.gates}
        self.measures = {each.key: each for each in log.measures}
        self.verdicts: defaultdict[str, list[Verdict]] = defaultdict(list)
        for verdict in current_verdicts(log):
            self.verdicts[verdict.generation_key].append(verdict)


def _log(log: EvalLog, row: Row, samples: Sequence[Generation], found: _Found) -> Json:
    times = [sample.made_at.isoformat() for sample in samples] or [_NEVER]
    usage = _usage(sum(each.prompt_tokens for each in samples), sum(each.completion_tokens for each in samples))
    return {
        "version": INSPECT_SCHEMA,
        "status": "success",
        "eval": _eval(log, row, min(times)),
        "plan": {"name": "plan", "steps": [{"solver": "generate", "params": {}}], "config": {}},
        "results": _results(row, len(samples)),
        "stats": {"started_at": min(times), "completed_at": max(times), "model_usage": {row.name: usage}},
        "samples": [_sample(sample, row, log, found) for sample in samples],
    }


def _eval(log: EvalLog, row: Row, created: str) -> Json:
    spec = log.spec
    identity = digest_bytes(f"{spec.digest}/{row.name}".encode())[:22]
    return {
        "eval_id": identity,
        "run_id": spec.digest[:22] or identity,
        "created": created,
        "task": _TASK,
        "task_id": identity,
        "task_version": spec.set_digest[:12],
        "dataset": {
            "name": "held-out",
            "samples": len(log.prompts),
            "sample_ids": [prompt.id for prompt in log.prompts],
            "shuffled": False,
        },
        "model": f"{row.model.backend}/{row.name}",
        "model_generate_config": {},
        "config": {"epochs": max(1, len(spec.seeds))},
        "packages": {"proofkit-eval": spec.code_version},
        "metadata": {
            "spec_digest": spec.digest,
            "set_digest": spec.set_digest,
            "contract_digest": spec.contract_digest,
            "rubric_digest": spec.rubric_digest,
            "artifact_digest": row.model.artifact_digest,
            "base_digest": row.model.base_digest,
            "decoding": dict(spec.decoding),
            "kind": row.kind,
            "notes": list(row.notes),
        },
    }


def _results(row: Row, completed: int) -> Json:
    scores = [_score_of_judge(cell) for cell in row.judges]
    scores.append(_score("gates", {name: gate.rate for name, gate in row.gates.items()}, completed))
    faith = row.faithfulness
    measures: dict[str, float | None] = {
        "anchor_recall": faith.anchor_recall.mean,
        "swap_followed": faith.swap_followed.rate,
        "unsupported_rate": faith.unsupported_rate.mean,
    }
    scores.append(_score("faithfulness", measures, completed))
    return {"total_samples": row.coverage.expected, "completed_samples": completed, "scores": scores}


def _score_of_judge(cell: JudgeCell) -> Json:
    found = cell.score
    figures = {"mean": found.mean, "interval_low": found.low, "interval_high": found.high}
    score = _score(f"judge_{cell.judge}", figures, cell.scored)
    score["unscored_samples"] = cell.expected - cell.scored
    score["metadata"] = {"left_out": list(cell.greyed), "void": cell.void, "unscored": cell.unscored}
    return score


def _score(name: str, figures: Mapping[str, float | None], scored: int) -> Json:
    metrics = {each: {"name": each, "value": value} for each, value in figures.items() if value is not None}
    return {"name": name, "scorer": name, "scored_samples": scored, "params": {}, "metrics": metrics}


def _sample(sample: Generation, row: Row, log: EvalLog, found: _Found) -> Json:
    asked = exercise_of(found.prompts[sample.prompt_id])
    answer = {"role": "assistant", "content": sample.text, "source": "generate", "model": row.name}
    usage = _usage(sample.prompt_tokens, sample.completion_tokens)
    stop = _STOPS.get(sample.finish_reason, "unknown")
    screening = found.screenings.get(sample.key)
    return {
        "id": sample.prompt_id,
        "epoch": 1 + (log.spec.seeds.index(sample.seed) if sample.seed in log.spec.seeds else 0),
        "input": asked,
        "target": "",
        "messages": [{"role": "user", "content": asked, "source": "input"}, answer],
        "output": {
            "model": row.name,
            "choices": [{"message": answer, "stop_reason": stop}],
            "completion": sample.text,
            "usage": usage,
            "time": sample.seconds,
        },
        "scores": _scores(sample, found),
        "metadata": {
            "key": sample.key,
            "finish_reason": sample.finish_reason,
            "screening": screening.status if screening else None,
            "screening_reasons": list(screening.reasons) if screening else [],
            "judged_text": screening.text if screening and screening.status == "repaired" else None,
        },
        "model_usage": {row.name: usage},
        "started_at": sample.made_at.isoformat(),
        "completed_at": sample.made_at.isoformat(),
        "total_time": sample.seconds,
        "uuid": sample.key[:22],
    }


def _scores(sample: Generation, found: _Found) -> Json:
    scores: Json = {}
    if (result := found.gates.get(sample.key)) is not None:
        told = "; ".join(result.findings)
        scores["gates"] = {"value": dict(result.gates), "explanation": told, "metadata": {"hard": result.hard_failed}}
    if (measures := found.measures.get(sample.key)) is not None:
        values = {
            "anchor_recall": measures.anchor_recall,
            "swap_followed": measures.swap_followed,
            "unsupported_rate": measures.unsupported_rate,
        }
        told = {"missing": list(measures.missing), "unsupported": list(measures.unsupported)}
        scores["faithfulness"] = {"value": values, "metadata": told}
    for verdict in found.verdicts[sample.key]:
        scores[f"judge_{verdict.judge.id}"] = _verdict(verdict)
    return scores


def _verdict(verdict: Verdict) -> Json:
    """Return a verdict as a score; an unscored one is NaN with its reason, which Inspect's figures pass over."""
    value = score_of(verdict.axes, verdict.items or {})
    told = {"axes": verdict.axes, "items": verdict.items, "alias": verdict.alias, "order": verdict.order}
    if verdict.status == "unscored" or value is None:
        return {"value": math.nan, "reason": "unscored", "explanation": verdict.reason, "metadata": told}
    return {"value": value, "metadata": told}


def _usage(asked: int, written: int) -> Json:
    return {"input_tokens": asked, "output_tokens": written, "total_tokens": asked + written}


def _file_name(name: str, data: Json) -> str:
    """Return a name as Inspect gives it; its viewer lists no other JSON files of a folder."""
    time = str(data["eval"]["created"]).partition(".")[0].partition("+")[0].removesuffix("Z").replace(":", "-")
    model = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return f"{time}_{_TASK}_{model}_{data['eval']['task_id']}.json"
