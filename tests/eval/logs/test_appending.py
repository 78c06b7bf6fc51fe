"""A log loses at most the row in flight, whatever ends its program."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError, OutputPathError
from proofkit_eval.logs import RowLog, index_log, read_log
from proofkit_eval.records import Generation

Row = Callable[..., Generation]

WRITER = """
import sys
from pathlib import Path
from proofkit_eval.logs import RowLog, length_prefixed
from proofkit_eval.records import Screening

with RowLog(Path(sys.argv[1])) as log:
    for number in range(1_000_000):
        key = length_prefixed(str(number).encode())
        log.append(Screening(key=key, status="ok", reasons=(), text="long " * 400, diff=""))
        print(key, flush=True)
"""


def test_rows_come_back_as_they_were_written(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "new" / "generations.jsonl"
    rows = [row(number, text="Zeile\nzwei \u2028 drei") for number in range(5)]
    with RowLog(path) as log:
        for each in rows:
            log.append(each)
    assert list(read_log(path, Generation).values()) == rows


def test_a_log_is_only_ever_added_to(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "generations.jsonl"
    with RowLog(path) as log:
        log.append(row(1))
    before = path.read_bytes()
    with RowLog(path) as log:
        log.append(row(2))
    assert path.read_bytes().startswith(before)
    assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("after", [1, 7, 20])
def test_a_killed_program_loses_at_most_the_row_in_flight(tmp_path: Path, after: int) -> None:
    path = tmp_path / "screenings.jsonl"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(after)]
        writer.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        told += [line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    index = index_log(path)
    assert set(told) <= set(index.places)
    assert len(index) <= len(told) + 1


@pytest.mark.parametrize("kept", [1, 60, -1])
def test_a_half_written_row_is_put_aside_and_the_next_one_begins_its_own_line(
    tmp_path: Path, row: Row, kept: int
) -> None:
    path = tmp_path / "generations.jsonl"
    with RowLog(path) as log:
        log.append(row(1))
    half = row(2).model_dump_json().encode()[:kept]
    with path.open("ab") as file:
        file.write(half)
    told: list[str] = []
    with RowLog(path, told=told.append) as log:
        log.append(row(3))
    assert [each.prompt_id for each in read_log(path, Generation).values()] == ["p1", "p3"]
    assert (tmp_path / "generations.jsonl.torn").read_bytes() == half + b"\n"
    assert "half written" in told[0]


def test_a_half_written_row_longer_than_a_chunk_is_put_aside_whole(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "generations.jsonl"
    with RowLog(path) as log:
        log.append(row(1))
    half = row(2, text="x" * 200_000).model_dump_json().encode()[:-1]
    with path.open("ab") as file:
        file.write(half)
    RowLog(path).close()
    assert [each.prompt_id for each in read_log(path, Generation).values()] == ["p1"]
    assert (tmp_path / "generations.jsonl.torn").read_bytes() == half + b"\n"


def test_a_half_written_row_is_left_out_by_those_who_only_read(tmp_path: Path, row: Row) -> None:
    path = tmp_path / "generations.jsonl"
    content = row(1).model_dump_json().encode() + b"\n" + row(2).model_dump_json().encode()[:50]
    path.write_bytes(content)
    told: list[str] = []
    assert len(read_log(path, Generation, told=told.append)) == 1
    assert len(index_log(path, told=told.append)) == 1
    assert [("line 2" in sentence) for sentence in told] == [True, True]
    assert path.read_bytes() == content


def test_two_programs_may_not_write_one_log(tmp_path: Path) -> None:
    path = tmp_path / "generations.jsonl"
    with RowLog(path), pytest.raises(InputError, match="Another program writes"):
        RowLog(path)
    RowLog(path).close()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputPathError, match="cannot be written"):
        RowLog(tmp_path / "file" / "generations.jsonl")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a device that is always full")
def test_a_full_disk_raises_and_does_not_pass_for_written(row: Row) -> None:
    with RowLog(Path("/dev/full")) as log, pytest.raises(OSError, match="space"):
        log.append(row(1))
