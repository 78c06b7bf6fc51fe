"""Sessions and their events, on both databases."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from proofkit_core.brief import Brief
from proofkit_core.errors import InputError
from proofkit_serve.errors import (
    EventRefusedError,
    RevisionConflictError,
    RevisionNotFoundError,
    SessionNotFoundError,
    StoreUnavailableError,
)
from proofkit_serve.sessions import Document, SessionEvent, history, new_document, new_id
from proofkit_serve.sessions.events import (
    AnswerGiven,
    DemoImported,
    GoalSet,
    ModelChosen,
    NotesSet,
    SampleChosen,
    SeedChosen,
    StartedOver,
    Undone,
)
from proofkit_serve.store import Store
from proofkit_serve.store.session_rows import SNAPSHOT_EVERY

pytestmark = pytest.mark.anyio
Insisting = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]

GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))


def _drawn(chance: random.Random, revision: int) -> SessionEvent:
    return chance.choice(
        [
            GOAL,
            DemoImported(demo="nurse-educator", goal=GOAL.goal, seed=3),
            StartedOver(),
            ModelChosen(model=f"model-{revision}"),
            SeedChosen(seed=revision),
            SampleChosen(sample="risk-register"),
            NotesSet(notes=(f"Note {revision}.",)),
            NotesSet(notes=("Zero \0, a sign \N{SNOWMAN}, \u202eturned, \U0001f600.",)),
            AnswerGiven(question="elsewhere.unasked", answer=f"Answer {revision}."),
            *[Undone(to_revision=chance.randint(0, revision)) for _ in range(4)],
        ]
    )


async def test_a_new_session_is_read_as_it_was_made(store: Store) -> None:
    made = await store.create_session("ann", new_document(new_id("s"), model_choice="small"))
    assert await store.load_session(made.id, "ann") == made
    assert await store.events(made.id, "ann") == ()
    assert await store.document_at(made.id, "ann", 0) == made


async def test_an_id_is_given_once(store: Store, session: str) -> None:
    with pytest.raises(EventRefusedError, match="in the store already"):
        await store.create_session("ben", new_document(session))


async def test_a_session_starts_at_its_first_revision(store: Store, session: str) -> None:
    document = (await store.load_session(session, "ann")).model_copy(update={"id": new_id("s")})
    with pytest.raises(EventRefusedError, match="revision 0"):
        await store.create_session("ann", document)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_events_can_be_read_back_and_every_revision_too(store: Store, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - drawn, not secret
    start = await store.create_session("ann", new_document(new_id("s")))
    events: list[SessionEvent] = [GOAL]
    current = await store.append(start.id, "ann", GOAL)
    while len(events) < 3 * SNAPSHOT_EVERY + 2:
        event = _drawn(chance, current.revision)
        try:
            current = await store.append(start.id, "ann", event, expected_revision=current.revision)
        except EventRefusedError:
            assert await store.load_session(start.id, "ann") == current
            continue
        events.append(event)
    documents = history(start, events)
    stored = await store.events(start.id, "ann")
    assert [item.event for item in stored] == events
    assert [item.revision for item in stored] == [*range(1, len(events) + 1)]
    assert [item.at for item in stored] == sorted(item.at for item in stored)
    assert await store.load_session(start.id, "ann") == documents[-1] == current
    for revision, document in enumerate(documents):
        assert await store.document_at(start.id, "ann", revision) == document


async def test_only_later_events_are_read_where_asked(store: Store, session: str) -> None:
    for number in range(3):
        await store.append(session, "ann", SeedChosen(seed=number))
    assert [item.revision for item in await store.events(session, "ann", after=2)] == [3, 4]
    assert [item.revision for item in await store.events(session, "ann", after=1, limit=2)] == [2, 3]


async def test_an_unknown_revision_is_told_with_those_that_are(store: Store, session: str) -> None:
    for revision in (-1, 2):
        with pytest.raises(RevisionNotFoundError, match="0 to 1"):
            await store.document_at(session, "ann", revision)
    with pytest.raises(RevisionNotFoundError, match="0 to 1"):
        await store.append(session, "ann", Undone(to_revision=2))


async def test_a_refused_event_leaves_nothing_behind(store: Store) -> None:
    start = await store.create_session("ann", new_document(new_id("s")))
    with pytest.raises(EventRefusedError, match="no goal"):
        await store.append(start.id, "ann", NotesSet(notes=("Early.",)))
    assert await store.events(start.id, "ann") == ()
    assert await store.load_session(start.id, "ann") == start


async def test_whoever_read_an_older_revision_is_told(store: Store, session: str) -> None:
    await store.append(session, "ann", SeedChosen(seed=1), expected_revision=1)
    with pytest.raises(RevisionConflictError, match="expected revision 1, it is at 2") as told:
        await store.append(session, "ann", SeedChosen(seed=2), expected_revision=1)
    assert (told.value.expected, told.value.actual) == (1, 2)
    assert (await store.load_session(session, "ann")).seed == 1


async def test_of_a_hundred_at_once_one_wins_a_revision(store: Store, session: str, insisting: Insisting) -> None:
    calls = [
        insisting(partial(store.append, session, "ann", SeedChosen(seed=n), expected_revision=1)) for n in range(1, 101)
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    won = [item for item in outcomes if not isinstance(item, BaseException)]
    assert len(won) == 1
    assert all(isinstance(item, RevisionConflictError) for item in outcomes if item is not won[0])
    assert await store.load_session(session, "ann") == won[0]


async def test_of_a_hundred_at_once_none_is_lost_where_order_does_not_matter(
    store: Store, session: str, insisting: Insisting
) -> None:
    calls = [insisting(partial(store.append, session, "ann", SeedChosen(seed=n))) for n in range(1, 101)]
    documents: list[Document] = await asyncio.gather(*calls)
    assert sorted(document.revision for document in documents) == [*range(2, 102)]
    stored = await store.events(session, "ann", after=1)
    assert sorted(item.event.seed for item in stored if isinstance(item.event, SeedChosen)) == [*range(1, 101)]
    assert [document.seed for document in sorted(documents, key=lambda each: each.revision)] == [
        item.event.seed for item in stored if isinstance(item.event, SeedChosen)
    ]


async def test_each_of_thirty_that_try_again_gets_its_own_revision(store: Store, session: str) -> None:
    async def insist(number: int) -> int:
        while True:
            now = await store.load_session(session, "ann")
            try:
                after = await store.append(
                    session, "ann", ModelChosen(model=f"m{number}"), expected_revision=now.revision
                )
            except (RevisionConflictError, StoreUnavailableError):
                continue
            assert after.model_choice == f"m{number}"
            return after.revision

    assert sorted(await asyncio.gather(*(insist(n) for n in range(30)))) == [*range(2, 32)]


async def test_callers_that_go_away_leave_the_store_whole(store: Store, session: str, insisting: Insisting) -> None:
    chance = random.Random(5)  # noqa: S311 - drawn, not secret
    acknowledged: list[int] = []

    async def append(number: int) -> None:
        acknowledged.append((await store.append(session, "ann", SeedChosen(seed=number))).revision)

    tasks = [asyncio.create_task(append(number)) for number in range(1, 61)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.002)
        chance.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    stored = await store.events(session, "ann")
    assert set(acknowledged) <= {item.revision for item in stored}
    assert [item.revision for item in stored] == [*range(1, len(stored) + 1)]
    assert history(await store.document_at(session, "ann", 0), [item.event for item in stored])[-1] == (
        await store.load_session(session, "ann")
    )
    more = (insisting(partial(store.append, session, "ann", SeedChosen(seed=n))) for n in range(200, 220))
    after: list[Document] = await asyncio.gather(*more)
    assert len({document.revision for document in after}) == 20


Call = Callable[[Store, str, str], Awaitable[object]]
CALLS: dict[str, Call] = {
    "load": lambda store, session, owner: store.load_session(session, owner),
    "append": lambda store, session, owner: store.append(session, owner, StartedOver()),
    "events": lambda store, session, owner: store.events(session, owner),
    "document_at": lambda store, session, owner: store.document_at(session, owner, 0),
    "delete": lambda store, session, owner: store.delete_session(session, owner),
    "generations": lambda store, session, owner: store.generations_of(session, owner),
    "generate": lambda store, session, owner: store.create_generation(
        new_id("gen"), session_id=session, owner=owner, kind="section", request_json="{}"
    ),
}


@pytest.mark.parametrize("call", CALLS)
async def test_anothers_session_is_told_as_one_that_never_was(store: Store, session: str, call: str) -> None:
    with pytest.raises(SessionNotFoundError) as anothers:
        await CALLS[call](store, session, "ben")
    never = new_id("s")
    with pytest.raises(SessionNotFoundError) as nobodys:
        await CALLS[call](store, never, "ann")
    assert str(anothers.value).replace(session, "") == str(nobodys.value).replace(never, "")
    assert (await store.load_session(session, "ann")).revision == 1


async def test_a_list_holds_ones_own_sessions_last_changed_first(store: Store, session: str) -> None:
    other = await store.create_session("ann", new_document(new_id("s")))
    await store.create_session("ben", new_document(new_id("s")))
    listed = await store.sessions_of("ann")
    assert [(item.id, item.title, item.revision) for item in listed] == [
        (other.id, "", 0),
        (session, "Project manager", 1),
    ]
    assert listed[1].updated_at > listed[1].created_at
    await store.append(session, "ann", SeedChosen(seed=1))
    assert [item.id for item in await store.sessions_of("ann", limit=1)] == [session]
    assert [item.id for item in await store.sessions_of("ann", limit=1, offset=1)] == [other.id]


@pytest.mark.parametrize("owner", ["", "a" * 121, "ann\0", "ann ben", "ånn", "a\nb", "'; DROP TABLE sessions; --"])
async def test_a_strange_owner_is_refused_with_what_is_expected(store: Store, owner: str) -> None:
    with pytest.raises(InputError, match="Expected up to 120 letters"):
        await store.create_session(owner, new_document(new_id("s")))
    assert await store.sessions_of("ann") == ()
