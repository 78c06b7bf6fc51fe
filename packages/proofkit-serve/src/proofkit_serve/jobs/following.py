"""Reads the events of a generation as they come: from this process while it works there, else from the store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal, cast

from proofkit_serve.jobs.job import Job
from proofkit_serve.store.protocol import Store
from proofkit_serve.store.records import Generation, GenerationEvent
from proofkit_serve.wire.events import DoneEvent, read_event_body

_POLL_S = 0.25
"""How often the store is asked about a generation that another process works on."""
_REST_S = 3.0
"""How long the last events of a generation are waited for: what was cancelled here ends over there a moment later."""


async def follow_live(job: Job, after: int, ping_s: float) -> AsyncIterator[GenerationEvent | None]:
    """Yield a job's events with numbers above `after` until it has ended, and None after each silence.

    Args:
        job: The job, in this process.
        after: Number of the last event that is known already.
        ping_s: How long a silence is.
    """
    while True:
        try:
            async with asyncio.timeout(ping_s):
                events = await job.more(after)
        except TimeoutError:
            yield None
            continue
        if not events:
            return
        for event in events:
            yield event
        after = events[-1].seq


async def follow_stored(
    store: Store, generation_id: str, owner: str, after: int, ping_s: float
) -> AsyncIterator[GenerationEvent | None]:
    """Yield a generation's events from the store with numbers above `after` until it has ended, `done` last.

    Args:
        store: Where they are kept.
        generation_id: The generation.
        owner: Whose it is.
        after: Number of the last event that is known already.
        ping_s: How long a silence is, after which None is yielded.

    Raises:
        GenerationNotFoundError: This owner has no such generation.
    """
    silent_s = rest_s = 0.0
    while True:
        generation = await store.generation(generation_id, owner)
        events = await store.generation_events(generation_id, owner, after=after)
        if events and not generation.status.ended and is_done(events[-1]):
            events = events[:-1]  # its state is written a moment later; whoever is told `done` may read it at once
        for event in events:
            yield event
            after = event.seq
        if generation.status.ended:
            last = await _told_done(store, generation, events)
            if last is not None and last <= after:
                return
            if last is not None:
                continue  # written since the events were read
            if rest_s >= _REST_S:  # its process is gone, or has not heard of it yet
                yield await _made_up_end(store, generation, after)
                return
            rest_s += _POLL_S
        silent_s = 0.0 if events else silent_s + _POLL_S
        if silent_s >= ping_s:
            silent_s = 0.0
            yield None
        await asyncio.sleep(_POLL_S)


async def _told_done(store: Store, generation: Generation, last: tuple[GenerationEvent, ...]) -> int | None:
    """Return the number of a generation's `done`, after which no more events are to come; None before it is there."""
    found = last or await store.generation_events(generation.id, generation.owner)
    return found[-1].seq if found and is_done(found[-1]) else None


def is_done(event: GenerationEvent) -> bool:
    """Say whether an event is the last one of its generation."""
    return isinstance(read_event_body(event.event_json), DoneEvent)


async def _made_up_end(store: Store, generation: Generation, after: int) -> GenerationEvent:
    revision = (await store.load_session(generation.session_id, generation.owner)).revision
    status = cast("Literal['done', 'failed', 'cancelled', 'interrupted']", generation.status.value)
    return GenerationEvent(seq=after + 1, event_json=DoneEvent(status=status, revision=revision).model_dump_json())
