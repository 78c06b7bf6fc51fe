"""A whole session, with its packet, through a real store and through a person's file."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from proofkit_core.brief import Brief
from proofkit_serve.sessions import Document, SessionEvent, document_json, fold, new_document, new_id
from proofkit_serve.sessions.events import GoalSet, Undone
from proofkit_serve.store import open_store

Walk = Callable[[Document], Iterator[SessionEvent]]


async def _stored(folder: Path, goal: GoalSet, walk: Walk) -> None:
    store = await open_store(f"sqlite:///{folder / 'store.db'}")
    start = await store.create_session("ann", new_document(new_id("s")))
    document = await store.append(start.id, "ann", goal)
    for event in walk(document):
        document = await store.append(start.id, "ann", event, expected_revision=document.revision)
    finished = document
    await store.append(start.id, "ann", goal)
    document = await store.append(start.id, "ann", Undone(to_revision=finished.revision))
    assert document.packet == finished.packet
    events = [item.event for item in await store.events(start.id, "ann")]
    assert fold(start, events) == document == await store.load_session(start.id, "ann")
    file = b"".join([piece async for piece in store.export_person("ann")])
    await store.close()
    other = await open_store(f"sqlite:///{folder / 'other.db'}")
    await other.restore_person("ann", file)
    assert document_json(await other.load_session(start.id, "ann")) == document_json(document)
    assert await other.document_at(start.id, "ann", finished.revision) == finished
    await other.close()


def test_a_session_with_its_packet_is_stored_exported_and_restored(
    walk: Walk, briefs: tuple[Brief, Brief], tmp_path: Path
) -> None:
    asyncio.run(_stored(tmp_path, GoalSet(goal=briefs[0]), walk))
