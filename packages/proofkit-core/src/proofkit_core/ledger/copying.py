"""Finds in a text the words that were taken over from an earlier version of it."""

from collections.abc import Sequence

from proofkit_core.ledger.reading import Word, read_statements
from proofkit_core.ledger.sources import MIN_RUN


class CopiedFrom:
    """The runs of words of an earlier version."""

    def __init__(self, text: str) -> None:
        """Read the earlier version."""
        self._runs: set[tuple[str, ...]] = set()
        for statement in read_statements(text):
            words = [word.text for word in statement.words]
            size = min(MIN_RUN, len(words))
            self._runs.update(tuple(words[at : at + size]) for at in range(len(words) - size + 1))

    def places_in(self, words: Sequence[Word]) -> frozenset[int]:
        """Return the numbers of a statement's words that stand in runs of the earlier version.

        A statement shorter than a run has to stand there whole.
        """
        texts = [word.text for word in words]
        size = min(MIN_RUN, len(texts))
        starts = [at for at in range(len(texts) - size + 1) if tuple(texts[at : at + size]) in self._runs]
        return frozenset(n for at in starts for n in range(at, at + size))
