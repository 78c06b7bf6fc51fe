"""Takes all of a person's data out of the store, and puts it in."""

import json

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.errors import PersonFileClashError
from proofkit_serve.store.person_file import PERSON_SCHEMA, Restorable
from proofkit_serve.store.tables import generation_events, generations, session_events, sessions
from proofkit_serve.store.times import as_time

_TABLES: tuple[Table, ...] = (sessions, session_events, generations, generation_events)
_AT_ONCE = 200
"""Rows of one statement."""


async def write_person(connection: AsyncConnection, owner: str, now_us: int) -> list[bytes]:
    """Return all of a person's data as the pieces of a file, one a session.

    Documents and events go out as they are stored: what cannot be read by this version is handed out all the same.

    Args:
        connection: An open transaction that sees one moment.
        owner: The person.
        now_us: The time.
    """
    ids = (
        await connection.scalars(
            select(sessions.c.id).where(sessions.c.owner == owner).order_by(sessions.c.created_us, sessions.c.id)
        )
    ).all()
    opening = f'{{"schema":{_quoted(PERSON_SCHEMA)},"exported_at":{_time(now_us)},"sessions":['
    pieces = [await _session(connection, session_id) for session_id in ids]
    parted = [piece if place == 0 else f",{piece}" for place, piece in enumerate(pieces)]
    return [text.encode() for text in (opening, *parted, "]}")]


async def _session(connection: AsyncConnection, session_id: str) -> str:
    row = (await connection.execute(select(sessions).where(sessions.c.id == session_id))).one()
    events = await connection.execute(
        select(session_events).where(session_events.c.session_id == session_id).order_by(session_events.c.revision)
    )
    told = ",".join(
        f'{{"revision":{event.revision},"at":{_time(event.at_us)},"event":{event.event_json}}}' for event in events
    )
    made = await connection.execute(
        select(generations)
        .where(generations.c.session_id == session_id)
        .order_by(generations.c.created_us, generations.c.id)
    )
    worked = [await _generation(connection, dict(item)) for item in made.mappings()]
    return (
        f'{{"created_at":{_time(row.created_us)},"updated_at":{_time(row.updated_us)},"start":{row.start_json},'
        f'"document":{row.document_json},"events":[{told}],"generations":[{",".join(worked)}]}}'
    )


async def _generation(connection: AsyncConnection, row: dict[str, object]) -> str:
    events = await connection.execute(
        select(generation_events)
        .where(generation_events.c.generation_id == row["id"])
        .order_by(generation_events.c.seq)
    )
    told = {name: row[name] for name in ("id", "kind", "status", "request_json", "result_json")}
    told |= {
        "created_at": as_time(int(str(row["created_us"]))).isoformat(),
        "updated_at": as_time(int(str(row["updated_us"]))).isoformat(),
        "events": [{"seq": event.seq, "event_json": event.event_json} for event in events],
    }
    return json.dumps(told, ensure_ascii=False)


async def add_person(connection: AsyncConnection, restorable: Restorable) -> None:
    """Put back what a file holds; the transaction makes it all or nothing.

    Raises:
        PersonFileClashError: One of its sessions or generations is in the store already.
    """
    try:
        for table in _TABLES:
            rows = restorable.rows[table.name]
            for start in range(0, len(rows), _AT_ONCE):
                await connection.execute(insert(table), rows[start : start + _AT_ONCE])
    except IntegrityError as error:
        raise PersonFileClashError(
            "A session of the file is in the store already. Nothing was restored; delete it there first, or restore "
            "into another store."
        ) from error


def _quoted(text: str) -> str:
    return json.dumps(text)


def _time(microseconds: int) -> str:
    return _quoted(as_time(microseconds).isoformat())
