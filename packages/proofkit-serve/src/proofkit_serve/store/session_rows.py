"""Sessions and their events as rows. Every statement names the owner."""

from collections.abc import Iterable

from sqlalchemy import RowMapping, Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.errors import (
    EventRefusedError,
    RevisionConflictError,
    RevisionNotFoundError,
    SessionNotFoundError,
)
from proofkit_serve.sessions.document import Document, document_json
from proofkit_serve.sessions.events import SessionEvent, Undone, event_json
from proofkit_serve.sessions.folding import fold, reduce
from proofkit_serve.store.reading import stored_document, stored_event
from proofkit_serve.store.records import SessionSummary, StoredEvent
from proofkit_serve.store.tables import session_events, sessions
from proofkit_serve.store.times import as_time

SNAPSHOT_EVERY = 20
"""So many events are folded at most to reach any revision."""


async def add_session(
    connection: AsyncConnection, owner: str, document: Document, events: Iterable[SessionEvent], now_us: int
) -> Document:
    """Store a new session and what happens to it at once; the transaction makes them one write.

    Raises:
        EventRefusedError: The document is not at revision 0, its id is taken, or an event does not fit.
    """
    if document.revision:
        raise EventRefusedError(
            f"A new session starts at revision 0, got {document.revision}. Restore a backup instead."
        )
    text = document_json(document)
    row = {
        "id": document.id,
        "owner": owner,
        "revision": 0,
        "title": title_of(document),
        "start_json": text,
        "document_json": text,
        "created_us": now_us,
        "updated_us": now_us,
    }
    try:
        await connection.execute(insert(sessions).values(row))
    except IntegrityError as error:
        raise EventRefusedError("A session of that id is in the store already. Make a new id and try again.") from error
    for event in events:
        document = await append_event(connection, document.id, owner, event, expected=document.revision, now_us=now_us)
    return document


async def read_session(connection: AsyncConnection, session_id: str, owner: str, *, lock: bool = False) -> Document:
    """Return a session as it stands.

    Args:
        connection: An open transaction.
        session_id: The session.
        owner: Whose it is.
        lock: Whether nobody else may change it before the transaction ends.

    Raises:
        SessionNotFoundError: This owner has no such session.
    """
    found = _owned(session_id, owner).add_columns(sessions.c.document_json)
    row = (await connection.execute(found.with_for_update() if lock else found)).one_or_none()
    if row is None:
        raise not_found(session_id)
    return stored_document(row.document_json, session_id)


async def append_event(
    connection: AsyncConnection, session_id: str, owner: str, event: SessionEvent, *, expected: int | None, now_us: int
) -> Document:
    """Add an event to a session; the transaction makes it and the new document one write.

    Raises:
        SessionNotFoundError: This owner has no such session.
        RevisionConflictError: The session is not at the expected revision.
        EventRefusedError: The event does not fit the document.
    """
    before = await read_session(connection, session_id, owner, lock=True)
    if expected is not None and expected != before.revision:
        raise RevisionConflictError(expected=expected, actual=before.revision)
    past = await _past_of(connection, session_id, event, before)
    after = reduce(before, event, past=lambda _: past)
    text = document_json(after)
    row = {
        "session_id": session_id,
        "revision": after.revision,
        "at_us": now_us,
        "event_json": event_json(event),
        "snapshot_json": text if keeps_snapshot(after.revision, event) else None,
    }
    await connection.execute(insert(session_events).values(row))
    changed = {"revision": after.revision, "title": title_of(after), "document_json": text, "updated_us": now_us}
    await connection.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.owner == owner).values(changed)
    )
    return after


def keeps_snapshot(revision: int, event: SessionEvent) -> bool:
    """Return whether the document is kept with an event: at every twentieth, and where one would look far back."""
    return revision % SNAPSHOT_EVERY == 0 or isinstance(event, Undone)


def title_of(document: Document) -> str:
    """Return what a list of sessions calls this one."""
    return document.goal.target_role if document.goal else ""


async def read_events(
    connection: AsyncConnection, session_id: str, owner: str, *, after: int, limit: int | None
) -> tuple[StoredEvent, ...]:
    """Return the events that led to revisions above `after`, no more than `limit` of them.

    Raises:
        SessionNotFoundError: This owner has no such session.
    """
    await require_session(connection, session_id, owner)
    columns = (session_events.c.revision, session_events.c.at_us, session_events.c.event_json)
    rows = await connection.execute(
        select(*columns)
        .where(session_events.c.session_id == session_id, session_events.c.revision > after)
        .order_by(session_events.c.revision)
        .limit(limit)
    )
    return tuple(
        StoredEvent(
            revision=row.revision, at=as_time(row.at_us), event=stored_event(row.event_json, session_id, row.revision)
        )
        for row in rows
    )


async def read_document_at(connection: AsyncConnection, session_id: str, owner: str, revision: int) -> Document:
    """Return a session as it stood at a revision.

    Raises:
        SessionNotFoundError: This owner has no such session.
        RevisionNotFoundError: It never had that revision.
    """
    newest = await connection.scalar(
        select(sessions.c.revision).where(sessions.c.id == session_id, sessions.c.owner == owner)
    )
    if newest is None:
        raise not_found(session_id)
    if not 0 <= revision <= newest:
        raise RevisionNotFoundError(f"The session has no revision {revision}; it has 0 to {newest}. Name one of these.")
    return await _document_at(connection, session_id, revision)


async def list_sessions(
    connection: AsyncConnection, owner: str, *, limit: int, offset: int
) -> tuple[SessionSummary, ...]:
    """Return a person's sessions, last changed first."""
    columns = (sessions.c.id, sessions.c.revision, sessions.c.title, sessions.c.created_us, sessions.c.updated_us)
    rows = await connection.execute(
        select(*columns)
        .where(sessions.c.owner == owner)
        .order_by(sessions.c.updated_us.desc(), sessions.c.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_summary(row) for row in rows.mappings())


async def require_session(connection: AsyncConnection, session_id: str, owner: str, *, keep: bool = False) -> None:
    """See that a session is there.

    Args:
        connection: An open transaction.
        session_id: The session.
        owner: Whose it is.
        keep: Whether nobody may delete it before the transaction ends.

    Raises:
        SessionNotFoundError: This owner has no such session.
    """
    found = _owned(session_id, owner)
    if keep:
        found = found.with_for_update(read=True, key_share=True)
    if (await connection.execute(found)).one_or_none() is None:
        raise not_found(session_id)


def not_found(session_id: str) -> SessionNotFoundError:
    """Return the error for a session that is not there, or is another's: nobody can tell which."""
    return SessionNotFoundError(f"There is no session {session_id!r} here. Check its id, or create a new session.")


def _owned(session_id: str, owner: str) -> Select[str]:
    return select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.owner == owner)


def _summary(row: RowMapping) -> SessionSummary:
    return SessionSummary(
        id=row["id"],
        revision=row["revision"],
        title=row["title"],
        created_at=as_time(row["created_us"]),
        updated_at=as_time(row["updated_us"]),
    )


async def _past_of(connection: AsyncConnection, session_id: str, event: SessionEvent, before: Document) -> Document:
    if isinstance(event, Undone) and 0 <= event.to_revision < before.revision:
        return await _document_at(connection, session_id, event.to_revision)
    return before


async def _document_at(connection: AsyncConnection, session_id: str, revision: int) -> Document:
    start = await _snapshot(connection, session_id, revision)
    rows = await connection.execute(
        select(session_events.c.revision, session_events.c.event_json)
        .where(
            session_events.c.session_id == session_id,
            session_events.c.revision > start.revision,
            session_events.c.revision <= revision,
        )
        .order_by(session_events.c.revision)
    )
    return fold(start, [stored_event(row.event_json, session_id, row.revision) for row in rows])


async def _snapshot(connection: AsyncConnection, session_id: str, revision: int) -> Document:
    """Return the nearest document that is kept at or before a revision."""
    kept = await connection.scalar(
        select(session_events.c.snapshot_json)
        .where(
            session_events.c.session_id == session_id,
            session_events.c.revision <= revision,
            session_events.c.snapshot_json.is_not(None),
        )
        .order_by(session_events.c.revision.desc())
        .limit(1)
    )
    if kept is None:
        kept = await connection.scalar(select(sessions.c.start_json).where(sessions.c.id == session_id))
    return stored_document(kept or "", session_id)
