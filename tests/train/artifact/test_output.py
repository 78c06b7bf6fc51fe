import errno
import os
import stat
from pathlib import Path

import pytest

from proofkit_train.artifact.output import make_folder, remove_halves, write_text, written
from proofkit_train.errors import ModelFileError


def test_a_file_appears_whole_and_readable_for_everybody(tmp_path: Path) -> None:
    with written(tmp_path / "model.gguf") as half:
        half.write_bytes(b"whole")
        assert [path.name for path in tmp_path.iterdir()] == [half.name]
        assert half.name.startswith(".half-model.gguf-")
    assert [path.name for path in tmp_path.iterdir()] == ["model.gguf"]
    assert (tmp_path / "model.gguf").read_bytes() == b"whole"
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "model.gguf").stat().st_mode) == 0o644


def _fail(path: Path, error: BaseException) -> None:
    with written(path) as half:
        half.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_whatever_goes_wrong_the_former_file_stays_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"former")
    with pytest.raises(type(error)):
        _fail(path, error)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("model.gguf", b"former")]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError("4096 requested and 128 written"), "4096 requested and 128 written"),
    ],
)
def test_a_full_disk_is_told_with_the_next_step(tmp_path: Path, error: OSError, message: str) -> None:
    with pytest.raises(ModelFileError, match=rf"model\.gguf' could not be written: {message}.*Free some disk space"):
        _fail(tmp_path / "model.gguf", error)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="No such file or directory"):
        write_text(tmp_path / "nowhere" / "card.md", "text")


def test_text_has_the_same_bytes_everywhere(tmp_path: Path) -> None:
    write_text(tmp_path / "card.md", "a\n‖d‖\n")
    assert (tmp_path / "card.md").read_bytes() == "a\n‖d‖\n".encode()


def test_only_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    make_folder(tmp_path / ".half-work-x")
    (tmp_path / ".half-work-x" / "full.gguf").write_bytes(b"x")
    for name in (".half-model.gguf-x", "model.gguf", ".hidden", "notes.half-x"):
        (tmp_path / name).write_bytes(b"x")
    remove_halves(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "model.gguf", "notes.half-x"]
