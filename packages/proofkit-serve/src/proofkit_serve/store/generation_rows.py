"""Generations and their events as rows."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, and_, delete, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.errors import EventRefusedError, GenerationNotFoundError
from proofkit_serve.store.records import Generation, GenerationEvent, GenerationStatus
from proofkit_serve.store.session_rows import require_session
from proofkit_serve.store.tables import generation_events, generations
from proofkit_serve.store.times import as_time

GENERATION_LEASE_S = 30.0
"""Seconds after which a generation counts as lost if its process was not heard of."""
_OPEN = [status.value for status in GenerationStatus if not status.ended]
_COLUMNS = (
    generations.c.id,
    generations.c.session_id,
    generations.c.owner,
    generations.c.kind,
    generations.c.status,
    generations.c.request_json,
    generations.c.result_json,
    generations.c.created_us,
    generations.c.updated_us,
)


def _lease(now_us: int) -> int:
    return now_us + int(GENERATION_LEASE_S * 1_000_000)


async def add_generation(connection: AsyncConnection, new: Generation, *, holder: str, now_us: int) -> Generation:
    """Store a new generation; the process `holder` works on it.

    Raises:
        SessionNotFoundError: This owner has no such session.
        EventRefusedError: The id is taken.
    """
    await require_session(connection, new.session_id, new.owner, keep=True)
    row = {
        "id": new.id,
        "session_id": new.session_id,
        "owner": new.owner,
        "kind": new.kind,
        "status": new.status.value,
        "request_json": new.request_json,
        "result_json": new.result_json,
        "holder": holder,
        "lease_until_us": _lease(now_us),
        "created_us": now_us,
        "updated_us": now_us,
    }
    try:
        await connection.execute(insert(generations).values(row))
    except IntegrityError as error:
        raise EventRefusedError("A generation of that id is in the store already. Make a new id.") from error
    return new


async def set_status(
    connection: AsyncConnection, generation_id: str, status: GenerationStatus, result_json: str | None, now_us: int
) -> Generation:
    """Tell how far a generation is; one that has ended stays as it ended, but what came of it can be added.

    Raises:
        GenerationNotFoundError: There is none.
    """
    if result_json is not None and status.ended:
        # Whoever cancelled it in another process did not know what was finished before.
        await connection.execute(
            update(generations)
            .where(
                generations.c.id == generation_id,
                generations.c.status.not_in(_OPEN),
                generations.c.result_json.is_(None),
            )
            .values(result_json=result_json)
        )
    await connection.execute(
        update(generations)
        .where(generations.c.id == generation_id, generations.c.status.in_(_OPEN))
        .values(
            status=status.value,
            result_json=func.coalesce(result_json, generations.c.result_json),
            lease_until_us=_lease(now_us),
            updated_us=now_us,
        )
    )
    return await _one(connection, select(*_COLUMNS).where(generations.c.id == generation_id), generation_id)


async def read_generation(connection: AsyncConnection, generation_id: str, owner: str) -> Generation:
    """Return a generation.

    Raises:
        GenerationNotFoundError: This owner has no such generation.
    """
    found = select(*_COLUMNS).where(generations.c.id == generation_id, generations.c.owner == owner)
    return await _one(connection, found, generation_id)


async def _one(connection: AsyncConnection, found: Select[*tuple[Any, ...]], generation_id: str) -> Generation:
    row = (await connection.execute(found)).mappings().one_or_none()
    if row is None:
        raise generation_not_found(generation_id)
    return as_generation(row)


async def list_generations(
    connection: AsyncConnection, session_id: str, owner: str, *, after: str, limit: int | None
) -> tuple[Generation, ...]:
    """Return a session's generations, oldest first: those that came after the one with the id `after`.

    Raises:
        SessionNotFoundError: This owner has no such session.
        GenerationNotFoundError: The session has no generation `after`.
    """
    await require_session(connection, session_id, owner)
    mine = select(*_COLUMNS).where(generations.c.session_id == session_id, generations.c.owner == owner)
    place = (generations.c.created_us, generations.c.id)
    found = mine.order_by(*place).limit(limit)
    if after:
        last = (await connection.execute(mine.where(generations.c.id == after))).one_or_none()
        if last is None:
            raise generation_not_found(after)
        found = found.where(tuple_(*place) > tuple_(last.created_us, last.id))
    rows = await connection.execute(found)
    return tuple(as_generation(row) for row in rows.mappings())


async def add_events(
    connection: AsyncConnection, generation_id: str, events: Sequence[GenerationEvent], *, holder: str, now_us: int
) -> None:
    """Keep some events of a generation; that tells of its process too.

    Events that are there already, equal ones, stay: a write whose confirmation was lost can be repeated.

    Raises:
        GenerationNotFoundError: There is none.
        EventRefusedError: A number is taken by something else, or another process has taken the generation over.
    """
    held = generations.c.id == generation_id
    # The row is locked by it, so nobody else adds events meanwhile.
    kept = await connection.execute(
        update(generations).where(held, generations.c.holder == holder).values(lease_until_us=_lease(now_us))
    )
    if kept.rowcount == 0:
        if await connection.scalar(select(generations.c.id).where(held)) is None:
            raise generation_not_found(generation_id)
        raise EventRefusedError(
            "Another process took the generation over, because nothing was heard of this one for a while. Nothing was "
            "added; ask for the rest again."
        )
    if not events:
        return
    numbers = [event.seq for event in events]
    found = await connection.execute(
        select(generation_events.c.seq, generation_events.c.event_json).where(
            generation_events.c.generation_id == generation_id,
            generation_events.c.seq.between(min(numbers), max(numbers)),
        )
    )
    there = {row.seq: row.event_json for row in found}
    if any(there.get(event.seq, event.event_json) != event.event_json for event in events):
        told = (
            f"The generation has other events of the numbers {min(numbers)} to {max(numbers)} already. Go on counting."
        )
        raise EventRefusedError(told)
    rows = [{"generation_id": generation_id, **event.model_dump()} for event in events if event.seq not in there]
    if rows:
        await connection.execute(insert(generation_events), rows)


async def read_generation_events(
    connection: AsyncConnection, generation_id: str, owner: str, *, after: int
) -> tuple[GenerationEvent, ...]:
    """Return the events with numbers above `after`, in order.

    Raises:
        GenerationNotFoundError: This owner has no such generation.
    """
    await read_generation(connection, generation_id, owner)
    rows = await connection.execute(
        select(generation_events.c.seq, generation_events.c.event_json)
        .where(generation_events.c.generation_id == generation_id, generation_events.c.seq > after)
        .order_by(generation_events.c.seq)
    )
    return tuple(GenerationEvent(seq=row.seq, event_json=row.event_json) for row in rows)


async def forget_events(connection: AsyncConnection, before_us: int, most: int) -> int:
    """Delete the events of generations that ended before a time, of the `most` oldest, and return of how many."""
    has_events = exists().where(generation_events.c.generation_id == generations.c.id)
    old = await connection.scalars(
        select(generations.c.id)
        .where(generations.c.status.not_in(_OPEN), generations.c.updated_us < before_us, has_events)
        .order_by(generations.c.updated_us)
        .limit(most)
    )
    ids = old.all()
    await connection.execute(delete(generation_events).where(generation_events.c.generation_id.in_(ids)))
    return len(ids)


async def renew(connection: AsyncConnection, holder: str, now_us: int, *, working: Collection[str] | None) -> int:
    """Tell that a process still works on what it holds, or on some of it, and return how much that is."""
    held = [generations.c.holder == holder, generations.c.status.in_(_OPEN)]
    if working is not None:
        held.append(generations.c.id.in_(list(working)))
    kept = await connection.execute(update(generations).where(*held).values(lease_until_us=_lease(now_us)))
    return kept.rowcount


async def interrupt_lost(
    connection: AsyncConnection, holder: str, now_us: int, *, alone: bool, working: Collection[str] | None
) -> tuple[Generation, ...]:
    """Mark the open generations that nobody works on, take them over, and return them."""
    late = generations.c.lease_until_us < now_us
    others = generations.c.holder != holder
    lost = others if alone else and_(others, late)
    if working is not None:
        lost = or_(lost, and_(generations.c.holder == holder, late, generations.c.id.not_in(list(working))))
    rows = await connection.execute(
        update(generations)
        .where(generations.c.status.in_(_OPEN), lost)
        .values(status=GenerationStatus.INTERRUPTED.value, holder=holder, updated_us=now_us)
        .returning(*_COLUMNS)
    )
    return tuple(sorted((as_generation(row) for row in rows.mappings()), key=lambda item: (item.created_at, item.id)))


def as_generation(row: RowMapping) -> Generation:
    """Return a row as a generation."""
    return Generation(
        id=row["id"],
        session_id=row["session_id"],
        owner=row["owner"],
        kind=row["kind"],
        status=GenerationStatus(row["status"]),
        request_json=row["request_json"],
        result_json=row["result_json"],
        created_at=as_time(row["created_us"]),
        updated_at=as_time(row["updated_us"]),
    )


def generation_not_found(generation_id: str) -> GenerationNotFoundError:
    """Return the error for a generation that is not there, or is another's."""
    return GenerationNotFoundError(
        f"There is no generation {generation_id!r} here. Its session may have been deleted; check the id."
    )
