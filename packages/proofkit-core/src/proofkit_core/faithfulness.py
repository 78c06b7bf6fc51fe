"""Anchors: the distinctive words of what a person typed, and how many of them a text kept.

This is the standing answer to a model that ignores its user: a note about rabbits has the anchor `rabbits`, and a draft
without it has dropped the note.
"""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MIN_LETTERS = 4
_COMMON = frozenset(files("proofkit_core").joinpath("common_words.txt").read_text(encoding="utf-8").split())
"""English words too common to tell whether a person's point was kept."""
_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_SUFFIXES = (("ings", ""), ("ing", ""), ("ies", "y"), ("ied", "y"), ("ed", ""), ("es", ""), ("s", ""), ("ly", ""))
_MIN_STEM = 4
_LATIN_END = 0x24F


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


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """Return a word's comparison form: compatibility form, lower case, plain apostrophes, digits for small numbers."""
    folded = unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
    return _NUMBER_WORDS.get(folded, folded)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a folded word without its commonest English ending, for comparison only."""
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            return _single(word[: -len(suffix)] + instead).removesuffix("e")
    return _single(word).removesuffix("e") if len(word) > _MIN_STEM else word


def _single(word: str) -> str:
    """Undo a doubled last consonant, so that `stopped` meets `stops`."""
    return word[:-1] if len(word) > _MIN_STEM and word[-1] == word[-2] and word[-1] not in "aeiou" else word


def is_common(word: str) -> bool:
    """Say whether a lower-case English word is one of the commonest, and so no name."""
    return word in _COMMON


@lru_cache(maxsize=16384)
def is_distinctive(word: str) -> bool:
    """Say whether a folded word tells something: from four letters on and not one of the commonest.

    A number and a word in another script always do.
    """
    if any(c.isdigit() or ord(c) > _LATIN_END for c in word):
        return True
    return len(word) >= _MIN_LETTERS and word not in _COMMON and stem(word) not in _COMMON


def anchors(text: str) -> tuple[str, ...]:
    """Return the distinctive words, names and numbers of a text, each once, as typed."""
    found: dict[str, str] = {}
    for match in _WORD.finditer(text):
        word = match.group()
        folded = fold(word)
        if is_distinctive(folded):
            found.setdefault(stem(folded), word)
    return tuple(found.values())


def words_kept(typed: str, text: str) -> WordsKept:
    """Say which of the anchors of `typed` stand in `text`, by word form, not by substring."""
    present = {stem(fold(match.group())) for match in _WORD.finditer(text)}
    expected = anchors(typed)
    return WordsKept(total=len(expected), missing=tuple(w for w in expected if stem(fold(w)) not in present))
