"""What one completion has so far. The owner thread fills it; the calling thread may read it at any time."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

from proofkit_core.generation import FinishReason
from proofkit_serve.backends.decoding.engine import Engine
from proofkit_serve.backends.decoding.text import TextStream

__all__ = ["Decoded", "Written"]


class Decoded(NamedTuple):
    """What was written, before it is told whose weights wrote it."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    first_token_at: float | None
    """`perf_counter` at the first token; None where there was none."""


class Written:
    """Tokens and text of one completion."""

    def __init__(self, stop: Sequence[str], on_text: Callable[[str], None] | None = None) -> None:
        """Start empty.

        Args:
            stop: Strings that end the text.
            on_text: Called with each piece of text that is certain.
        """
        self.prompt_tokens = 0
        self.reused_tokens = 0
        self.tokens: list[int] = []
        self.first_token_at: float | None = None
        self.stream = TextStream(stop)
        self._parts: list[str] = []
        self._on_text = on_text

    def add(self, tokens: list[int], engine: Engine) -> None:
        """Add tokens, and hand on the text that is certain."""
        if self.first_token_at is None:
            self.first_token_at = perf_counter()
        self.tokens.extend(tokens)
        self._emit("".join([self.stream.push(engine.piece(token)) for token in tokens]))

    def finish(self) -> None:
        """Hand on the rest, now that nothing follows."""
        self._emit(self.stream.finish())

    def decoded(self, reason: FinishReason) -> Decoded:
        """Return what there is, as a completion that ended for a reason."""
        return Decoded(
            text="".join(self._parts),
            finish_reason=reason,
            prompt_tokens=self.prompt_tokens,
            reused_tokens=self.reused_tokens,
            completion_tokens=len(self.tokens),
            first_token_at=self.first_token_at,
        )

    def _emit(self, text: str) -> None:
        if text:
            self._parts.append(text)
            if self._on_text is not None:
                self._on_text(text)
