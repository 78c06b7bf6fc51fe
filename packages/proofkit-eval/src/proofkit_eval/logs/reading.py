"""Reads a log back, row by row, and says which line cannot be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from proofkit_eval.logs.lines import Line, Mistakes, iter_lines
from proofkit_eval.logs.records import fault_of

__all__ = ["Keep", "Keyed", "read_log"]

Keep = Literal["first", "last"]
"""Which of several rows with one key counts. Of answers it is the first, of a judge's grades the last."""


class Keyed(Protocol):
    """A record that has a key."""

    @property
    def key(self) -> str:
        """Return what tells it from others of its kind."""
        ...


_Row = TypeVar("_Row", bound=BaseModel)


def read_log(
    path: Path, kind: type[_Row], *, keep: Keep = "first", told: Callable[[str], None] = lambda _: None
) -> dict[str, _Row]:
    """Return the rows of a log by key, in the order in which their keys first stand there.

    Args:
        path: The file.
        kind: The record of a row, which has a key.
        keep: Which row counts where a key stands more than once.
        told: Told in a sentence of keys that stand more than once, and of a last line that was never whole.

    Raises:
        InputError: The file cannot be read, or has lines that are no such rows; their numbers are told.
    """
    rows: dict[str, _Row] = {}
    first: dict[str, int] = {}
    mistakes = Mistakes(path)
    for line in iter_lines(path):
        row = _row(line, kind, mistakes, path, told)
        if row is None:
            continue
        key = cast("Keyed", row).key
        if key in rows:
            told(_repeat(path, key, first[key], line.number, keep, same=_says_the_same(rows[key], row)))
        first.setdefault(key, line.number)
        if keep == "last" or key not in rows:
            rows[key] = row
    mistakes.settle()
    return rows


def _row(line: Line, kind: type[_Row], mistakes: Mistakes, path: Path, told: Callable[[str], None]) -> _Row | None:
    try:
        return kind.model_validate_json(line.content)
    except ValidationError as error:
        if line.is_whole:
            mistakes.add(line.number, fault_of(error))
        else:
            told(f"The last line of {path.name} (line {line.number}) was half written and is left out.")
        return None


def _says_the_same(one: BaseModel, other: BaseModel) -> bool:
    """Say whether two rows differ in nothing but when they were made and how long that took."""
    passing = {"made_at", "seconds"}
    return one.model_dump(exclude=passing) == other.model_dump(exclude=passing)


def _repeat(path: Path, key: str, first: int, number: int, keep: Keep, *, same: bool) -> str:
    says = "says the same" if same else "says something else"
    return (
        f"{path.name}: the key {key[:12]} of line {first} stands again in line {number} and {says}; "
        f"the {keep} one counts, and both stay in the file."
    )
