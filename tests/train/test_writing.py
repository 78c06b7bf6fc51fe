"""Nothing half-written is found under a final name."""

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from proofkit_train.writing import remove_folder, remove_halves, write_bytes, write_folder, written

FullDisk = Callable[[int], AbstractContextManager[None]]


def fill(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(b"w" * 50_000)


def fail(folder: Path) -> None:
    fill(folder)
    raise KeyboardInterrupt


def found(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    with written(tmp_path / "loss.csv") as half:
        half.write_bytes(b"whole")
        assert [path.name for path in tmp_path.iterdir()] == [half.name]
    assert found(tmp_path) == {"loss.csv": b"whole"}


def test_a_full_disk_leaves_a_file_as_it_was(tmp_path: Path, full_disk: FullDisk) -> None:
    path = tmp_path / "loss.csv"
    write_bytes(path, b"old")
    with full_disk(10), pytest.raises(OSError, match="File too large"):
        write_bytes(path, b"new" * 100)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_whatever_goes_wrong_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "adapter", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_folder(tmp_path / "set", lambda half: (half / "old.jsonl").touch())
    write_folder(tmp_path / "set", lambda half: (half / "new.jsonl").touch())
    assert found(tmp_path) == {"set/new.jsonl": b""}


def test_whatever_goes_wrong_leaves_a_former_folder_as_it_was(tmp_path: Path, full_disk: FullDisk) -> None:
    write_folder(tmp_path / "set", lambda half: (half / "old.jsonl").touch())
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "set", fail)
    with full_disk(10_000), pytest.raises(OSError, match="File too large"):
        write_folder(tmp_path / "set", fill)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    assert found(tmp_path) == {"set/old.jsonl": b""}


def test_a_folder_does_not_replace_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(OSError, match="Not a directory"):
            write_folder(tmp_path / name, fill)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "file", "link"]
    assert (tmp_path / "link").is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="no such modes there")
def test_a_folder_is_as_open_as_one_made_by_hand(tmp_path: Path) -> None:
    (tmp_path / "by hand").mkdir()
    write_folder(tmp_path / "written", fill)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("by hand", "written")}
    assert len(modes) == 1


def test_a_folder_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    write_folder(tmp_path / "checkpoint", fill)
    remove_folder(tmp_path / "checkpoint")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".half-checkpoint-00000002-1a").mkdir()
    (tmp_path / ".half-loss.csv-2b").touch()
    (tmp_path / "loss.csv").touch()
    remove_halves(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["loss.csv"]
