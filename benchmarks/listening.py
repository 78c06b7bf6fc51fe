"""A backend between the program and the model that notes what was asked and answered; the other scripts import it."""

from collections.abc import Callable
from typing import NamedTuple

from proofkit_core.generation import CancelSignal, Completion, Decoding, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_prompts import require_frozen

__all__ = ["Call", "Listener"]


class Call(NamedTuple):
    """One prompt and its answer."""

    request: GenerationRequest
    completion: Completion


class Listener:
    """Passes calls on to a backend and notes them."""

    def __init__(self, inner: TextGenerator, *, remember: bool = False) -> None:
        """Wrap a backend.

        Args:
            inner: The backend.
            remember: Answer a prompt that was asked before from memory.
        """
        self.calls: list[Call] = []
        self._inner = inner
        self._known: dict[tuple[str, Decoding], Completion] | None = {} if remember else None

    @property
    def identity(self) -> ModelIdentity:
        """Return the wrapped backend's identity."""
        return self._inner.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete and note the call."""
        asked = (require_frozen(request.prompt).text, request.decoding)
        completion = (self._known or {}).get(asked)
        if completion is None:
            completion = self._inner.generate(request, cancel=cancel, on_text=on_text, on_place=on_place)
        if self._known is not None:
            self._known[asked] = completion
        self.calls.append(Call(request, completion))
        return completion
