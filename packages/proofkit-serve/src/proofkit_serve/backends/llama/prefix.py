"""Which tokens the context holds, and copies of what it held for other tasks.

A completion must not depend on what was asked before it, yet evaluating the same tokens in batches of other sizes
gives scores that differ in their last bits. So a prompt is always cut at multiples of `CHUNK`, and only whole chunks
that were evaluated as such are reused: a warm prompt then gives exactly the scores of a cold one.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import takewhile

from proofkit_serve.backends.llama.engine import CHUNK, Engine

__all__ = ["PrefixCache", "shared_chunks"]


def shared_chunks(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two sequences share at their start, rounded down to whole chunks."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
    return shared - shared % CHUNK


class PrefixCache:
    """The prompts that need not be evaluated again: the one in the context, and a few copied to memory."""

    def __init__(self, engine: Engine, *, limit_bytes: int) -> None:
        """Start with an empty context.

        Args:
            engine: The engine whose context this alone changes.
            limit_bytes: Most memory that copies may take together; the least recently used go first.
        """
        self._engine = engine
        self._limit_bytes = limit_bytes
        self._live: tuple[int, ...] = ()
        self._stored: OrderedDict[tuple[int, ...], bytearray] = OrderedDict()

    @property
    def stored_bytes(self) -> int:
        """Memory that the copies take."""
        return sum(len(state) for state in self._stored.values())

    def evaluate(self, tokens: Sequence[int], *, stop: Callable[[], bool]) -> int | None:
        """Bring the context to hold exactly a prompt.

        Args:
            tokens: The prompt, at least one token.
            stop: Asked before each chunk.

        Returns:
            How many tokens were reused; None where `stop` said to stop.
        """
        reused = self._rewind_to(tokens)
        for start in range(reused, len(tokens), CHUNK):
            if stop():
                return None
            chunk = tuple(tokens[start : start + CHUNK])
            self._engine.evaluate(chunk)
            if len(chunk) == CHUNK:
                self._live += chunk
        return reused

    def _rewind_to(self, tokens: Sequence[int]) -> int:
        usable = tokens[:-1]  # the last token is always evaluated, because its scores are needed
        stored = max(self._stored, key=lambda known: shared_chunks(known, usable), default=())
        if stored:
            self._stored.move_to_end(stored)
        kept = shared_chunks(self._live, usable)
        if len(self._live) - kept > kept:  # another task's prompt: what would be lost is more than what stays
            kept = kept if self._store_live() else 0
        found = shared_chunks(stored, usable)
        if found > kept and stored in self._stored:
            kept = found if self._engine.restore(self._stored[stored]) else 0
        reused = kept if self._engine.rewind(kept) else 0
        self._live = tuple(tokens[:reused])
        return reused

    def _store_live(self) -> bool:
        """Copy the live prompt to memory; False where the model could not keep it in the context."""
        covering = next((known for known in self._stored if known[: len(self._live)] == self._live), None)
        if covering is not None:
            self._stored.move_to_end(covering)
            return True
        if not self._engine.rewind(len(self._live)):
            return False
        for known in [known for known in self._stored if self._live[: len(known)] == known]:
            del self._stored[known]
        self._stored[self._live] = self._engine.save()
        while self.stored_bytes > self._limit_bytes:
            self._stored.popitem(last=False)
        return True
