"""Writes files and folders so that nothing half-written is ever found under a final name."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

__all__ = ["HALF", "remove_halves", "sync_file", "write_bytes", "write_folder"]

HALF = ".half-"
"""Start of the name of what is being written."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: It could not be written; an older file of that name is as it was.
    """
    half = path.with_name(f"{HALF}{path.name}-{uuid4().hex[:8]}")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Write a folder whole or not at all.

    Args:
        path: The folder, which must not exist.
        fill: Writes the files into the folder that it is given.

    Raises:
        OSError: It could not be written. Whatever `fill` raises is passed on; nothing is left.
    """
    half = path.with_name(f"{HALF}{path.name}-{uuid4().hex[:8]}")
    try:
        half.mkdir(parents=True)
        fill(half)
        for file in half.rglob("*"):
            if file.is_file():
                sync_file(file)
        _sync_folder(half)
        half.rename(path)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    _sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make sure that a file's bytes are on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def remove_halves(folder: Path) -> None:
    """Remove what a killed process left half-written in a folder."""
    for half in folder.glob(f"{HALF}*"):
        if half.is_dir():
            shutil.rmtree(half)
        else:
            half.unlink()


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened; its file system keeps names in order itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
