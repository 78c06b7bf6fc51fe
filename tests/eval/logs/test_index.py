"""A run knows in a moment what is left to do."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.logs import RowLog, index_log
from proofkit_eval.records import Generation

Row = Callable[..., Generation]


def test_a_row_is_read_from_its_place(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "log.jsonl"
    rows = [row(number, text=f"Grüße {number}") for number in range(20)]
    with RowLog(path) as log:
        for each in rows:
            log.append(each)
    index = index_log(path)
    assert [index.read(each.key, Generation) for each in reversed(rows)] == rows[::-1]
    assert rows[0].key in index
    assert list(index.missing(iter([rows[3].key, "other"]))) == ["other"]


def test_of_two_rows_with_one_key_the_first_is_found_and_the_other_counted(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(row(1, text=text).model_dump_json().encode() + b"\n" for text in ("one", "two")))
    index = index_log(path)
    assert (len(index), index.repeated) == (1, 1)
    assert index.read(row(1).key, Generation).text == "one"


def test_a_log_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    assert len(index_log(tmp_path / "none.jsonl")) == 0


def test_a_row_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no row"):
        index_log(tmp_path / "none.jsonl").read("0" * 64, Generation)


def test_a_hundred_thousand_generations_are_indexed_in_under_five_seconds(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "log.jsonl"
    template = row(0, text="A sentence of the usual length, with a number [S1]. " * 16).model_dump_json()
    key = row(0).key
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{template.replace(key, f'{number:064x}')}\n" for number in range(100_000))
    started = time.process_time()
    index = index_log(path)
    took = time.process_time() - started
    assert len(index) == 100_000
    assert took < 5.0
