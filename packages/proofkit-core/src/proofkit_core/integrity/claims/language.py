"""Finds text that is not in English: the rules cannot read it, so it is reported instead of passed."""

import re
import tomllib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from proofkit_core.integrity.claims.claim import Claim, Standing
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.reading.folding import fold_plain
from proofkit_core.integrity.reading.passages import PassageKind

MIN_FOREIGN = 3
"""So many small words of another language in a sentence, and more than English ones, make it that language's."""
MIN_LETTERS = 12
"""So many letters of another alphabet in a sentence, and more of them than Latin ones, do too."""
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_END = 0x24F
_PRIVATE = 0xE000
"""From here on a letter is the mask of a name."""


class _SmallWords(NamedTuple):
    english: frozenset[str]
    foreign: dict[str, tuple[str, ...]]
    """Word to the languages that have it."""


@cache
def _small_words() -> _SmallWords:
    source = files("proofkit_core.integrity").joinpath("data", "languages.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)
    english = frozenset(raw["english"].split())
    foreign: dict[str, tuple[str, ...]] = {}
    for name, words in raw["foreign"].items():
        for word in frozenset(fold_plain(words).split()) - english:
            foreign[word] = (*foreign.get(word, ()), name)
    return _SmallWords(english, foreign)


def read_language(pages: Sequence[Page]) -> Iterator[Claim]:
    """Yield the first sentence of a text that is in another language, if there is one.

    Args:
        pages: The passages of the text.
    """
    for page in pages:
        if page.passage.kind is PassageKind.CODE or page.passage.quoted:
            continue
        for start, end in page.sentences:
            if (
                _is_foreign(page.lower[start:end])
                and not page.is_quoted(start)
                and _is_foreign(_others(page, start, end))
            ):
                yield page.claim("language.unsupported", start, end, Standing.OPEN)
                return


def _others(page: Page, start: int, end: int) -> str:
    """Return the words of a range that are not the person's own: whoever types notes in Thai may find them again."""
    first = bisect_left(page.tokens, start, key=lambda token: token.start)
    tokens = page.tokens_in(start, end)
    own = page.from_user[first : first + len(tokens)]
    return " ".join(page.lower[t.start : t.end] for t, is_own in zip(tokens, own, strict=True) if not is_own)


def _is_foreign(sentence: str) -> bool:
    words = _WORD.findall(sentence)
    known = _small_words()
    if not sentence.isascii():
        other = sum(len(word) for word in words if _LATIN_END < ord(word[0]) < _PRIVATE)
        if other >= MIN_LETTERS and other > sum(map(len, words)) / 2:
            return True
    strange = set(words) & known.foreign.keys()
    if len(strange) < MIN_FOREIGN:
        return False
    most = Counter(name for word in strange for name in known.foreign[word]).most_common(1)[0][1]
    return most >= MIN_FOREIGN and most > 2 * sum(word in known.english for word in words)
