"""One generation while it lives: its events in order, who waits for them, and the signal that stops it."""

import asyncio
import threading
from typing import Any

from proofkit_serve.store.records import GenerationEvent, GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, GenerationEventBody
from proofkit_serve.wire.requests import GenerationInput

BATCH_S = 0.05
"""Pieces of text that come faster than this are told together; the first one is told at once."""


class Job:
    """A generation of this process. Everything but `cancel` belongs to the event loop."""

    def __init__(self, job_id: str, *, session_id: str, owner: str, wanted: GenerationInput) -> None:
        """Start with no events.

        Args:
            job_id: Its id.
            session_id: The session it works for.
            owner: Whose session that is.
            wanted: What to make.
        """
        self.id = job_id
        self.session_id = session_id
        self.owner = owner
        self.wanted = wanted
        self.cancel = threading.Event()
        """Set by anyone to stop the work; the thread that drafts looks at it at each token."""
        self.interrupted = False
        """Whether it is stopped because the server stops."""
        self.status = GenerationStatus.QUEUED
        self.events: list[GenerationEvent] = []
        self.result_json: str | None = None
        """What is kept of it besides its events."""
        self._changed = asyncio.Event()
        self._text: DeltaEvent | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ended(self) -> bool:
        """Say whether nothing more comes."""
        return self.status.ended

    def begin(self) -> None:
        """Tell that the work has begun."""
        if not self.ended:
            self.status = GenerationStatus.RUNNING

    def tell(self, body: GenerationEventBody) -> None:
        """Add an event. Pieces of text that follow each other quickly become one."""
        if self.ended:
            return
        if isinstance(body, DeltaEvent):
            self._tell_text(body)
            return
        self.flush()
        self._add(body)

    def flush(self) -> None:
        """Tell the text that was held back for a moment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._text is not None:
            text, self._text = self._text, None
            self._add(text)

    def end(self, status: GenerationStatus) -> None:
        """Tell everybody that nothing more comes."""
        self.flush()
        self.status = status
        self._wake()

    async def more(self, after: int) -> list[GenerationEvent]:
        """Return the events with numbers above `after`; waits for one if there is none, unless it has ended.

        A number that no event has yet stands for the newest one, so that nobody misses what comes next.
        """
        after = min(after, len(self.events))
        while len(self.events) <= after and not self.ended:
            await self._changed.wait()
        return self.events[after:]

    def _tell_text(self, body: DeltaEvent) -> None:
        if self._timer is None:
            self._add(body)
            self._timer = asyncio.get_running_loop().call_later(BATCH_S, self._pause_over)
        elif self._text is None:
            self._text = body
        elif self._text.part == body.part:
            self._text = body.model_copy(update={"text": self._text.text + body.text})
        else:
            self.flush()
            self._tell_text(body)

    def _pause_over(self) -> None:
        self._timer = None
        if self._text is not None:
            text, self._text = self._text, None
            self._tell_text(text)

    def _add(self, body: GenerationEventBody) -> None:
        data: dict[str, Any] = {"seq": len(self.events) + 1, "event_json": body.model_dump_json()}
        self.events.append(GenerationEvent(**data))
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
