"""The lines of a log as bytes, with their numbers and places."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from proofkit_core.errors import InputError

__all__ = ["Line", "Mistakes", "iter_lines"]

_TOLD = 5
"""How many wrong lines are told one by one."""


class Line(NamedTuple):
    """One line of a file."""

    number: int
    """From 1."""
    start: int
    """Where it starts, in bytes."""
    content: bytes
    """Without its end."""
    is_whole: bool
    """False for a last line whose end was never written."""


def iter_lines(path: Path) -> Iterator[Line]:
    """Yield the lines that hold something.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = 0
            for number, line in enumerate(file, 1):
                content = line.rstrip(b"\r\n")
                if content.strip():
                    yield Line(number, start, content, line.endswith(b"\n"))
                start += len(line)
    except OSError as error:
        raise InputError(
            f"The log {str(path)!r} cannot be read: {error.strerror}. Expected a file of rows, one JSON object a line."
        ) from error


class Mistakes:
    """Wrong lines, gathered so that all of them are told at once."""

    def __init__(self, path: Path) -> None:
        """Begin with none."""
        self._path = path
        self._told: list[str] = []
        self._count = 0

    def add(self, number: int, why: str) -> None:
        """Add one.

        Args:
            number: The line's number.
            why: What is wrong with it.
        """
        self._count += 1
        if self._count <= _TOLD:
            self._told.append(f"line {number}: {why}")

    def settle(self) -> None:
        """Raise if there were any.

        Raises:
            InputError: There were.
        """
        if not self._count:
            return
        more = f"; and {self._count - _TOLD} more" if self._count > _TOLD else ""
        lines = "a line that is no row" if self._count == 1 else f"{self._count} lines that are no rows"
        raise InputError(
            f"{self._path.name} has {lines} of this kind: {'; '.join(self._told)}{more}. "
            "Nothing was changed. Mend or remove these lines and give the same command again; rows that are missing "
            "are made again."
        )
