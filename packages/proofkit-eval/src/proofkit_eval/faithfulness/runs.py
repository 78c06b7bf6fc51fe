"""Runs of words: what two texts have in common beyond single words."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["Run", "plain_words", "runs_of", "tokens_of"]

Run = tuple[str, ...]
_PLAIN = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def plain_words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _PLAIN.findall(text.casefold())


def tokens_of(text: str) -> list[str]:
    """Return the words and marks of a text, folded."""
    return _TOKEN.findall(text.casefold())


def runs_of(words: Sequence[str], size: int) -> Iterator[Run]:
    """Yield the runs of words of one length, in order."""
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))
