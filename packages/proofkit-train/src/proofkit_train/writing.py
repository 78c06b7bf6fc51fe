"""Writes files and folders so that nothing half-written is ever found under a final name.

Whatever goes wrong is passed on as it is; what a person should do about it is said where the file is known.
"""

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

__all__ = ["HALF", "remove_folder", "remove_halves", "write_bytes", "write_folder", "written"]

HALF = ".half-"
"""Start of the name of what is being written or removed."""


@contextmanager
def written(path: Path) -> Generator[Path]:
    """Yield a place beside a file; what was written there gets the final name at the end, and only then.

    Args:
        path: The final name; a file that has it already is replaced.

    Raises:
        OSError: It could not be written; nothing is left, and an older file of that name is as it was.
    """
    half = _half(path)
    try:
        yield half
        _flush(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    _flush_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: It could not be written; an older file of that name is as it was.
    """
    with written(path) as half:
        half.write_bytes(content)


def write_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Write a folder whole or not at all.

    Args:
        path: The folder; one that is there already is replaced.
        fill: Writes the files into the folder that it is given.

    Raises:
        OSError: It could not be written. Whatever `fill` raises is passed on; nothing is left, and an older folder of
            that name is as it was.
    """
    half = _half(path)
    try:
        half.mkdir(parents=True)
        fill(half)
        for file in half.rglob("*"):
            if file.is_file():
                _flush(file)
        _flush_folder(half)
        _put(half, path)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    _flush_folder(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder; where that is cut short, no half of it keeps the name.

    Raises:
        OSError: It could not be removed.
    """
    gone = _half(path)
    path.rename(gone)
    shutil.rmtree(gone)


def remove_halves(folder: Path) -> None:
    """Remove what a killed process left half-written in a folder.

    Raises:
        OSError: It could not be removed.
    """
    for half in folder.glob(f"{HALF}*"):
        if half.is_dir():
            shutil.rmtree(half)
        else:
            half.unlink()


def _half(path: Path) -> Path:
    return path.with_name(f"{HALF}{path.name}-{uuid4().hex[:8]}")


def _put(half: Path, path: Path) -> None:
    if path.is_symlink() or not path.is_dir():  # nothing is there, or what the system does not let a folder replace
        half.rename(path)
        return
    former = _half(path)
    path.rename(former)
    try:
        half.rename(path)
    except OSError:
        former.rename(path)
        raise
    shutil.rmtree(former, ignore_errors=True)  # the new folder is in its place, whatever becomes of the old one


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened; its file system keeps names in order itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
