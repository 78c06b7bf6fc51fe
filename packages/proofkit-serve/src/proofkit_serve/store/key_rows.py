"""API keys, by digest alone, and the audit log, without anything that was said."""

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.errors import EventRefusedError, KeyNotFoundError
from proofkit_serve.store.records import ApiKey, AuditEntry, StoredAuditEntry
from proofkit_serve.store.tables import api_keys, audit
from proofkit_serve.store.times import as_microseconds, as_time


async def add(connection: AsyncConnection, key: ApiKey) -> None:
    """Store a key.

    Raises:
        EventRefusedError: There is such a key already.
    """
    row = {
        "id": key.id,
        "name": key.name,
        "owner": key.owner,
        "digest": key.digest,
        "created_us": as_microseconds(key.created_at),
    }
    try:
        await connection.execute(insert(api_keys).values(row))
    except IntegrityError as error:
        raise EventRefusedError("There is such an API key already. Make a new one.") from error


async def find(connection: AsyncConnection, digest: str) -> ApiKey | None:
    """Return the key of a digest, if there is one and it is not revoked."""
    found = select(api_keys).where(api_keys.c.digest == digest, api_keys.c.revoked_us.is_(None))
    row = (await connection.execute(found)).mappings().one_or_none()
    return None if row is None else _as_key(row)


async def list_all(connection: AsyncConnection) -> tuple[ApiKey, ...]:
    """Return all keys, oldest first."""
    rows = await connection.execute(select(api_keys).order_by(api_keys.c.created_us, api_keys.c.id))
    return tuple(_as_key(row) for row in rows.mappings())


async def revoke(connection: AsyncConnection, key_id: str, now_us: int) -> ApiKey:
    """Take a key back; one that was taken back keeps its time.

    Raises:
        KeyNotFoundError: There is none of that id.
    """
    await connection.execute(
        update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_us.is_(None)).values(revoked_us=now_us)
    )
    row = (await connection.execute(select(api_keys).where(api_keys.c.id == key_id))).mappings().one_or_none()
    if row is None:
        raise KeyNotFoundError(f"There is no API key {key_id!r}. See `proofkit-serve keys list` for their ids.")
    return _as_key(row)


async def record(connection: AsyncConnection, entry: AuditEntry, now_us: int) -> None:
    """Write an audit entry down."""
    await connection.execute(insert(audit).values(at_us=now_us, **entry.model_dump()))


async def forget_audit(connection: AsyncConnection, before_us: int, most: int) -> int:
    """Delete the `most` oldest audit entries from before a time, and return how many there were."""
    old = await connection.scalars(
        select(audit.c.number).where(audit.c.at_us < before_us).order_by(audit.c.number).limit(most)
    )
    numbers = old.all()
    await connection.execute(delete(audit).where(audit.c.number.in_(numbers)))
    return len(numbers)


async def list_audit(connection: AsyncConnection, *, after: int, limit: int) -> tuple[StoredAuditEntry, ...]:
    """Return audit entries with numbers above `after`."""
    rows = await connection.execute(select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit))
    return tuple(
        StoredAuditEntry(
            number=row.number,
            at=as_time(row.at_us),
            entry=AuditEntry(action=row.action, owner=row.owner, subject=row.subject, outcome=row.outcome),
        )
        for row in rows
    )


def _as_key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        owner=row["owner"],
        digest=row["digest"],
        created_at=as_time(row["created_us"]),
        revoked_at=None if row["revoked_us"] is None else as_time(row["revoked_us"]),
    )
