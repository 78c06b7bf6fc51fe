"""What is wrong in a log is told with its line, and nothing of it is lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.logs import index_log, read_log
from proofkit_eval.logs.reading import Keep
from proofkit_eval.records import Generation

Row = Callable[..., Generation]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("{not json", "JSON"),
        ("[]", "object"),
        ("null", "object"),
        ('{"text": "no key"}', "key"),
    ],
)
def test_a_malformed_row_is_told_with_its_line_number(tmp_path: Path, row: Row, broken: str, why: str) -> None:
    path = write(tmp_path / "log.jsonl", row(1).model_dump_json(), "", broken, row(2).model_dump_json())
    before = path.read_bytes()
    with pytest.raises(InputError, match=rf"line 3: .*{why}"):
        read_log(path, Generation)
    with pytest.raises(InputError, match="line 3: "):
        index_log(path)
    assert path.read_bytes() == before


def test_a_row_without_one_of_its_parts_is_told_by_the_part(tmp_path: Path, row: Row) -> None:
    value = json.loads(row(1).model_dump_json())
    del value["model"]["artifact_digest"]
    with pytest.raises(InputError, match=r"line 1: model\.artifact_digest: got nothing, expected a value"):
        read_log(write(tmp_path / "log.jsonl", json.dumps(value)), Generation)


def test_a_number_that_is_none_is_refused(tmp_path: Path, row: Row) -> None:
    line = row(1).model_dump_json().replace('"seconds":1.5', '"seconds":NaN')
    with pytest.raises(InputError, match="line 1: "):
        read_log(write(tmp_path / "log.jsonl", line), Generation)


def test_many_malformed_rows_are_told_at_once_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", *["{" for _ in range(9)])
    with pytest.raises(InputError, match=r"has 9 lines .*line 5: .*; and 4 more"):
        read_log(path, Generation)


@pytest.mark.parametrize(("keep", "counts"), [("first", "one"), ("last", "two")])
def test_a_key_that_stands_twice_is_told_and_only_one_row_counts(
    tmp_path: Path, row: Row, keep: Keep, counts: str
) -> None:
    lines = [row(1, text=text).model_dump_json() for text in ("one", "two")]
    path = write(tmp_path / "log.jsonl", *lines)
    told: list[str] = []
    found = read_log(path, Generation, keep=keep, told=told.append)
    assert [each.text for each in found.values()] == [counts]
    assert "line 1 stands again in line 2 and says something else" in told[0]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_the_same_row_made_at_another_time_says_the_same(tmp_path: Path, row: Row) -> None:
    path = write(tmp_path / "log.jsonl", row(1).model_dump_json(), row(1, seconds=9.0).model_dump_json())
    told: list[str] = []
    read_log(path, Generation, told=told.append)
    assert "says the same" in told[0]


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_log(tmp_path / "none.jsonl", Generation)
