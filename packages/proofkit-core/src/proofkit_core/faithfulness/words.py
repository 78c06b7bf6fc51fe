"""The comparison forms of single words, on which texts are told apart everywhere; kept quick."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

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
LATIN_END = 0x24F
"""The last letter of the Latin alphabets that are read by their endings."""


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
    if any(c.isdigit() or ord(c) > LATIN_END for c in word):
        return True
    return len(word) >= _MIN_LETTERS and word not in _COMMON and stem(word) not in _COMMON


def anchors(text: str) -> tuple[str, ...]:
    """Return the distinctive words of a text, word for word, each once, as typed.

    This is the quick reading for texts that are compared by `stem`; what a person typed is read by `read_anchors`.
    """
    found: dict[str, str] = {}
    for match in _WORD.finditer(text):
        word = match.group()
        told = _told(word)
        if told:
            found.setdefault(told, word)
    return tuple(found.values())


def distinctive_stems(text: str) -> frozenset[str]:
    """Return the comparison forms of the `anchors` of a text."""
    return frozenset(filter(None, map(_told, _WORD.findall(text))))


@lru_cache(maxsize=16384)
def _told(word: str) -> str:
    """Return the form under which a distinctive word is known; empty for any other word."""
    folded = fold(word)
    return stem(folded) if is_distinctive(folded) else ""
