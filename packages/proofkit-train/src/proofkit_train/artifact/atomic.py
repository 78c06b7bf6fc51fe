"""Files appear under their final name whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from proofkit_train.errors import ModelFileError

__all__ = ["PARTIAL", "make_folder", "remove_partial", "write_text", "written"]

PARTIAL = ".partial"
"""End of the name of what is being written; it starts with a dot."""


@contextmanager
def written(path: Path) -> Generator[Path]:
    """Yield a place beside a file; what was written there gets the final name at the end, and only then.

    Args:
        path: The final name; a file that has it already is replaced.

    Raises:
        ModelFileError: The file could not be written; nothing is left, and a former file is untouched.
    """
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL)
        os.close(handle)
        partial = Path(name)
        yield partial
        _flush(partial)
        partial.chmod(0o644)  # a temporary file is private, a result is not
        partial.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise ModelFileError(
            f"{str(path)!r} could not be written: {error.strerror or error}. Expected room and permission there. Free "
            f"some disk space or name another folder, and run it again; nothing was left under that name."
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file.

    Raises:
        ModelFileError: It could not be written; nothing is left.
    """
    with written(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def make_folder(folder: Path) -> None:
    """Make a folder if there is none.

    Raises:
        ModelFileError: It could not be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelFileError(
            f"The folder {str(folder)!r} could not be made: {error.strerror}. Expected a place to write to. "
            f"Name another folder."
        ) from error


def remove_partial(folder: Path) -> None:
    """Remove what a killed process left half-written in a folder.

    Raises:
        ModelFileError: It could not be removed.
    """
    try:
        for left in folder.glob(f".*{PARTIAL}"):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
    except OSError as error:
        raise ModelFileError(
            f"What a stopped export left in {str(folder)!r} could not be removed: {error.strerror}. Expected a folder "
            f"to write to. Name another folder."
        ) from error


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names without being asked
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
