"""Which keys stand in a log, and where: a run knows what is left to do without holding every answer in memory."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from proofkit_core.errors import InputError
from proofkit_eval.logs.lines import Mistakes, iter_lines

__all__ = ["LogIndex", "index_log"]

_Row = TypeVar("_Row", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LogIndex:
    """Where each row of a log starts and how long it is, by key; of several with one key the first."""

    path: Path
    places: dict[str, tuple[int, int]]
    """Start and length in bytes."""
    repeated: int
    """Rows whose key stood before."""

    def __contains__(self, key: object) -> bool:
        """Say whether a row is there."""
        return key in self.places

    def __len__(self) -> int:
        """Return how many rows there are, each key once."""
        return len(self.places)

    def missing(self, keys: Iterator[str]) -> Iterator[str]:
        """Yield the keys that have no row yet."""
        return (key for key in keys if key not in self.places)

    def read(self, key: str, kind: type[_Row]) -> _Row:
        """Return one row.

        Args:
            key: Its key.
            kind: Its record.

        Raises:
            InputError: There is no such row.
        """
        if key not in self.places:
            raise InputError(f"{self.path.name} has no row with the key {key[:12]}. Run again to make it.")
        start, length = self.places[key]
        with self.path.open("rb") as file:
            file.seek(start)
            return kind.model_validate_json(file.read(length))


def index_log(path: Path, *, told: Callable[[str], None] = lambda _: None) -> LogIndex:
    """Return the index of a log; of a file that is not there yet, an empty one.

    Args:
        path: The file.
        told: Told in a sentence of a last line that was never whole.

    Raises:
        InputError: The file cannot be read, or has lines that are no rows with a key; their numbers are told.
    """
    places: dict[str, tuple[int, int]] = {}
    repeated = 0
    mistakes = Mistakes(path)
    for line in iter_lines(path) if path.exists() else ():
        try:
            key = _key(line.content)
        except ValueError as error:
            if line.is_whole:
                mistakes.add(line.number, str(error))
            else:
                told(f"The last line of {path.name} (line {line.number}) was half written and is left out.")
            continue
        repeated += key in places
        places.setdefault(key, (line.start, len(line.content)))
    mistakes.settle()
    return LogIndex(path, places, repeated)


def _key(content: bytes) -> str:
    value: Any = json.loads(content)
    key = cast("dict[str, Any]", value).get("key") if isinstance(value, dict) else None
    if not isinstance(key, str) or not key:
        raise ValueError("it has no `key`")
    return key
