"""Reads the texts that a model may recite, from rows of training data."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from proofkit_eval.faithfulness import KnownRuns, known_runs
from proofkit_eval.logs.lines import Mistakes, iter_lines
from proofkit_eval.records import RecitedFile

__all__ = ["known_texts", "recited_files"]

_FIELDS = ("target", "completion", "text")


def known_texts(paths: Sequence[Path]) -> KnownRuns | None:
    """Return the runs of words of some training data; None without any.

    Args:
        paths: Files of JSON lines, each with its text under `target`, `completion` or `text`.

    Raises:
        InputError: A file cannot be read, or has lines without a text.
    """
    if not paths:
        return None
    return known_runs([text for path in paths for text in _texts(path)])


def recited_files(paths: Sequence[Path]) -> tuple[RecitedFile, ...]:
    """Return which files of training data these are, by their bytes.

    Args:
        paths: Files that `known_texts` has read.
    """
    return tuple(RecitedFile(name=path.name, sha256=sha256(path.read_bytes()).hexdigest()) for path in paths)


def _texts(path: Path) -> list[str]:
    mistakes, texts = Mistakes(path), list[str]()
    for line in iter_lines(path):
        try:
            texts.append(_text(json.loads(line.content)))
        except ValueError as error:
            mistakes.add(line.number, str(error))
    mistakes.settle()
    return texts


def _text(row: object) -> str:
    held = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
    found = next((held[name] for name in _FIELDS if isinstance(held.get(name), str)), None)
    if found is None:
        raise ValueError(f"expected a row with one of {', '.join(_FIELDS)}")
    return str(found)
