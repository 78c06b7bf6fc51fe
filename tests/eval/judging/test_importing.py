"""Ratings from files: taken over whole, or not at all with every wrong line told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.judging import Answer, import_ratings, load_rubric
from proofkit_eval.records import JudgeRef, Prompt, Verdict

RUBRIC = load_rubric()
AXES = dict.fromkeys(RUBRIC.axis_ids, 4)
Import = Callable[[str, str], tuple[Verdict, ...]]


@pytest.fixture
def imported(tmp_path: Path, make_prompt: Callable[..., Prompt], make_judge: Callable[..., JudgeRef]) -> Import:
    answers = {key: Answer(key=key, prompt=make_prompt(), text="A text.") for key in ("k1", "k2")}

    def take(name: str, text: str) -> tuple[Verdict, ...]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        keys = {"R-1": "k1", "R-2": "k2", "R-9": "void"}
        return import_ratings(
            path, keys=keys, answers=answers, judges={"ann": make_judge("ann", "human")}, rubric=RUBRIC
        )

    return take


def row(**changes: object) -> str:
    return json.dumps({"alias": "R-1", "judge": "ann", "axes": AXES, **changes})


def test_rows_become_verdicts(imported: Import) -> None:
    one, other = imported("r.jsonl", f"{row()}\n\n{row(alias='R-2', axes=None, reason='skipped')}\n")
    assert (one.generation_key, one.status, one.axes) == ("k1", "scored", AXES)
    assert (other.status, other.reason) == ("unscored", "skipped")


def test_a_table_is_taken_too(imported: Import) -> None:
    head = "alias,judge," + ",".join(RUBRIC.axis_ids) + ",uses_points,reason"
    (verdict,) = imported("r.csv", f"\ufeff{head}\nR-2,ann,5,4,3,2,yes,\n")
    assert verdict.axes is not None
    assert list(verdict.axes.values()) == [5, 4, 3, 2]
    assert verdict.items == {"uses_points": True}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("{", "line 2"),
        (row(judge="bob"), "unknown judge 'bob'"),
        (row(alias="R-7"), "unknown alias 'R-7'"),
        (row(alias="R-9"), "not judged"),
        (row(axes=AXES | {"depth": 6}), "grades go from 1 to 5"),
        (row(axes=AXES | {"charm": 3}), "no charm"),
        (row(alias="R-2", seconds=float("nan")), "below 0"),
        (row(), "in line 1 already"),
        (row(alias="R-2", mood="fine"), "mood"),
    ],
)
def test_a_wrong_row_is_told_with_its_line_and_nothing_is_taken(bad: str, told: str, imported: Import) -> None:
    with pytest.raises(InputError, match="line 2") as caught:
        imported("r.jsonl", f"{row()}\n{bad}\n")
    assert told in str(caught.value)
    assert "Nothing was taken over" in str(caught.value)


@pytest.mark.parametrize("line", ["R-1,ann,five,4,3,2", "R-1,ann,5,4", "R-1,ann,5,4,3,2,7"])
def test_a_wrong_line_of_a_table_is_told(line: str, imported: Import) -> None:
    with pytest.raises(InputError, match="line 2"):
        imported("r.csv", "alias,judge," + ",".join(RUBRIC.axis_ids) + f"\n{line}\n")


def test_an_unknown_column_is_told(imported: Import) -> None:
    with pytest.raises(InputError, match="'mood'"):
        imported("r.csv", "alias,judge,mood\nR-1,ann,fine\n")


def test_some_axes_only_make_no_verdict(imported: Import) -> None:
    (verdict,) = imported("r.jsonl", row(axes={"depth": 3}))
    assert verdict.status == "unscored"
    assert "no grade for" in verdict.reason
