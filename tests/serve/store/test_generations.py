"""Generations, their events and their leases, on both databases."""

from datetime import datetime
from typing import Protocol

import pytest

from proofkit_serve.errors import EventRefusedError, GenerationNotFoundError
from proofkit_serve.sessions import new_document, new_id
from proofkit_serve.store import GENERATION_LEASE_S, Generation, GenerationEvent, GenerationStatus, Store, open_store

pytestmark = pytest.mark.anyio


class Watch(Protocol):
    """The conftest's clock."""

    def __call__(self) -> datetime: ...
    def go_on(self, seconds: float) -> None: ...


@pytest.fixture
async def generation(store: Store, session: str) -> Generation:
    return await store.create_generation(
        new_id("gen"), session_id=session, owner="ann", kind="section", request_json='{"section": "risks"}'
    )


async def test_a_new_generation_is_queued(store: Store, session: str, generation: Generation) -> None:
    assert generation.status is GenerationStatus.QUEUED
    assert await store.generation(generation.id, "ann") == generation
    assert await store.generations_of(session, "ann") == (generation,)


async def test_a_generation_has_an_id_of_its_own(store: Store, session: str, generation: Generation) -> None:
    with pytest.raises(EventRefusedError, match="already"):
        await store.create_generation(generation.id, session_id=session, owner="ann", kind="section", request_json="{}")


async def test_a_result_is_kept_with_its_status(store: Store, generation: Generation) -> None:
    await store.set_generation(generation.id, GenerationStatus.RUNNING)
    done = await store.set_generation(generation.id, GenerationStatus.DONE, result_json='{"revision": 3}')
    assert (done.status, done.result_json) == (GenerationStatus.DONE, '{"revision": 3}')
    assert done.updated_at > done.created_at
    assert await store.generation(generation.id, "ann") == done


@pytest.mark.parametrize("late", list(GenerationStatus))
async def test_what_has_ended_stays_as_it_ended(store: Store, generation: Generation, late: GenerationStatus) -> None:
    ended = await store.set_generation(generation.id, GenerationStatus.CANCELLED)
    assert await store.set_generation(generation.id, late) == ended


@pytest.mark.parametrize("late", list(GenerationStatus))
async def test_what_came_of_it_is_added_once_by_whoever_worked_on_it(
    store: Store, generation: Generation, late: GenerationStatus
) -> None:
    ended = await store.set_generation(generation.id, GenerationStatus.CANCELLED)
    told = await store.set_generation(generation.id, late, result_json='"late"')
    assert told == ended.model_copy(update={"result_json": '"late"' if late.ended else None})
    assert await store.set_generation(generation.id, late, result_json='"later"') == told


async def test_a_write_that_is_repeated_adds_what_is_missing_and_nothing_twice(
    store: Store, generation: Generation
) -> None:
    told = [GenerationEvent(seq=number, event_json=f'{{"number": {number}}}') for number in range(1, 5)]
    await store.add_generation_events(generation.id, told[:3])
    for _ in range(2):
        await store.add_generation_events(generation.id, told)
    assert await store.generation_events(generation.id, "ann") == tuple(told)


async def test_one_who_was_taken_for_lost_adds_nothing_any_more(
    store: Store, url: str, generation: Generation, watch: Watch
) -> None:
    other = await open_store(url, clock=watch)
    try:
        watch.go_on(GENERATION_LEASE_S + 1)
        assert [item.id for item in await other.interrupted_generations()] == [generation.id]
        with pytest.raises(EventRefusedError, match="took the generation over"):
            await store.add_generation_event(generation.id, 1, "mine")
        await other.add_generation_event(generation.id, 1, "theirs")
    finally:
        await other.close()
    assert [item.event_json for item in await store.generation_events(generation.id, "ann")] == ["theirs"]


async def made(store: Store, session: str, count: int) -> tuple[Generation, ...]:
    """Return new generations, oldest first."""
    return tuple(
        [
            await store.create_generation(
                new_id("gen"), session_id=session, owner="ann", kind="role", request_json="{}"
            )
            for _ in range(count)
        ]
    )


@pytest.mark.parametrize("page", [1, 2, 3, 7, 100])
async def test_pages_hold_each_generation_once_and_in_order(store: Store, session: str, page: int) -> None:
    begun = await made(store, session, 7)
    assert await store.generations_of(session, "ann") == begun
    read: list[Generation] = []
    while found := await store.generations_of(session, "ann", after=read[-1].id if read else "", limit=page):
        assert len(found) <= page
        read += found
    assert tuple(read) == begun


async def test_generations_of_one_moment_are_paged_in_order_too(store: Store, session: str, watch: Watch) -> None:
    before = watch()
    begun: list[Generation] = []
    for _ in range(5):
        watch.go_on((before - watch()).total_seconds())  # the clock shows the same time again and again
        begun += await made(store, session, 1)
    assert len({each.created_at for each in begun}) == 1
    read: list[str] = []
    while found := await store.generations_of(session, "ann", after=read[-1] if read else "", limit=2):
        read += [each.id for each in found]
    assert sorted(read) == sorted(each.id for each in begun)
    assert read == [each.id for each in await store.generations_of(session, "ann")]


async def test_what_began_since_comes_after_the_last_one_that_is_known(
    store: Store, session: str, generation: Generation, watch: Watch
) -> None:
    assert await store.generations_of(session, "ann", after=generation.id) == ()
    watch.go_on(1)
    later = await made(store, session, 1)
    assert await store.generations_of(session, "ann", after=generation.id) == later


async def test_a_generation_of_another_session_is_no_place_to_go_on_from(
    store: Store, session: str, generation: Generation
) -> None:
    other = await store.create_session("ann", new_document(new_id("s")))
    with pytest.raises(GenerationNotFoundError):
        await store.generations_of(other.id, "ann", after=generation.id)
    with pytest.raises(GenerationNotFoundError):
        await store.generations_of(session, "ann", after=new_id("gen"))


async def test_what_a_process_holds_and_does_not_work_on_is_lost(
    store: Store, session: str, generation: Generation, watch: Watch
) -> None:
    forgotten = await store.create_generation(
        new_id("gen"), session_id=session, owner="ann", kind="section", request_json="{}"
    )
    assert await store.interrupted_generations(working=(generation.id,)) == ()
    watch.go_on(GENERATION_LEASE_S + 1)
    assert await store.keep_generations((generation.id,)) == 1
    assert [item.id for item in await store.interrupted_generations(working=(generation.id,))] == [forgotten.id]
    assert (await store.generation(generation.id, "ann")).status is GenerationStatus.QUEUED


async def test_events_are_replayed_in_order_and_from_where_one_stopped(store: Store, generation: Generation) -> None:
    told = [GenerationEvent(seq=number, event_json=f'{{"number": {number}}}') for number in range(1, 8)]
    await store.add_generation_event(generation.id, 1, told[0].event_json)
    await store.add_generation_events(generation.id, told[1:])
    await store.add_generation_events(generation.id, [])
    assert await store.generation_events(generation.id, "ann") == tuple(told)
    assert await store.generation_events(generation.id, "ann", after=5) == tuple(told[5:])


async def test_a_number_is_given_once_and_nothing_is_half_written(store: Store, generation: Generation) -> None:
    await store.add_generation_event(generation.id, 2, "2")
    again = [GenerationEvent(seq=number, event_json="again") for number in (1, 2)]
    with pytest.raises(EventRefusedError, match="1 to 2 already"):
        await store.add_generation_events(generation.id, again)
    assert await store.generation_events(generation.id, "ann") == (GenerationEvent(seq=2, event_json="2"),)


async def test_anothers_generation_is_told_as_one_that_never_was(store: Store, generation: Generation) -> None:
    with pytest.raises(GenerationNotFoundError, match="no generation"):
        await store.generation(generation.id, "ben")
    with pytest.raises(GenerationNotFoundError, match="no generation"):
        await store.generation_events(generation.id, "ben")
    with pytest.raises(GenerationNotFoundError, match="no generation"):
        await store.generation(new_id("gen"), "ann")


async def test_a_deleted_session_takes_its_generations_along(
    store: Store, session: str, generation: Generation
) -> None:
    await store.add_generation_event(generation.id, 1, "1")
    deleted = await store.delete_session(session, "ann")
    assert deleted.counted.generations == 1
    with pytest.raises(GenerationNotFoundError):
        await store.generation(generation.id, "ann")
    with pytest.raises(GenerationNotFoundError):
        await store.set_generation(generation.id, GenerationStatus.DONE)
    with pytest.raises(GenerationNotFoundError):
        await store.add_generation_event(generation.id, 2, "2")


async def test_a_restarted_process_finds_what_was_interrupted(
    store: Store, url: str, generation: Generation, watch: Watch
) -> None:
    await store.set_generation(generation.id, GenerationStatus.RUNNING)
    again = await open_store(url, clock=watch)
    try:
        lost = await again.interrupted_generations(alone=True)
        assert [(item.id, item.status) for item in lost] == [(generation.id, GenerationStatus.INTERRUPTED)]
        assert await again.interrupted_generations(alone=True) == ()
    finally:
        await again.close()
    assert (await store.generation(generation.id, "ann")).status is GenerationStatus.INTERRUPTED


async def test_another_process_keeps_what_it_works_on(
    store: Store, url: str, generation: Generation, watch: Watch
) -> None:
    other = await open_store(url, clock=watch)
    try:
        watch.go_on(GENERATION_LEASE_S - 1)
        assert await other.interrupted_generations() == ()
        assert await store.keep_generations() == 1
        watch.go_on(GENERATION_LEASE_S - 1)
        assert await other.interrupted_generations() == ()
        watch.go_on(2)
        assert [item.id for item in await other.interrupted_generations()] == [generation.id]
        assert await store.keep_generations() == 0
    finally:
        await other.close()


async def test_a_process_never_interrupts_itself(store: Store, generation: Generation, watch: Watch) -> None:
    watch.go_on(10 * GENERATION_LEASE_S)
    assert await store.interrupted_generations(alone=True) == ()
    assert (await store.generation(generation.id, "ann")).status is GenerationStatus.QUEUED
