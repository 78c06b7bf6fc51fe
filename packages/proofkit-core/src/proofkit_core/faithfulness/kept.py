"""Finds the anchors of what a person typed, and says which of them a text kept."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.faithfulness.forms import base_forms, load_forms
from proofkit_core.faithfulness.reading import read_tokens
from proofkit_core.faithfulness.tokens import SHARE, Token, plain_view
from proofkit_core.faithfulness.words import LATIN_END, is_common

_SHORT = 3
"""A word of three letters tells something unless it is one of the commonest; a shorter one never does."""
_BOUND = frozenset({"non", "un", "anti", "ex", "re", "co", "pre", "de", "dis", "mis", "sub", "e"})
"""Before a hyphen these make another word of what follows: a re-count is no count."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no space between words."""


class WordsKept(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How many of a person's distinctive words a text holds."""

    total: int
    missing: tuple[str, ...]
    """As the person typed them."""

    @property
    def kept(self) -> int:
        """Return the number of anchors that were found."""
        return self.total - len(self.missing)

    @property
    def recall(self) -> float:
        """Return the share of anchors found, from 0 to 1; 1 where there was nothing to keep."""
        return 1.0 if not self.total else self.kept / self.total


class Anchor(NamedTuple):
    """A distinctive word, name or number."""

    typed: str
    keys: frozenset[str]
    """Names under which it is compared; one of them has to be found."""
    parts: tuple[frozenset[str], ...] = ()
    """Of a word with hyphens: its parts, which may also stand side by side."""
    run: str = ""
    """Of a script without spaces: what has to stand somewhere in the text."""


@lru_cache(maxsize=256)
def read_anchors(typed: str) -> tuple[Anchor, ...]:
    """Return the distinctive words, names and numbers of a text, each once, in order.

    A word with hyphens is one anchor, and so is a number in several words.

    Args:
        typed: What a person typed.
    """
    found: list[Anchor] = []
    seen: set[str] = set()
    for chain in _chains(read_tokens(plain_view(typed))):
        for anchor in _anchors_of(chain):
            if not anchor.keys & seen:
                found.append(anchor)
            seen |= anchor.keys
    return tuple(found)


def words_kept(typed: str, text: str) -> WordsKept:
    """Say which of the anchors of `typed` stand in `text`.

    A word counts in any case, form and spelling, a number in any notation. A piece of another word never counts.

    Args:
        typed: What the person typed.
        text: Markdown, or plain text.
    """
    expected = read_anchors(typed)
    found = _index(text)
    missing = tuple(anchor.typed for anchor in expected if not found.holds(anchor))
    return WordsKept(total=len(expected), missing=missing)


@lru_cache(maxsize=16)
def _index(text: str) -> "_Index":
    """Return the words of a text; one text is looked up in for each thing that a person typed."""
    return _Index(read_tokens(plain_view(text)))


def _chains(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """Yield words that hyphens join together, anything else alone."""
    chain: list[Token] = []
    for token in tokens:
        if chain and not (token.hyphenated and token.folded and chain[-1].folded):
            yield tuple(chain)
            chain = []
        chain.append(token)
    if chain:
        yield tuple(chain)


def _anchors_of(chain: tuple[Token, ...]) -> Iterator[Anchor]:
    first = chain[0]
    if len(chain) > 1:
        closed = "".join(token.folded for token in chain)
        if _tells(closed):
            typed = "-".join(token.typed for token in chain)
            yield Anchor(typed, base_forms(closed), tuple(token.keys for token in chain))
    elif not first.folded:
        keys = frozenset(key for key in first.keys if key.endswith(SHARE) == first.is_share)
        yield Anchor(first.typed, keys)
    elif _tells(first.folded):
        yield Anchor(first.typed, first.keys, run=first.folded if _UNSPACED.search(first.folded) else "")


def _tells(word: str) -> bool:
    if any(c.isdigit() or ord(c) > LATIN_END for c in word):
        return True
    if len(word) == _SHORT and word.isalpha():
        return word not in load_forms().short
    return len(word) > _SHORT and not any(is_common(base) for base in base_forms(word))


class _Index:
    """The words and numbers of a text, ready to be looked up."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._alone: set[str] = set()
        self._places: Mapping[str, list[int]] = defaultdict(list)
        for place, token in enumerate(tokens):
            bound = token.hyphenated and tokens[place - 1].folded in _BOUND
            if not bound:
                self._alone |= token.keys
            for key in token.keys:
                self._places[key].append(place)
        for chain in _chains(tokens):
            if len(chain) > 1:
                self._alone |= base_forms("".join(token.folded for token in chain))
        self._runs = " ".join(token.folded for token in tokens if _UNSPACED.search(token.folded))

    def holds(self, anchor: Anchor) -> bool:
        """Say whether an anchor stands in the text."""
        if anchor.keys & self._alone:
            return True
        if anchor.run:
            return anchor.run in self._runs
        return bool(anchor.parts) and any(self._has_parts(anchor.parts, p) for p in self._starts(anchor.parts[0]))

    def _starts(self, keys: frozenset[str]) -> Iterator[int]:
        for key in keys:
            yield from self._places.get(key, ())

    def _has_parts(self, parts: Sequence[frozenset[str]], place: int) -> bool:
        here = self._tokens[place : place + len(parts)]
        return len(here) == len(parts) and all(
            part & token.keys and (token.follows or not number)
            for number, (part, token) in enumerate(zip(parts, here, strict=True))
        )
