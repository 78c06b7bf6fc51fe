"""Reads the patterns of the rules from their data file and puts their pieces together."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import BaseModel

from proofkit_core.errors import DataError
from proofkit_core.integrity.folding import COMPANY, PERSON
from proofkit_core.integrity.notation import figure_pattern
from proofkit_core.integrity.lexicon import SMALL_NUMBERS, any_of, load_lexicon

_PIECE = re.compile(r"<<(\w+)>>")


class _Row(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A claim pattern as it stands in the file."""

    rule: str
    kind: str = ""
    needs: tuple[str, ...] = ()
    pattern: str


class _PatternsFile(BaseModel, frozen=True, extra="forbid"):
    """The pattern file."""

    pieces: dict[str, str]
    subject: tuple[_Row, ...]
    anywhere: tuple[_Row, ...]
    single: dict[str, str]


class ClaimPattern(NamedTuple):
    """A pattern that finds one type of claim."""

    rule: str
    kind: str
    """How a hit of it is put right; empty where it is not."""
    needs: tuple[str, ...]
    """A passage without any of these words holds no such claim; empty for no quick look."""
    pattern: re.Pattern[str]


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return a pattern that has a use of its own.

    Args:
        name: Its key under `[single]`.
    """
    single = _data().single
    return _compiled(single[name]) if name in single else figure_pattern(name)


@cache
def claim_patterns(group: Literal["subject", "anywhere"]) -> tuple[ClaimPattern, ...]:
    """Return the claim patterns that follow a subject, or that may stand anywhere, in their order."""
    rows = _data().subject if group == "subject" else _data().anywhere
    return tuple(
        ClaimPattern(row.rule, row.kind, tuple(_filled(word) for word in row.needs), _compiled(row.pattern))
        for row in rows
    )


def wanted(patterns: Iterable[ClaimPattern], lower: str) -> Iterable[ClaimPattern]:
    """Return the patterns whose quick look finds something in a passage."""
    return (row for row in patterns if not row.needs or any(word in lower for word in row.needs))


@cache
def _data() -> _PatternsFile:
    source = files("proofkit_core.integrity").joinpath("data", "patterns.toml").read_text(encoding="utf-8")
    return _PatternsFile.model_validate(tomllib.loads(source), strict=False)


@cache
def _word_lists() -> dict[str, str]:
    lexicon = load_lexicon()
    past = {v.past for v in lexicon.verbs}
    return {
        "company": COMPANY,
        "person": PERSON,
        "past": any_of(past | {v.participle for v in lexicon.verbs}),
        "clear_past": any_of(past - lexicon.ambiguous),
        # What was built can be a part of the exercise, and then it was built.
        "past_not_built": any_of(past - {"built"}),
        "gerund": any_of(v.gerund for v in lexicon.verbs),
        "strong_gerund": any_of(v.gerund for v in lexicon.verbs if v.base in lexicon.present),
        "base": any_of(v.base for v in lexicon.verbs),
        "present": any_of(lexicon.present),
        "roles": any_of(lexicon.roles),
        "workplace": any_of(lexicon.workplace),
        "numbered": any_of(lexicon.numbered),
        "small": "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True)),
    }


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(_filled(text))


def _filled(text: str) -> str:
    return _PIECE.sub(lambda m: _piece(m[1]), text)


@cache
def _piece(name: str) -> str:
    words = _word_lists().get(name)
    if words is not None:
        return words
    pieces = _data().pieces
    if name not in pieces:
        raise DataError(f"pattern piece {name!r} is not known; expected a word list or a key of [pieces]")
    return _filled(pieces[name])
