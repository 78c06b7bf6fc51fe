"""Puts the files of several shards together into one."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from proofkit_core.errors import InputError, OutputPathError
from proofkit_eval.logs.reading import Keep, read_log

__all__ = ["Merged", "merge_logs"]

_Row = TypeVar("_Row", bound=BaseModel)


class Merged(NamedTuple):
    """What a merge came to."""

    rows: int
    from_each: tuple[int, ...]
    """Rows of each file."""
    repeats: int
    """Rows whose key an earlier file had."""


def merge_logs(
    paths: Sequence[Path],
    into: Path,
    kind: type[_Row],
    *,
    keep: Keep = "first",
    told: Callable[[str], None] = lambda _: None,
) -> Merged:
    """Write the rows of several logs into one, each key once. The files themselves stay as they are.

    Args:
        paths: The files, in the order that decides which of two rows is the first.
        into: Where the whole goes; it may be one of the files, and appears whole or not at all.
        kind: The record of a row.
        keep: Which row counts where a key stands more than once.
        told: Told in sentences of keys that stand more than once and of last lines that were never whole.

    Raises:
        InputError: A file cannot be read, or there are none.
        OutputPathError: The result cannot be written.
    """
    if not paths:
        raise InputError("Got no logs to merge; expected one file or more. Name the files of the shards.")
    rows: dict[str, _Row] = {}
    counts: list[int] = []
    repeats = 0
    for path in paths:
        found = read_log(path, kind, keep=keep, told=told)
        counts.append(len(found))
        for key, row in found.items():
            if key in rows:
                repeats += 1
                told(f"{path.name}: the key {key[:12]} stands in an earlier file too; the {keep} one counts.")
            if keep == "last" or key not in rows:
                rows[key] = row
    _write(into, list(rows.values()))
    return Merged(len(rows), tuple(counts), repeats)


def _write(path: Path, rows: Sequence[BaseModel]) -> None:
    half = path.with_name(f".half-{path.name}-{uuid4().hex[:8]}")
    try:
        with half.open("wb") as file:
            for row in rows:
                file.write(row.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise OutputPathError(
            f"The log {str(path)!r} cannot be written: {error.strerror}. Name another one."
        ) from error
    finally:
        half.unlink(missing_ok=True)
