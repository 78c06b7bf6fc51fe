"""One call on its way through the line of calls."""

import queue
import threading
from time import perf_counter

from proofkit_core.generation import CancelSignal, FinishReason, GenerationRequest
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt
from proofkit_serve.backends.decoding.written import Decoded, Written

__all__ = ["Begun", "Job"]


class Begun:
    """Told to the calling thread when the work on its call begins."""


class Job:
    """One call: what is asked, what is written, and the events that its calling thread waits for."""

    def __init__(
        self,
        request: GenerationRequest,
        prompt: FrozenPrompt | FreePrompt,
        cancel: CancelSignal | None,
        *,
        wants_text: bool,
    ) -> None:
        """Start the clock."""
        self.request = request
        self.prompt = prompt
        self.called_at = perf_counter()
        self.begun_at: float | None = None
        self.events: queue.SimpleQueue[str | Begun | Decoded | Exception] = queue.SimpleQueue()
        self.written = Written(prompt.stop, self.events.put if wants_text else None)
        self.abandoned = threading.Event()
        self._cancel = cancel

    def begin(self) -> None:
        """Note that the work begins; called by the owner thread."""
        self.begun_at = perf_counter()
        self.events.put(Begun())

    def interruption(self) -> FinishReason | None:
        """Return why the job should end now, or None."""
        if self.abandoned.is_set() or (self._cancel is not None and self._cancel.is_set()):
            return FinishReason.CANCELLED
        if perf_counter() - self.called_at >= self.request.time_limit_s:
            return FinishReason.DEADLINE
        return None
