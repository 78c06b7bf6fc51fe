"""Reads verdicts that were made elsewhere: by people on the rating page, or by a hosted model in a batch."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import InputError
from proofkit_eval.judging.panel import to_verdict
from proofkit_eval.judging.planning import Answer
from proofkit_eval.judging.protocol import JudgeItem, RawVerdict
from proofkit_eval.judging.rubric import LOWEST, TOP, Rubric
from proofkit_eval.records import JudgeRef, Verdict

__all__ = ["Rating", "import_ratings"]

_TOLD = 10
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None, "n/a": None}


class Rating(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One row of a file of ratings. Answers are named by their aliases: who rates knows nothing else."""

    alias: str
    judge: str
    axes: dict[str, int] | None = None
    items: dict[str, bool | None] = {}
    reason: str = ""
    """Why there is no verdict, such as `skipped`."""
    repeat: int = 0
    tokens: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0


def import_ratings(
    path: Path,
    *,
    keys: Mapping[str, str],
    answers: Mapping[str, Answer],
    judges: Mapping[str, JudgeRef],
    rubric: Rubric,
) -> tuple[Verdict, ...]:
    """Read a file of ratings, JSON lines or CSV by the end of its name.

    A CSV has the columns `alias` and `judge`, and any of the rubric's axes and items by their ids, `reason`, `repeat`.

    Args:
        path: The file.
        keys: Generation key by alias, from the blind map.
        answers: Answers by generation key.
        judges: The judges of the run, by id.
        rubric: By what was rated.

    Returns:
        One verdict a row. A row without grades is unscored, with its reason.

    Raises:
        InputError: Rows are wrong; every one of the first ten is told with its line, and nothing was taken over.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The ratings {str(path)!r} cannot be read: {error}. Expected JSON lines or CSV.") from error
    rows = _csv_rows(text, rubric) if path.suffix.casefold() == ".csv" else _json_rows(text)
    verdicts: list[Verdict] = []
    wrong: list[str] = []
    seen: dict[tuple[str, str, int], int] = {}
    for line, row in rows:
        problem = row if isinstance(row, str) else _problem(row, keys, answers, judges, rubric)
        if isinstance(row, Rating) and not problem:
            before = seen.setdefault((row.judge, row.alias, row.repeat), line)
            if before != line:
                problem = f"{row.judge} rated {row.alias} in line {before} already"
        if problem or isinstance(row, str):
            wrong.append(f"line {line}: {problem}")
            continue
        key = keys[row.alias]
        verdicts.append(_verdict(row, key, answers[key], judges[row.judge], rubric))
    if wrong:
        more = f" … and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise InputError(
            f"The ratings {str(path)!r} have {len(wrong)} wrong rows. {'; '.join(wrong[:_TOLD])}{more}. Nothing was "
            "taken over; put these lines right and import the file again."
        )
    return tuple(verdicts)


def _json_rows(text: str) -> list[tuple[int, Rating | str]]:
    rows: list[tuple[int, Rating | str]] = []
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        try:
            rows.append((line, Rating.model_validate_json(content)))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the row"
            rows.append((line, f"{place}: {first['msg']}"))
    return rows


def _csv_rows(text: str, rubric: Rubric) -> list[tuple[int, Rating | str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    known = {"alias", "judge", "reason", "repeat", *rubric.axis_ids, *rubric.item_ids}
    columns = set(reader.fieldnames or ())
    if missing := sorted({"alias", "judge"} - columns) or sorted(columns - known):
        told = ", ".join(repr(name) for name in missing)
        return [(1, f"the columns {told} are missing or unknown; expected alias, judge, and ids of the rubric")]
    return [(reader.line_num, _csv_row(cast("dict[str | None, object]", row), rubric)) for row in reader]


def _csv_row(row: Mapping[str | None, object], rubric: Rubric) -> Rating | str:
    if None in row or None in row.values():
        return "it has another number of fields than the first line"
    cells = {str(name): str(value).strip() for name, value in row.items()}
    try:
        axes = {axis: int(cells[axis]) for axis in rubric.axis_ids if cells.get(axis)}
        repeat = int(cells.get("repeat") or 0)
    except ValueError as error:
        return f"{error}; expected a whole number"
    items: dict[str, bool | None] = {}
    for item in rubric.item_ids:
        told = cells.get(item, "").casefold()
        if told not in _YES_NO:
            return f"{item} is {told!r}; expected yes, no or nothing"
        if item in cells:
            items[item] = _YES_NO[told]
    return Rating(
        alias=cells["alias"],
        judge=cells["judge"],
        axes=axes or None,
        items=items,
        reason=cells.get("reason", ""),
        repeat=repeat,
    )


def _problem(
    row: Rating,
    keys: Mapping[str, str],
    answers: Mapping[str, Answer],
    judges: Mapping[str, JudgeRef],
    rubric: Rubric,
) -> str:
    """Return what is wrong with a row, or nothing."""
    axes = row.axes or {}
    strange = sorted({*axes, *row.items} - {*rubric.axis_ids, *rubric.item_ids})
    out = {axis: grade for axis, grade in axes.items() if not LOWEST <= grade <= TOP}
    checks = (
        (
            row.judge not in judges,
            f"an unknown judge {row.judge!r}; this run has {', '.join(sorted(judges)) or 'none'}",
        ),
        (row.alias not in keys, f"an unknown alias {row.alias!r}; expected one of the blind map"),
        (keys.get(row.alias) not in answers, f"the answer {row.alias!r} is not judged: it is void, or of another run"),
        (bool(strange), f"the rubric has no {', '.join(strange)}"),
        (bool(out), f"grades go from {LOWEST} to {TOP}; got {json.dumps(out)}"),
        (row.repeat < 0 or row.tokens < 0 or not row.seconds >= 0, "repeat, tokens and seconds cannot be below 0"),
    )
    return next((told for is_wrong, told in checks if is_wrong), "")


def _verdict(row: Rating, key: str, answer: Answer, judge: JudgeRef, rubric: Rubric) -> Verdict:
    item = JudgeItem(key=key, alias=row.alias, prompt=answer.prompt, answer=answer.text, repeat=row.repeat)
    raw = RawVerdict(
        axes=row.axes,
        items=row.items,
        reason=row.reason,
        tokens=row.tokens,
        cost_usd=row.cost_usd,
        seconds=row.seconds,
    )
    return to_verdict(item, judge, rubric, raw)
