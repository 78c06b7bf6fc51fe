"""Reads how figures are written, and what is said around them, from its data file."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

from proofkit_core.errors import DataError

_PIECE = re.compile(r"<<(\w+)>>")


class _FiguresFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The data file."""

    words: dict[str, str]
    pieces: dict[str, str]
    patterns: dict[str, str]


@cache
def figure_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern over folded, lower-case text.

    Args:
        name: Its key under `[patterns]`.
    """
    return re.compile(_filled(_known(_data().patterns, name)))


@cache
def figure_words(name: str) -> frozenset[str]:
    """Return a word list.

    Args:
        name: Its key under `[words]`.
    """
    return frozenset(_known(_data().words, name).split())


@cache
def _data() -> _FiguresFile:
    source = files("proofkit_core.integrity").joinpath("data", "figures.toml").read_text(encoding="utf-8")
    return _FiguresFile.model_validate(tomllib.loads(source))


def _filled(text: str) -> str:
    return _PIECE.sub(lambda match: _piece(match[1]), text)


@cache
def _piece(name: str) -> str:
    if name in _data().words:
        ordered = sorted(figure_words(name), key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(re.escape(word) for word in ordered)})"
    return _filled(_known(_data().pieces, name))


def _known(rows: dict[str, str], name: str) -> str:
    if name not in rows:
        raise DataError(f"figures.toml has no {name!r}; expected one of {', '.join(sorted(rows))}")
    return rows[name]
