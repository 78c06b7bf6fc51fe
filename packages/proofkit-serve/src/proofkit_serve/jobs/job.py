"""One generation while it lives: its events in order, who waits for them, and the signal that stops it."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from proofkit_serve.store.records import GenerationEvent, GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, GenerationEventBody
from proofkit_serve.wire.requests import GenerationInput


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

    @property
    def ended(self) -> bool:
        """Say whether nothing more comes."""
        return self.status.ended

    def begin(self) -> None:
        """Tell that the work has begun."""
        if not self.ended:
            self.status = GenerationStatus.RUNNING

    def tell(self, *bodies: GenerationEventBody) -> None:
        """Add events that were handed over together. Pieces of text of one part that follow each other become one."""
        if self.ended:
            return
        for body in _joined(bodies):
            self._add(body)

    def end(self, status: GenerationStatus) -> None:
        """Tell everybody that nothing more comes."""
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

    def _add(self, body: GenerationEventBody) -> None:
        data: dict[str, Any] = {"seq": len(self.events) + 1, "event_json": body.model_dump_json()}
        self.events.append(GenerationEvent(**data))
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _joined(bodies: Iterable[GenerationEventBody]) -> Iterator[GenerationEventBody]:
    for part, group in groupby(bodies, key=lambda body: body.part if isinstance(body, DeltaEvent) else None):
        if part is None:
            yield from group
        else:
            yield DeltaEvent(part=part, text="".join(body.text for body in group if isinstance(body, DeltaEvent)))
