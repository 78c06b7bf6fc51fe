"""Deletes what belongs to a session or to a person: rows, and with them every text that they hold."""

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.store.records import Counted
from proofkit_serve.store.session_rows import not_found
from proofkit_serve.store.tables import audit, generations, idempotency, session_events, sessions


async def delete_one(connection: AsyncConnection, session_id: str, owner: str) -> Counted:
    """Delete a session with its events, its generations and the answers that told about it.

    Raises:
        SessionNotFoundError: This owner has no such session.
    """
    counted = await _delete(connection, (sessions.c.id == session_id) & (sessions.c.owner == owner))
    if counted.sessions == 0:
        raise not_found(session_id)
    await connection.execute(
        delete(idempotency).where(idempotency.c.session_id == session_id, idempotency.c.owner == owner)
    )
    return counted


async def delete_all(connection: AsyncConnection, owner: str) -> Counted:
    """Delete everything of a person. The audit log keeps what was done and when, but no longer by whom or on what."""
    counted = await _delete(connection, sessions.c.owner == owner)
    await connection.execute(delete(idempotency).where(idempotency.c.owner == owner))
    await connection.execute(update(audit).where(audit.c.owner == owner).values(owner=None, subject=""))
    return counted


async def _delete(connection: AsyncConnection, which: ColumnElement[bool]) -> Counted:
    chosen = select(sessions.c.id).where(which)
    counted = Counted(
        sessions=await _count(connection, select(func.count()).select_from(sessions).where(which)),
        events=await _count(
            connection,
            select(func.count()).select_from(session_events).where(session_events.c.session_id.in_(chosen)),
        ),
        generations=await _count(
            connection, select(func.count()).select_from(generations).where(generations.c.session_id.in_(chosen))
        ),
    )
    await connection.execute(delete(sessions).where(which))  # the rest goes with it, by its foreign keys
    return counted


async def _count(connection: AsyncConnection, query: Select[int]) -> int:
    return await connection.scalar(query) or 0
