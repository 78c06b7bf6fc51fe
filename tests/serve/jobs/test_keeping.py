"""A job is kept whatever its store does meanwhile, and whoever follows it elsewhere is told its end."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from proofkit_core.brief import Brief
from proofkit_serve.jobs.following import follow_stored
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.keeping import keep_job, tell_interrupted
from proofkit_serve.sessions import new_document, new_id
from proofkit_serve.sessions.events import GoalSet
from proofkit_serve.store import Generation, GenerationEvent, GenerationStatus, Store, open_store
from proofkit_serve.wire.events import DeltaEvent, DoneEvent, GenerationEventBody, QueuedEvent, read_event_body
from proofkit_serve.wire.requests import RoleJob

pytestmark = pytest.mark.anyio
GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{file}")
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, file: Path) -> AsyncIterator[Store]:
    """The store as another process sees it."""
    del store
    opened = await open_store(f"sqlite:///{file}")
    yield opened
    await opened.close()


@pytest.fixture
async def job(store: Store) -> Job:
    session = await store.create_session("ann", new_document(new_id("s")))
    await store.append(session.id, "ann", GOAL)
    made = Job(new_id("gen"), session_id=session.id, owner="ann", wanted=RoleJob(kind="role"))
    await store.create_generation(made.id, session_id=session.id, owner="ann", kind="role", request_json="{}")
    return made


def _end(job: Job, *bodies: GenerationEventBody) -> None:
    for body in (*bodies, DoneEvent(status="done", revision=1)):
        job.tell(body)
    job.result_json = "{}"
    job.end(GenerationStatus.DONE)


async def _bodies(store: Store, job: Job) -> list[GenerationEventBody]:
    return [read_event_body(event.event_json) for event in await store.generation_events(job.id, "ann")]


async def test_events_whose_confirmation_was_lost_are_not_written_twice(store: Store, job: Job) -> None:
    job.tell(QueuedEvent(position=0))
    await store.add_generation_events(job.id, job.events)  # written, but the connection broke before that was told
    _end(job, DeltaEvent(part="a", text="text"))
    await asyncio.wait_for(keep_job(job, store), 10)
    assert await _bodies(store, job) == [read_event_body(event.event_json) for event in job.events]
    assert (await store.generation(job.id, "ann")).status is GenerationStatus.DONE


async def test_a_store_that_went_away_is_waited_for(store: Store, job: Job, file: Path, tmp_path: Path) -> None:
    keeping = asyncio.create_task(keep_job(job, store))
    job.tell(QueuedEvent(position=0))
    await asyncio.sleep(0.5)
    aside = tmp_path / "aside.db"
    await asyncio.to_thread(file.rename, aside)
    _end(job, DeltaEvent(part="a", text="text"))
    await asyncio.sleep(0.5)
    assert not keeping.done()
    await asyncio.to_thread(aside.rename, file)
    await asyncio.wait_for(keeping, 20)
    assert await _bodies(store, job) == [read_event_body(event.event_json) for event in job.events]
    assert (await store.generation(job.id, "ann")).status is GenerationStatus.DONE


async def test_a_job_that_another_process_took_over_is_stopped_and_adds_nothing(
    store: Store, other: Store, job: Job, file: Path
) -> None:
    keeping = asyncio.create_task(keep_job(job, store))
    with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as connection:
        connection.execute("UPDATE generations SET lease_until_us = 0")  # as if nothing was heard of it for long
    assert [each.id for each in await tell_interrupted(other, alone=False)] == [job.id]
    job.tell(QueuedEvent(position=0))
    assert await asyncio.to_thread(job.cancel.wait, 30)
    assert not keeping.done()
    _end(job)
    await asyncio.wait_for(keeping, 10)
    assert [body.type for body in await _bodies(store, job)] == ["problem", "done"]
    assert (await store.generation(job.id, "ann")).status is GenerationStatus.INTERRUPTED


async def _follow(store: Store, job: Job, seen: list[GenerationEvent]) -> None:
    seen.extend([event async for event in follow_stored(store, job.id, "ann", 0, 60.0) if event is not None])


async def test_one_who_cancels_elsewhere_is_told_all_that_came_before_the_end(
    store: Store, other: Store, job: Job
) -> None:
    seen: list[GenerationEvent] = []
    following = asyncio.create_task(_follow(other, job, seen))
    await other.set_generation(job.id, GenerationStatus.CANCELLED)
    await asyncio.sleep(0.8)  # the process that works on it looks once a second
    job.tell(QueuedEvent(position=0))
    job.tell(DoneEvent(status="cancelled", revision=1))
    job.result_json = '{"results": []}'
    job.end(GenerationStatus.CANCELLED)
    await keep_job(job, store)
    await asyncio.wait_for(following, 10)
    assert seen == job.events
    assert (await other.generation(job.id, "ann")).result_json == '{"results": []}'


class _KeptMeanwhile:
    """A store in which a job is kept right after its events were asked for, and before they are asked for again."""

    def __init__(self, store: Store, job: Job) -> None:
        self._store, self._job, self._asked = store, job, 0

    async def generation(self, generation_id: str, owner: str) -> Generation:
        return await self._store.generation(generation_id, owner)

    async def generation_events(self, generation_id: str, owner: str, *, after: int = 0) -> tuple[GenerationEvent, ...]:
        found = await self._store.generation_events(generation_id, owner, after=after)
        self._asked += 1
        if self._asked == 1:
            await keep_job(self._job, self._store)
        return found


async def test_events_that_are_kept_between_two_looks_are_told(store: Store, other: Store, job: Job) -> None:
    await other.set_generation(job.id, GenerationStatus.CANCELLED)
    job.tell(QueuedEvent(position=0))
    job.tell(DoneEvent(status="cancelled", revision=1))
    job.end(GenerationStatus.CANCELLED)
    between = cast("Store", _KeptMeanwhile(store, job))
    assert [event async for event in follow_stored(between, job.id, "ann", 0, 60.0)] == job.events


async def test_an_end_that_nobody_tells_is_made_up_and_nobody_waits_for_ever(other: Store, job: Job) -> None:
    await other.set_generation(job.id, GenerationStatus.CANCELLED)
    seen: list[GenerationEvent] = []
    began = time.monotonic()
    await _follow(other, job, seen)
    assert time.monotonic() - began >= 2.0
    assert [read_event_body(event.event_json) for event in seen] == [DoneEvent(status="cancelled", revision=1)]


async def test_a_replay_that_missed_nothing_ends_at_once(store: Store, other: Store, job: Job) -> None:
    _end(job, QueuedEvent(position=0))
    await keep_job(job, store)
    began = time.monotonic()
    assert [event async for event in follow_stored(other, job.id, "ann", 2, 60.0)] == []
    assert [event async for event in follow_stored(other, job.id, "ann", 0, 60.0)] == job.events
    assert time.monotonic() - began < 2.0


async def test_done_is_told_elsewhere_once_the_state_says_so_too(store: Store, other: Store, job: Job) -> None:
    _end(job, QueuedEvent(position=0))
    await store.add_generation_events(job.id, job.events)  # and its state is written later
    following = follow_stored(other, job.id, "ann", 0, 60.0)
    first = await anext(following)
    assert first is not None
    assert first.seq == 1
    waiting = asyncio.ensure_future(anext(following))
    done, _ = await asyncio.wait([waiting], timeout=1.0)
    assert not done
    await store.set_generation(job.id, GenerationStatus.DONE)
    last = await asyncio.wait_for(waiting, 10)
    assert last is not None
    assert read_event_body(last.event_json).type == "done"
