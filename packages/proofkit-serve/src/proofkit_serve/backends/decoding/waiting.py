"""The line of calls before the owner thread: bounded, fair, and safe for any thread."""

import threading
from typing import NamedTuple

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.decoding.fair_line import FairLine
from proofkit_serve.backends.decoding.job import Job

__all__ = ["Standing", "WaitingLine", "closed_error"]


class Standing(NamedTuple):
    """How long the line is."""

    busy: bool
    """Whether a call is being answered."""
    waiting: int
    """Calls that wait, beside that one."""


class WaitingLine:
    """Calls that wait. The owner thread takes them; calling threads put them in, ask for their place and leave."""

    def __init__(self, *, most: int, most_each: int) -> None:
        """Start empty.

        Args:
            most: Calls that may wait, beside the one that is being answered.
            most_each: Those of them that may come from one requester.
        """
        self._most = most
        self._most_each = most_each
        self._line: FairLine[Job] = FairLine()
        self._changed = threading.Condition()
        self._nudged = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """True once nothing more is taken in."""
        return self._closed

    @property
    def empty(self) -> bool:
        """True where nobody waits."""
        return not len(self._line)

    def standing(self) -> Standing:
        """Return how long the line is at the moment."""
        with self._changed:
            return Standing(self._line.busy, len(self._line))

    def put(self, requester: str, job: Job) -> None:
        """Take a call in.

        Raises:
            GenerationError: Too many calls wait, or the line is closed.
        """
        with self._changed:
            if self._closed:
                raise closed_error()
            if len(self._line) + self._line.busy > self._most:
                raise _refusal(f"{self._most} calls already wait for this model.")
            if self._line.waiting_of(requester) >= max(1, self._most_each):
                raise _refusal(f"{self._most_each} calls of this requester already wait for this model.")
            self._line.put(requester, job)
            self._changed.notify_all()

    def take(self, *, wait: bool) -> Job | None:
        """Return the next call, which is being answered until `finish`.

        Args:
            wait: Whether to wait for one; else, and after `nudge` and `close`, None where there is none.
        """
        with self._changed:
            while self.empty and wait and not (self._nudged or self._closed):
                self._changed.wait()
            self._nudged = False
            return None if self._closed else self._line.take()

    def finish(self) -> None:
        """End the answer of the call that was taken."""
        with self._changed:
            self._line.finish()

    def drop(self, job: Job) -> bool:
        """Take a call out that waits; False where it is being answered, or was."""
        with self._changed:
            return self._line.drop(job)

    def place(self, job: Job) -> int | None:
        """Return how many calls are before one that waits; None where it does not wait."""
        with self._changed:
            return self._line.place(job)

    def nudge(self) -> None:
        """Wake the owner thread, which has something else to do."""
        with self._changed:
            self._nudged = True
            self._changed.notify_all()

    def close(self) -> None:
        """Take nothing more in, and turn away what waits."""
        with self._changed:
            self._closed = True
            turned_away = self._line.drain()
            self._changed.notify_all()
        for job in turned_away:
            job.events.put(closed_error())


def closed_error() -> GenerationError:
    """Return what a call to a closed backend gets."""
    return GenerationError(
        "This backend was closed. Expected an open one. Open the model again.", kind=FailureKind.CONNECT
    )


def _refusal(got: str) -> GenerationError:
    return GenerationError(f"{got} Expected no more. Try again in a while.", kind=FailureKind.QUEUE)
