"""Reads the word lists of the rules and turns them into pieces of patterns."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

SMALL_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip


class Verb(NamedTuple):
    """The forms of one verb."""

    base: str
    past: str
    participle: str
    gerund: str


class Lexicon(NamedTuple):
    """The word lists."""

    verbs: tuple[Verb, ...]
    ambiguous: frozenset[str]
    present: tuple[str, ...]
    same: tuple[frozenset[str], ...]
    roles: tuple[str, ...]
    workplace: tuple[str, ...]
    quantities: frozenset[str]
    numbered: tuple[str, ...]
    document: frozenset[str]


@cache
def load_lexicon() -> Lexicon:
    """Return the word lists shipped with the rules."""
    import tomllib  # noqa: PLC0415 - with the next one a hundredth of a second, only when something is checked
    from importlib.resources import files  # noqa: PLC0415

    source = files("proofkit_core.integrity").joinpath("data", "lexicon.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)
    return Lexicon(
        verbs=tuple(Verb(*line.split(" ")) for line in raw["verbs"]),
        ambiguous=frozenset(raw["ambiguous"]),
        present=tuple(raw["present"]),
        same=tuple(frozenset(line.split()) for line in raw["same"]),
        roles=tuple(raw["roles"]),
        workplace=tuple(raw["workplace"]),
        quantities=frozenset(raw["quantities"]),
        numbered=tuple(raw["numbered"]),
        document=frozenset(raw["document"]),
    )


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches one of the words, the longest first."""
    ordered = sorted({word.replace("-", "[- ]?") for word in words}, key=lambda w: (-len(w), w))
    return f"(?:{'|'.join(re.escape(w).replace(re.escape('[- ]?'), '[- ]?') for w in ordered)})"


@cache
def base_of() -> dict[str, str]:
    """Return the base form of every past form, participle and gerund."""
    forms: dict[str, str] = {}
    for verb in load_lexicon().verbs:
        for form in (verb.gerund, verb.participle, verb.past, verb.base):
            forms[form] = verb.base
    return forms
