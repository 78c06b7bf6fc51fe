"""A job's events: pieces of text that come together are one, and nothing is out of order."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_serve.jobs.following import follow_live
from proofkit_serve.jobs.job import Job
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, DoneEvent, GenerationEventBody, QueuedEvent, read_event_body
from proofkit_serve.wire.requests import RoleJob


def new_job() -> Job:
    return Job("gen_" + "0" * 24, session_id="s_" + "0" * 24, owner="local", wanted=RoleJob(kind="role"))


def bodies(job: Job) -> list[GenerationEventBody]:
    return [read_event_body(event.event_json) for event in job.events]


def test_pieces_of_one_part_that_come_together_are_one_event() -> None:
    async def tell() -> None:
        job = new_job()
        job.tell(
            DeltaEvent(part="a", text="I "), DeltaEvent(part="a", text="would "), DeltaEvent(part="b", text="start")
        )
        assert bodies(job) == [DeltaEvent(part="a", text="I would "), DeltaEvent(part="b", text="start")]

    asyncio.run(tell())


def test_another_event_never_overtakes_text() -> None:
    async def tell() -> None:
        job = new_job()
        one, two = DeltaEvent(part="a", text="one "), DeltaEvent(part="a", text="two")
        job.tell(one, QueuedEvent(part="a", position=0), two)
        assert bodies(job) == [one, QueuedEvent(part="a", position=0), two]

    asyncio.run(tell())


_PIECES = st.lists(st.tuples(st.sampled_from("ab"), st.text(min_size=1, max_size=5)), max_size=6)


@settings(deadline=None, max_examples=50)
@given(st.lists(_PIECES, max_size=6))
def test_joining_loses_no_text_and_mixes_no_parts(batches: list[list[tuple[str, str]]]) -> None:
    async def tell() -> Job:
        job = new_job()
        for batch in batches:
            job.tell(*(DeltaEvent(part=part, text=text) for part, text in batch))
        job.tell(DoneEvent(status="done", revision=1))
        job.end(GenerationStatus.DONE)
        return job

    job = asyncio.run(tell())
    assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
    told = [(body.part, char) for body in bodies(job) if isinstance(body, DeltaEvent) for char in body.text]
    assert told == [(part, char) for batch in batches for part, text in batch for char in text]
    assert bodies(job)[-1].type == "done"


def test_one_who_claims_to_know_what_is_not_there_yet_misses_nothing_that_comes() -> None:
    async def follow() -> list[int]:
        job = new_job()
        job.tell(QueuedEvent(position=1))
        seen: list[int] = []

        async def read() -> None:
            async for event in follow_live(job, 99, ping_s=60.0):
                assert event is not None
                seen.append(event.seq)

        reading = asyncio.create_task(read())
        for position in (3, 2, 0):
            await asyncio.sleep(0)
            job.tell(QueuedEvent(position=position))
        job.tell(DoneEvent(status="done", revision=0))
        job.end(GenerationStatus.DONE)
        await reading
        return seen

    seen = asyncio.run(follow())
    assert seen == list(range(seen[0], 6))
    assert seen[0] in {2, 3}


def test_whoever_waits_is_woken_and_whoever_comes_late_gets_the_rest() -> None:
    async def follow() -> None:
        job = new_job()
        waiting = asyncio.create_task(job.more(0))
        await asyncio.sleep(0)
        job.tell(QueuedEvent(position=1))
        assert [event.seq for event in await waiting] == [1]
        job.tell(DoneEvent(status="done", revision=0))
        job.end(GenerationStatus.DONE)
        assert [event.seq for event in await job.more(0)] == [1, 2]
        assert await job.more(2) == []
        job.tell(QueuedEvent(position=0))
        assert len(job.events) == 2

    asyncio.run(follow())
