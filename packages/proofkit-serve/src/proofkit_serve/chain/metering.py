"""Counts tokens while a model writes them, so that they count even where the answer is broken off."""

from collections.abc import Callable

from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity, TextGenerator

__all__ = ["Metered"]


class Metered:
    """A backend that tells what it writes. Put it inside a guard, where each try is seen and all text passes."""

    def __init__(self, inner: TextGenerator, on_tokens: Callable[[int], None]) -> None:
        """Wrap a backend.

        Args:
            inner: The backend.
            on_tokens: Told how many tokens were written, as they come: a piece of text counts as one, and the end sets
                that right, so the last number may be below zero.
        """
        self._inner = inner
        self._on_tokens = on_tokens

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self._inner.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt; see `TextGenerator`.

        Raises:
            GenerationError: The backend could not answer. What it wrote until then stays counted.
        """
        pieces = 0

        def count(piece: str) -> None:
            nonlocal pieces
            if piece:
                pieces += 1
                self._on_tokens(1)
            if on_text is not None:
                on_text(piece)

        completion = self._inner.generate(request, cancel=cancel, on_text=count, on_place=on_place)
        self._on_tokens(completion.completion_tokens + completion.reasoning_tokens - pieces)
        return completion
