"""Which tokens the context holds, and copies of what it held for others.

A completion must not depend on what was asked before it, yet evaluating the same tokens in batches of other sizes
gives scores that differ in their last bits. So a prompt is always cut at multiples of the engine's chunk, and only
whole chunks that were evaluated as such are reused: a warm prompt then gives exactly the scores of a cold one.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from proofkit_serve.backends.decoding.engine import Engine, Saved

__all__ = ["PrefixCache", "PrefixUse", "shared_chunks"]

Tokens = tuple[int, ...]


class PrefixUse(NamedTuple):
    """How much of the prompts was not evaluated again, since the engine was opened."""

    prompts: int
    prompt_tokens: int
    reused_tokens: int
    copies: int
    stored_bytes: int


def shared_chunks(left: Sequence[int], right: Sequence[int], chunk: int) -> int:
    """Return how many tokens two sequences share at their start, rounded down to whole chunks."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
    return shared - shared % chunk


class PrefixCache:
    """The prompts that need not be evaluated again: the one in the context, and some copied to memory.

    Copies are of two kinds: how prompts of a contract begin, which stay, and the last prompt of each session, of which
    those go first that were not used for the longest time.
    """

    def __init__(self, engine: Engine, *, limit_bytes: int) -> None:
        """Start with an empty context.

        Args:
            engine: The engine whose context this alone changes.
            limit_bytes: Most memory that copies may take together.
        """
        self._engine = engine
        self._limit_bytes = limit_bytes
        self._live: Tokens = ()
        self._pinned: dict[Tokens, Saved] = {}
        self._stored: OrderedDict[Tokens, Saved] = OrderedDict()
        self._counts = [0, 0, 0]

    @property
    def stored_bytes(self) -> int:
        """Memory that the copies take."""
        return sum(saved.size for saved in (*self._pinned.values(), *self._stored.values()))

    def use(self) -> PrefixUse:
        """Return how much was reused."""
        prompts, tokens, reused = self._counts
        return PrefixUse(prompts, tokens, reused, len(self._pinned) + len(self._stored), self.stored_bytes)

    def begin(self, tokens: Sequence[int]) -> int:
        """Bring the context to hold as much of a prompt as is known, and return how many tokens that is.

        The last token never counts, because its scores are needed.
        """
        reused = self._rewind_to(tokens)
        self._counts = [count + more for count, more in zip(self._counts, (1, len(tokens), reused), strict=True)]
        return reused

    def extend(self, chunk: Sequence[int]) -> None:
        """Evaluate the next chunk of the prompt that was begun.

        Raises:
            GenerationError: The engine failed.
        """
        self._engine.evaluate(chunk)
        if len(chunk) == self._engine.chunk:
            self._live += tuple(chunk)

    def pin(self, tokens: Tokens) -> bool:
        """Take one short step towards a copy that stays, of how prompts begin.

        Args:
            tokens: Whole chunks.

        Returns:
            True once nothing is left to do: the copy is there, or there is no memory for it.
        """
        if not tokens or tokens in self._pinned or not self._limit_bytes:
            return True
        if self._live != tokens:
            held = self._shared(self._live, tokens[:-1])
            start = self._rewind_to(tokens)
            self.extend(tokens[start : start + self._engine.chunk])
            return start < held  # a model that forgets what it held would begin again without end
        if self._engine.rewind(len(tokens)):
            saved = self._engine.save()
            if saved.size + sum(pinned.size for pinned in self._pinned.values()) <= self._limit_bytes:
                self._pinned[tokens] = saved
                self._make_room()
        else:
            self._live = ()
        return True

    def read_ahead(self, tokens: Tokens, read: int) -> int:
        """Take one short step towards holding a prompt in the context, for somebody who is likely to ask with it next.

        Args:
            tokens: Whole chunks.
            read: How many of them the step before left in the context; 0 at first.

        Returns:
            How many are there now; all of them once nothing is left to do: they are there, or another prompt came
            between, which comes first.
        """
        held = self._shared(self._live, tokens)
        if held < read or held == len(tokens):
            return len(tokens)
        start = self._rewind_to(tokens)
        if start < held:  # a model that forgets what it held would begin again at each step
            return len(tokens)
        self.extend(tokens[start : start + self._engine.chunk])
        return start + self._engine.chunk

    def _rewind_to(self, tokens: Sequence[int]) -> int:
        usable = tokens[:-1]
        kept = self._shared(self._live, usable)
        if len(self._live) - kept > kept:  # another session's prompt: what would be lost is more than what stays
            kept = kept if self._store_live() else 0
        # Of those that share the same, the shortest is the quickest to bring back.
        copies = ((self._shared(known, usable), -len(known), known) for known in (*self._pinned, *self._stored))
        found, _, best = max(copies, default=(0, 0, ()))
        if found > kept:
            kept = found if self._engine.restore(self._copy(best)) else 0
        reused = kept if self._engine.rewind(kept) else 0
        self._live = tuple(tokens[:reused])
        return reused

    def _shared(self, known: Sequence[int], tokens: Sequence[int]) -> int:
        return shared_chunks(known, tokens, self._engine.chunk)

    def _copy(self, known: Tokens) -> Saved:
        if known in self._stored:
            self._stored.move_to_end(known)
            return self._stored[known]
        return self._pinned[known]

    def _store_live(self) -> bool:
        """Copy the live prompt to memory; False where the model could not keep it in the context."""
        covering = next((known for known in self._stored if known[: len(self._live)] == self._live), None)
        if covering is not None:
            self._stored.move_to_end(covering)
            return True
        if not self._limit_bytes:
            return True
        if not self._engine.rewind(len(self._live)):
            return False
        # What shares more than half of itself with the new one is an earlier prompt of the same session.
        for known in [known for known in self._stored if 2 * self._shared(known, self._live) > len(known)]:
            del self._stored[known]
        self._stored[self._live] = self._engine.save()
        self._make_room()
        return True

    def _make_room(self) -> None:
        while self._stored and self.stored_bytes > self._limit_bytes:
            self._stored.popitem(last=False)
