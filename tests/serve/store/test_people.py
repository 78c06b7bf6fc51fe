"""All of a person's data: taken out, put back, deleted. On both databases."""

import json
from pathlib import Path

import psycopg
import pytest

from proofkit_serve.errors import PersonFileError, SessionNotFoundError
from proofkit_serve.sessions import Document, new_document, new_id
from proofkit_serve.sessions.events import NotesSet, SeedChosen, Undone
from proofkit_serve.store import (
    AuditEntry,
    CallAnswer,
    Claimed,
    Generation,
    GenerationStatus,
    Store,
    StoredEvent,
    open_store,
)

pytestmark = pytest.mark.anyio
MARK = "UNMISTAKABLE-WORDS-OF-ANN"


async def _exported(store: Store, owner: str) -> bytes:
    return b"".join([piece async for piece in store.export_person(owner)])


async def _all(store: Store, owner: str) -> dict[str, tuple[Document, tuple[StoredEvent, ...], tuple[Generation, ...]]]:
    ids = [item.id for item in await store.sessions_of(owner)]
    return {
        each: (
            await store.load_session(each, owner),
            await store.events(each, owner),
            await store.generations_of(each, owner),
        )
        for each in ids
    }


@pytest.fixture
async def filled(store: Store, session: str) -> str:
    """Ann has two sessions and a generation, and others have something too."""
    await store.append(session, "ann", NotesSet(notes=(f"{MARK} Zero \0 and \N{SNOWMAN}.",)))
    for number in range(25):
        await store.append(session, "ann", SeedChosen(seed=number))
    await store.append(session, "ann", Undone(to_revision=2))
    generation = await store.create_generation(
        new_id("gen"), session_id=session, owner="ann", kind="section", request_json=json.dumps([MARK])
    )
    await store.add_generation_event(generation.id, 1, json.dumps([MARK, "delta"]))
    await store.set_generation(generation.id, GenerationStatus.DONE, result_json=json.dumps([MARK, "done"]))
    await store.create_session("ann", new_document(new_id("s"), model_choice="small"))
    claim = await store.claim_idempotency("ann", "key", "asked")
    assert isinstance(claim, Claimed)
    await store.finish_idempotency(
        "ann", "key", CallAnswer(token=claim.token, status=200, headers={}, body=MARK.encode())
    )
    await store.record_audit(AuditEntry(action="session.create", owner="ann", subject=session))
    await store.record_audit(AuditEntry(action="session.create", owner="ben", subject="s_ben"))
    await store.create_session("ben", new_document(new_id("s")))
    return session


async def test_what_is_exported_is_restored_equal_into_an_empty_store(
    store: Store, filled: str, tmp_path: Path
) -> None:
    file = await _exported(store, "ann")
    other = await open_store(f"sqlite:///{tmp_path / 'other.db'}")
    try:
        counted = await other.restore_person("ann", file)
        assert (counted.sessions, counted.events, counted.generations) == (2, 28, 1)
        assert await _all(other, "ann") == await _all(store, "ann")
        for each in await store.sessions_of("ann"):
            for revision in range(each.revision + 1):
                assert await other.document_at(each.id, "ann", revision) == await store.document_at(
                    each.id, "ann", revision
                )
        (generation,) = await other.generations_of(filled, "ann")
        assert await other.generation_events(generation.id, "ann") == await store.generation_events(
            generation.id, "ann"
        )
        assert json.loads(await _exported(other, "ann"))["sessions"] == json.loads(file)["sessions"]
    finally:
        await other.close()


async def test_what_was_deleted_can_be_restored(store: Store, filled: str) -> None:
    file, before = await _exported(store, "ann"), await _all(store, "ann")
    await store.delete_person("ann")
    await store.restore_person("ann", file)
    assert await _all(store, "ann") == before
    assert (await store.append(filled, "ann", SeedChosen(seed=99))).revision == 29


@pytest.mark.usefixtures("filled")
async def test_an_export_is_one_versioned_json_file_of_ones_own(store: Store) -> None:
    data = json.loads(await _exported(store, "ann"))
    assert data["schema"] == "proofkit.person/1"
    assert {session["document"]["id"] for session in data["sessions"]} == {
        item.id for item in await store.sessions_of("ann")
    }
    assert json.loads(await _exported(store, "nobody"))["sessions"] == []


@pytest.mark.usefixtures("filled")
async def test_an_export_that_nobody_reads_to_its_end_keeps_no_connection(store: Store) -> None:
    for _ in range(30):
        async for _piece in store.export_person("ann"):
            break
    await store.create_session("ann", new_document(new_id("s")))


@pytest.mark.usefixtures("filled")
async def test_a_restored_session_is_not_restored_twice(store: Store) -> None:
    file, before = await _exported(store, "ann"), await _all(store, "ann")
    for owner in ("ann", "ben"):
        with pytest.raises(PersonFileError, match="in the store already"):
            await store.restore_person(owner, file)
    assert await _all(store, "ann") == before
    assert len(await store.sessions_of("ben")) == 1


async def _damaged(store: Store, old: str, new: str) -> bytes:
    file = (await _exported(store, "ann")).decode()
    assert old in file
    await store.delete_person("ann")
    return file.replace(old, new).encode()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("proofkit.person/1", "proofkit.person/9", "at schema"),
        ('"revision":9,"at"', '"revision":10,"at"', "do not lead"),
        ('"type":"undone","to_revision":2', '"type":"undone","to_revision":200', "do not lead"),
        ('"seed":24}', '"seed":"many"}', "holds no sessions"),
        ("]}", "", "holds no sessions"),
    ],
)
async def test_a_damaged_file_restores_nothing(store: Store, old: str, new: str, told: str) -> None:
    file = await _damaged(store, old, new)
    with pytest.raises(PersonFileError, match=told) as refused:
        await store.restore_person("ann", file)
    assert MARK not in str(refused.value)
    assert await store.sessions_of("ann") == ()


async def test_deleting_a_person_leaves_nothing_of_theirs_and_all_of_the_others(store: Store, filled: str) -> None:
    deleted = await store.delete_person("ann")
    assert (deleted.counted.sessions, deleted.counted.events, deleted.counted.generations) == (2, 28, 1)
    assert deleted.swept
    assert await store.sessions_of("ann") == ()
    with pytest.raises(SessionNotFoundError):
        await store.load_session(filled, "ann")
    assert isinstance(await store.claim_idempotency("ann", "key", "anything"), Claimed)
    assert len(await store.sessions_of("ben")) == 1
    audit = await store.audit()
    assert [(item.entry.owner, item.entry.subject) for item in audit] == [(None, ""), ("ben", "s_ben")]


@pytest.mark.usefixtures("filled")
async def test_deleted_words_stand_in_no_table(store: Store, url: str) -> None:
    await store.delete_person("ann")
    await store.close()
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        assert not [file.name for file in folder.iterdir() if MARK.encode() in file.read_bytes()]
        return
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall()  # noqa: S608 - our tables
            assert not [row for row in rows if MARK in row[0] or MARK.encode().hex() in row[0]]


@pytest.mark.usefixtures("store")
async def test_words_are_gone_from_the_open_file_at_once(store: Store, filled: str, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("Postgres frees the room itself, at its next vacuum")
    folder = Path(url.removeprefix("sqlite:///")).parent
    assert [file.name for file in folder.iterdir() if MARK.encode() in file.read_bytes()]
    assert (await store.delete_session(filled, "ann")).swept
    await store.delete_person("ann")
    assert not [file.name for file in folder.iterdir() if MARK.encode() in file.read_bytes()]
