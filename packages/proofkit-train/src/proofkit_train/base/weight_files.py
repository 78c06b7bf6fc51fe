"""Which files of a Transformers folder make up a base model, and whether all of them are there."""

import json
from pathlib import Path
from typing import Any

__all__ = ["CONFIG", "TOKENIZER", "missing_file", "weight_files"]

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
_INDEX = "model.safetensors.index.json"
_SINGLE = "model.safetensors"


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that decide what a model answers: configuration, tokenizer and weights, in order of name."""
    shards = _shards(folder)
    names = {CONFIG, TOKENIZER, *shards, *({_INDEX} if shards != {_SINGLE} else ())}
    return tuple(folder / name for name in sorted(names))


def missing_file(folder: Path) -> str | None:
    """Return the name of the first file that is missing; None where the folder is whole."""
    return next((path.name for path in weight_files(folder) if not path.is_file()), None)


def _shards(folder: Path) -> set[str]:
    index = folder / _INDEX
    if not index.is_file():
        return {_SINGLE}
    try:
        found: Any = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    except (ValueError, KeyError, TypeError):  # a half-written index: what it should name counts as missing
        return {_SINGLE}
    return {str(name) for name in found.values()}
