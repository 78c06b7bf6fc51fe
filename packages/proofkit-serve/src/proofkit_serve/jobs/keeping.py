"""Keeps generations in the store: events as they come, that this process is alive, and what a crash left behind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from proofkit_serve.errors import EventRefusedError, NotFoundError, StoreError, log_line
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.outbox import BATCH_S
from proofkit_serve.jobs.patience import pause_of
from proofkit_serve.store.protocol import Store
from proofkit_serve.store.records import Generation, GenerationEvent
from proofkit_serve.wire.events import DoneEvent, ProblemEvent
from proofkit_serve.wire.kinds import Kind, ProblemError, problem_of

_LOG = logging.getLogger("proofkit_serve.jobs")
INTERRUPTED = ProblemError(
    Kind.GENERATION_INTERRUPTED,
    "The server stopped while this was being made. What was finished before is kept; ask for the rest again.",
)


async def keep_job(job: Job, store: Store) -> None:
    """Write a job's events into the store as they come, and at the end how it ended.

    A store that is away, full or read-only is waited for, however long that is: the events are in memory meanwhile,
    and nothing new is taken before it is back.
    """
    kept = 0
    try:
        while not (job.ended and kept == len(job.events)):
            events = await job.more(kept)
            if events:
                await _insisting(job, lambda events=events: store.add_generation_events(job.id, events))
                kept += len(events)
            if not job.ended:
                await asyncio.sleep(BATCH_S)
        await _insisting(job, lambda: store.set_generation(job.id, job.status, result_json=job.result_json))
    except (NotFoundError, EventRefusedError) as error:
        # Its session was deleted, or another process took this one for lost: nobody wants the rest.
        _LOG.info("generation %s is not kept any further: %s", job.id, type(error).__name__)
        job.cancel.set()
        while not job.ended:
            await job.more(len(job.events))


async def _insisting(job: Job, write: Callable[[], Awaitable[object]]) -> None:
    waited = False
    while True:
        try:
            await write()
        except StoreError as error:
            if not waited:
                _LOG.warning("generation %s waits to be kept: %s", job.id, log_line(error))
            waited = True
            await asyncio.sleep(pause_of(error))
        else:
            return


async def tell_interrupted(
    store: Store, *, alone: bool, working: Collection[str] | None = None
) -> tuple[Generation, ...]:
    """Mark what nobody works on any more, and end its events so that whoever follows them is told.

    Args:
        store: The store.
        alone: Whether no other process serves it.
        working: What this process works on, by id; without it, nothing of its own is marked.
    """
    lost = await store.interrupted_generations(alone=alone, working=working)
    for generation in lost:
        with suppress(NotFoundError):  # its session was deleted since
            await _end_events(store, generation)
    return lost


async def _end_events(store: Store, generation: Generation) -> None:
    events = await store.generation_events(generation.id, generation.owner)
    last = events[-1].seq if events else 0
    bodies = (ProblemEvent(problem=problem_of(INTERRUPTED)), DoneEvent(status="interrupted", revision=0))
    told = [
        GenerationEvent(seq=last + number, event_json=body.model_dump_json())
        for number, body in enumerate(bodies, start=1)
    ]
    await store.add_generation_events(generation.id, told)
