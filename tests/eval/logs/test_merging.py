"""The files of shards come together whole, whoever wrote them and in which order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.logs import RowLog, merge_logs, read_log
from proofkit_eval.logs.reading import Keep
from proofkit_eval.records import Generation

Row = Callable[..., Generation]


def shard(path: Path, *rows: Generation) -> Path:
    with RowLog(path) as log:
        for row in rows:
            log.append(row)
    return path


def test_shards_merge_to_the_sum_of_their_rows(tmp_path: Path, row: Row) -> None:
    one = shard(tmp_path / "1.jsonl", row(1), row(3))
    two = shard(tmp_path / "2.jsonl", row(2))
    merged = merge_logs([one, two], tmp_path / "all.jsonl", Generation)
    assert (merged.rows, merged.from_each, merged.repeats) == (3, (2, 1), 0)
    found = read_log(tmp_path / "all.jsonl", Generation)
    assert sorted(each.prompt_id for each in found.values()) == ["p1", "p2", "p3"]
    assert len(read_log(one, Generation)) == 2


@pytest.mark.parametrize(("keep", "counts"), [("first", "one"), ("last", "two")])
def test_a_key_of_two_shards_counts_once_and_is_told(tmp_path: Path, row: Row, keep: Keep, counts: str) -> None:
    paths = [shard(tmp_path / f"{text}.jsonl", row(1, text=text)) for text in ("one", "two")]
    told: list[str] = []
    merged = merge_logs(paths, tmp_path / "all.jsonl", Generation, keep=keep, told=told.append)
    assert (merged.rows, merged.repeats) == (1, 1)
    assert [each.text for each in read_log(tmp_path / "all.jsonl", Generation).values()] == [counts]
    assert "stands in an earlier file too" in told[0]


def test_merging_again_changes_nothing(tmp_path: Path, row: Row) -> None:
    one, two = shard(tmp_path / "1.jsonl", row(1)), shard(tmp_path / "2.jsonl", row(2))
    whole = tmp_path / "all.jsonl"
    merge_logs([one, two], whole, Generation)
    before = whole.read_bytes()
    assert merge_logs([whole, one, two], whole, Generation).rows == 2
    assert whole.read_bytes() == before


def test_a_broken_shard_leaves_the_whole_as_it_was(tmp_path: Path, row: Row) -> None:
    whole = shard(tmp_path / "all.jsonl", row(1))
    before = whole.read_bytes()
    (tmp_path / "2.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"2\.jsonl has a line .*line 1"):
        merge_logs([whole, tmp_path / "2.jsonl"], whole, Generation)
    assert whole.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.jsonl", "all.jsonl"]


def test_no_shards_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no logs to merge"):
        merge_logs([], tmp_path / "all.jsonl", Generation)
