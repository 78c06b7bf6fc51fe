"""Idempotency keys as rows: a call that is made twice is done once."""

import json
from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_serve.errors import SessionNotFoundError
from proofkit_serve.store.records import CallAnswer, Claimed, Finished, IdempotencyClaim, InProgress, Mismatch
from proofkit_serve.store.session_rows import require_session
from proofkit_serve.store.tables import idempotency

_SECOND = 1_000_000
_ASK_AGAIN_S = 1.0
"""Longest wait that is asked for: the call may end long before its lease."""


async def claim(
    connection: AsyncConnection, key: tuple[str, str], fingerprint: str, token: str, *, lease_s: float, now_us: int
) -> IdempotencyClaim:
    """Claim a key, or tell what became of the call before.

    Args:
        connection: An open transaction.
        key: The owner and their key.
        fingerprint: Digest of what was asked.
        token: What the claim is known by.
        lease_s: Seconds after which an unfinished call counts as lost.
        now_us: The time.
    """
    lease_until = now_us + int(lease_s * _SECOND)
    row = {
        "owner": key[0],
        "key": key[1],
        "fingerprint": fingerprint,
        "token": token,
        "lease_until_us": lease_until,
        "created_us": now_us,
    }
    if await _insert_new(connection, row):
        return Claimed(token=token)
    found = (await connection.execute(select(idempotency).where(*_of(key)).with_for_update())).one()
    if found.fingerprint != fingerprint:
        return Mismatch()
    if found.status is not None:
        return Finished(status=found.status, headers=json.loads(found.headers_json), body=found.body)
    if found.lease_until_us > now_us:
        return InProgress(retry_after_s=min(_ASK_AGAIN_S, (found.lease_until_us - now_us) / _SECOND))
    await connection.execute(
        update(idempotency).where(*_of(key)).values(token=token, lease_until_us=lease_until, created_us=now_us)
    )
    return Claimed(token=token)


async def _insert_new(connection: AsyncConnection, row: Mapping[str, object]) -> bool:
    own = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # What was added is asked for: the number of rows is told in different ways.
    added = own(idempotency).values(row).on_conflict_do_nothing().returning(idempotency.c.token)
    return (await connection.scalar(added)) is not None


async def renew(connection: AsyncConnection, key: tuple[str, str], token: str, *, lease_s: float, now_us: int) -> None:
    """Put off the end of a claim; nothing happens where it was lost."""
    await connection.execute(
        update(idempotency)
        .where(*_of(key), idempotency.c.token == token, idempotency.c.status.is_(None))
        .values(lease_until_us=now_us + int(lease_s * _SECOND))
    )


async def finish(connection: AsyncConnection, key: tuple[str, str], answer: CallAnswer) -> None:
    """Keep the answer of a claimed call; nothing happens where the claim was lost.

    Whoever deletes a session deletes the answers that tell about it: one that comes later is not kept.
    """
    if answer.session_id is not None:
        try:
            await require_session(connection, answer.session_id, key[0], keep=True)
        except SessionNotFoundError:
            await release(connection, key, answer.token)
            return
    await connection.execute(
        update(idempotency)
        .where(*_of(key), idempotency.c.token == answer.token, idempotency.c.status.is_(None))
        .values(
            status=answer.status,
            headers_json=json.dumps(answer.headers),
            body=answer.body,
            session_id=answer.session_id,
        )
    )


async def release(connection: AsyncConnection, key: tuple[str, str], token: str) -> None:
    """Give a claimed key back; nothing happens where the claim was lost or the call is finished."""
    await connection.execute(
        delete(idempotency).where(*_of(key), idempotency.c.token == token, idempotency.c.status.is_(None))
    )


async def forget(connection: AsyncConnection, *, before_us: int) -> int:
    """Delete what was claimed before a time, and return how much that was."""
    return (await connection.execute(delete(idempotency).where(idempotency.c.created_us < before_us))).rowcount


def _of(key: tuple[str, str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (idempotency.c.owner == key[0], idempotency.c.key == key[1])
