"""A file of rows that grows by one whole line at a time, each on the disk before the next piece of work begins."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import BaseModel

from proofkit_core.errors import InputError, OutputPathError
from proofkit_eval.logs.locking import lock_file

__all__ = ["TORN", "RowLog"]

TORN = ".torn"
"""End of the name of the file that keeps what a killed program had half written."""
_CHUNK = 1 << 16


class RowLog:
    """The file of one kind of row, open to add to. One program at a time may have it open; use it in `with`."""

    def __init__(self, path: Path, *, told: Callable[[str], None] = lambda _: None) -> None:
        """Open the file, or begin it.

        A last line without its end is what a killed program left. It is moved to a file beside it, so that the next row
        begins a line of its own; it was never whole, and is asked again.

        Args:
            path: The file.
            told: Told in a sentence what was mended.

        Raises:
            OutputPathError: It cannot be opened for writing.
            InputError: Another program writes to it.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise OutputPathError(
                f"The log {str(path)!r} cannot be written: {error.strerror}. Expected a file in a folder that this "
                "program may write to. Name another one."
            ) from error
        try:
            self._own()
            self._mend(told)
        except BaseException:
            self._file.close()
            raise
        if is_new:
            _flush_folder(path.parent)

    def append(self, row: BaseModel) -> None:
        """Add a row and wait until it is on the disk.

        Args:
            row: A record that has a key.

        Raises:
            OSError: The disk is full, or broken; what was written before stays.
        """
        line = row.model_dump_json().encode() + b"\n"
        start, written = self._file.seek(0, os.SEEK_END), 0
        try:
            while written < len(line):  # one write as a rule; a full disk may take less
                written += self._file.write(line[written:]) or 0
        except OSError:
            with suppress(OSError):  # no row begins on half of another; otherwise it is mended when the log is opened
                self._file.truncate(start)
            raise
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; may be called again."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _own(self) -> None:
        try:
            lock_file(self._file)
        except OSError as error:
            raise InputError(
                f"Another program writes to {str(self.path)!r}. Expected one at a time. Wait for it, or give each "
                "program a shard with a file of its own and merge them at the end."
            ) from error

    def _mend(self, told: Callable[[str], None]) -> None:
        size = self._file.seek(0, os.SEEK_END)
        whole = _whole_size(self._file, size)
        if whole == size:
            return
        self._file.seek(whole)
        torn = self._file.read()
        beside = self.path.with_name(self.path.name + TORN)
        with beside.open("ab") as kept:
            kept.write(torn + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
        self._file.truncate(whole)
        os.fsync(self._file.fileno())
        told(
            f"The last line of {self.path.name} was half written when its program was stopped. Its {len(torn):,} bytes "
            f"were moved to {beside.name}; that row is made again."
        )


def _whole_size(file: BinaryIO, size: int) -> int:
    """Return how many bytes of a file are whole lines."""
    end = size
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _flush_folder(path: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened; its file system keeps names in order itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
