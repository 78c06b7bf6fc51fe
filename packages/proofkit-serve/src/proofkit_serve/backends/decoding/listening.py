"""What a calling thread does while the owner thread works: hand on what comes, tell its place, and give up in time."""

import queue
from collections.abc import Callable
from time import perf_counter

from proofkit_core.generation import FinishReason
from proofkit_serve.backends.decoding.job import Begun, Job
from proofkit_serve.backends.decoding.waiting import WaitingLine, closed_error
from proofkit_serve.backends.decoding.written import Decoded

__all__ = ["Listener"]

POLL_S = 0.03
"""How often a waiting call looks at its cancel signal, its deadline and its place."""
ENDING_GRACE_S = 0.1
"""How long the owner thread may take to notice that a call should end, before the call ends without it."""


class Listener:
    """Waits for the answer to one call, in the calling thread."""

    def __init__(
        self,
        job: Job,
        line: WaitingLine,
        *,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> None:
        """Start with nothing heard."""
        self._job = job
        self._line = line
        self._on_text = on_text
        self._on_place = on_place
        self._heard: list[str] = []
        self._place: int | None = None
        self._ends_at: float | None = None

    def wait(self, *, alive: Callable[[], bool]) -> Decoded:
        """Return the answer.

        Args:
            alive: Whether the owner thread still runs.

        Raises:
            GenerationError: Decoding failed, or the backend was closed.
        """
        timeout = 0.0  # so that the place in the line is told at once
        while True:
            try:
                event = self._job.events.get(timeout=timeout) if timeout else self._job.events.get_nowait()
            except queue.Empty:
                self._tell_place()
                ended = self._given_up()
                if ended is not None:
                    return ended
                if timeout and not alive() and self._job.events.empty():
                    raise closed_error() from None
            else:
                if isinstance(event, Decoded):
                    return event
                self._hear(event)
            timeout = POLL_S

    def _hear(self, event: str | Begun | Exception) -> None:
        if isinstance(event, Exception):
            raise event
        if isinstance(event, Begun):
            self._place = 0
            if self._on_place is not None:
                self._on_place(0)
            return
        self._heard.append(event)
        if self._on_text is not None:
            self._on_text(event)

    def _tell_place(self) -> None:
        if self._on_place is None or self._place == 0:
            return
        place = self._line.place(self._job)
        # What is about to begin says so itself, once it does.
        if place and place != self._place:
            self._place = place
            self._on_place(place)

    def _given_up(self) -> Decoded | None:
        reason: FinishReason | None = self._job.interruption()
        if reason is None:
            return None
        self._ends_at = self._ends_at or perf_counter() + ENDING_GRACE_S
        # Either the work never began, or the engine is stuck in one token on an overloaded machine.
        if not self._line.drop(self._job) and perf_counter() < self._ends_at:
            return None
        decoded = self._job.written.decoded(reason)
        return decoded if self._on_text is None else decoded._replace(text="".join(self._heard))
