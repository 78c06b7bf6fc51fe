"""The store on SQLite or Postgres: each call is one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from proofkit_core.errors import InputError
from proofkit_serve.errors import StoreError
from proofkit_serve.sessions.document import Document
from proofkit_serve.sessions.events import SessionEvent
from proofkit_serve.sessions.ids import IdFactory
from proofkit_serve.store import (
    deleting,
    generation_rows,
    idempotency_rows,
    key_rows,
    person_rows,
    session_rows,
)
from proofkit_serve.store.person_file import CheckGeneration, read_person_file
from proofkit_serve.store.records import (
    ApiKey,
    AuditEntry,
    CallAnswer,
    Counted,
    Deleted,
    Generation,
    GenerationEvent,
    GenerationStatus,
    IdempotencyClaim,
    Owner,
    SessionSummary,
    StoredAuditEntry,
    StoredEvent,
)
from proofkit_serve.store.times import Clock, as_microseconds
from proofkit_serve.store.transactions import Transactions

_OWNER: TypeAdapter[str] = TypeAdapter(Owner)
_FORGOTTEN_AT_ONCE = 200
_Forget = Callable[[AsyncConnection, int, int], Awaitable[int]]


class SqlStore:
    """A `Store`. It holds no state besides its connections, so several processes may share a Postgres."""

    def __init__(self, transactions: Transactions, *, clock: Clock, new_id: IdFactory) -> None:
        """Use a database that has its tables.

        Args:
            transactions: The way to the database.
            clock: Tells the time.
            new_id: Makes the name of this process and the tokens of claims.
        """
        self._transactions = transactions
        self._clock = clock
        self._new_id = new_id
        self._holder = new_id("holder")

    def _now(self) -> int:
        return as_microseconds(self._clock())

    # Documents and their events.

    async def create_session(self, owner: str, document: Document, events: Iterable[SessionEvent] = ()) -> Document:
        """Store a new session with its first events; see `Sessions`."""
        _check_owner(owner)
        async with self._transactions.writing() as connection:
            return await session_rows.add_session(connection, owner, document, events, self._now())

    async def load_session(self, session_id: str, owner: str) -> Document:
        """Return a session as it stands; see `Sessions`."""
        async with self._transactions.reading() as connection:
            return await session_rows.read_session(connection, session_id, owner)

    async def append(
        self, session_id: str, owner: str, event: SessionEvent, *, expected_revision: int | None = None
    ) -> Document:
        """Add an event; see `Sessions`."""
        async with self._transactions.writing() as connection:
            return await session_rows.append_event(
                connection, session_id, owner, event, expected=expected_revision, now_us=self._now()
            )

    async def events(
        self, session_id: str, owner: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[StoredEvent, ...]:
        """Return the events above a revision; see `Sessions`."""
        async with self._transactions.reading() as connection:
            return await session_rows.read_events(connection, session_id, owner, after=after, limit=limit)

    async def document_at(self, session_id: str, owner: str, revision: int) -> Document:
        """Return the session as it stood; see `Sessions`."""
        async with self._transactions.reading() as connection:
            return await session_rows.read_document_at(connection, session_id, owner, revision)

    async def sessions_of(self, owner: str, *, limit: int = 100, offset: int = 0) -> tuple[SessionSummary, ...]:
        """Return a person's sessions; see `Sessions`."""
        async with self._transactions.reading() as connection:
            return await session_rows.list_sessions(connection, owner, limit=limit, offset=offset)

    async def delete_session(self, session_id: str, owner: str) -> Deleted:
        """Delete a session; see `Sessions`."""
        async with self._transactions.writing() as connection:
            counted = await deleting.delete_one(connection, session_id, owner)
        return Deleted(counted=counted, swept=await self._swept())

    async def _forget(self, forget: _Forget, older_than_s: float) -> int:
        """Delete what is old, a piece in each transaction, so that others get to write in between."""
        before_us = self._now() - int(older_than_s * 1_000_000)
        forgotten = 0
        while True:
            async with self._transactions.writing() as connection:
                found = await forget(connection, before_us, _FORGOTTEN_AT_ONCE)
            forgotten += found
            if found < _FORGOTTEN_AT_ONCE:
                break
        if forgotten:
            await self._swept()
        return forgotten

    async def _swept(self) -> bool:
        try:
            return await self._transactions.sweep()
        except StoreError:
            return False  # the rows are gone all the same; `Deleted.swept` tells what is left to do

    # All of a person's data.

    async def export_person(self, owner: str) -> AsyncIterator[bytes]:
        """Return a person's data as the pieces of one file; see `People`."""
        async with self._transactions.reading() as connection:
            pieces = await person_rows.write_person(connection, owner, self._now())
        # The transaction has ended: a slow reader, or one that went away, keeps no connection.
        for piece in pieces:
            yield piece

    async def restore_person(
        self, owner: str, file: bytes, *, check: CheckGeneration = lambda _generation: None
    ) -> Counted:
        """Bring a person's data back; see `People`."""
        _check_owner(owner)
        restorable = await asyncio.to_thread(read_person_file, file, owner, check)
        async with self._transactions.writing() as connection:
            await person_rows.add_person(connection, restorable)
        return Counted(sessions=restorable.sessions, events=restorable.events, generations=restorable.generations)

    async def delete_person(self, owner: str) -> Deleted:
        """Delete all of a person's data; see `People`."""
        async with self._transactions.writing() as connection:
            counted = await deleting.delete_all(connection, owner)
        return Deleted(counted=counted, swept=await self._swept())

    # Generations.

    async def create_generation(
        self, generation_id: str, *, session_id: str, owner: str, kind: str, request_json: str
    ) -> Generation:
        """Store a new generation; see `Generations`."""
        now = self._clock()
        new = Generation(
            id=generation_id,
            session_id=session_id,
            owner=owner,
            kind=kind,
            status=GenerationStatus.QUEUED,
            request_json=request_json,
            created_at=now,
            updated_at=now,
        )
        async with self._transactions.writing() as connection:
            return await generation_rows.add_generation(
                connection, new, holder=self._holder, now_us=as_microseconds(now)
            )

    async def set_generation(
        self, generation_id: str, status: GenerationStatus, *, result_json: str | None = None
    ) -> Generation:
        """Tell how far a generation is; see `Generations`."""
        async with self._transactions.writing() as connection:
            return await generation_rows.set_status(connection, generation_id, status, result_json, self._now())

    async def generation(self, generation_id: str, owner: str) -> Generation:
        """Return a generation; see `Generations`."""
        async with self._transactions.reading() as connection:
            return await generation_rows.read_generation(connection, generation_id, owner)

    async def generations_of(
        self, session_id: str, owner: str, *, after: str = "", limit: int | None = None
    ) -> tuple[Generation, ...]:
        """Return a session's generations; see `Generations`."""
        async with self._transactions.reading() as connection:
            return await generation_rows.list_generations(connection, session_id, owner, after=after, limit=limit)

    async def add_generation_event(self, generation_id: str, seq: int, event_json: str) -> None:
        """Keep one event; see `Generations`."""
        await self.add_generation_events(generation_id, (GenerationEvent(seq=seq, event_json=event_json),))

    async def add_generation_events(self, generation_id: str, events: Sequence[GenerationEvent]) -> None:
        """Keep some events at once; see `Generations`."""
        async with self._transactions.writing() as connection:
            await generation_rows.add_events(connection, generation_id, events, holder=self._holder, now_us=self._now())

    async def generation_events(self, generation_id: str, owner: str, *, after: int = 0) -> tuple[GenerationEvent, ...]:
        """Return a generation's events; see `Generations`."""
        async with self._transactions.reading() as connection:
            return await generation_rows.read_generation_events(connection, generation_id, owner, after=after)

    async def forget_generation_events(self, *, older_than_s: float) -> int:
        """Delete the events of old generations; see `Generations`."""
        return await self._forget(generation_rows.forget_events, older_than_s)

    async def keep_generations(self, working: Collection[str] | None = None) -> int:
        """Tell that this process works on what it holds; see `Generations`."""
        async with self._transactions.writing() as connection:
            return await generation_rows.renew(connection, self._holder, self._now(), working=working)

    async def interrupted_generations(
        self, *, alone: bool = False, working: Collection[str] | None = None
    ) -> tuple[Generation, ...]:
        """Mark what was lost as interrupted; see `Generations`."""
        async with self._transactions.writing() as connection:
            return await generation_rows.interrupt_lost(
                connection, self._holder, self._now(), alone=alone, working=working
            )

    # Calls.

    async def claim_idempotency(
        self, owner: str, key: str, fingerprint: str, *, lease_s: float = 60.0
    ) -> IdempotencyClaim:
        """Claim a key for a call; see `Calls`."""
        _check_owner(owner)
        token = self._new_id("claim")
        async with self._transactions.writing() as connection:
            return await idempotency_rows.claim(
                connection, (owner, key), fingerprint, token, lease_s=lease_s, now_us=self._now()
            )

    async def keep_idempotency(self, owner: str, key: str, token: str, *, lease_s: float = 60.0) -> None:
        """Tell that a claimed call is still worked on; see `Calls`."""
        async with self._transactions.writing() as connection:
            await idempotency_rows.renew(connection, (owner, key), token, lease_s=lease_s, now_us=self._now())

    async def finish_idempotency(self, owner: str, key: str, answer: CallAnswer) -> None:
        """Keep the answer of a call; see `Calls`."""
        async with self._transactions.writing() as connection:
            await idempotency_rows.finish(connection, (owner, key), answer)

    async def release_idempotency(self, owner: str, key: str, token: str) -> None:
        """Give a claimed key back; see `Calls`."""
        async with self._transactions.writing() as connection:
            await idempotency_rows.release(connection, (owner, key), token)

    async def forget_idempotency(self, *, older_than_s: float = 86_400.0) -> int:
        """Delete old answers; see `Calls`."""
        async with self._transactions.writing() as connection:
            return await idempotency_rows.forget(connection, before_us=self._now() - int(older_than_s * 1_000_000))

    async def add_key(self, name: str, digest: str, *, key_id: str, owner: str) -> ApiKey:
        """Store an API key by its digest; see `Calls`."""
        key = ApiKey(id=key_id, name=name, owner=owner, digest=digest, created_at=self._clock())
        async with self._transactions.writing() as connection:
            await key_rows.add(connection, key)
        return key

    async def find_key(self, digest: str) -> ApiKey | None:
        """Return the key of a digest; see `Calls`."""
        async with self._transactions.reading() as connection:
            return await key_rows.find(connection, digest)

    async def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys; see `Calls`."""
        async with self._transactions.reading() as connection:
            return await key_rows.list_all(connection)

    async def revoke_key(self, key_id: str) -> ApiKey:
        """Take a key back; see `Calls`."""
        async with self._transactions.writing() as connection:
            return await key_rows.revoke(connection, key_id, self._now())

    async def record_audit(self, entry: AuditEntry) -> None:
        """Write an audit entry down; see `Calls`."""
        async with self._transactions.writing() as connection:
            await key_rows.record(connection, entry, self._now())

    async def forget_audit(self, *, older_than_s: float) -> int:
        """Delete old audit entries; see `Calls`."""
        return await self._forget(key_rows.forget_audit, older_than_s)

    async def audit(self, *, after: int = 0, limit: int = 1000) -> tuple[StoredAuditEntry, ...]:
        """Return audit entries; see `Calls`."""
        async with self._transactions.reading() as connection:
            return await key_rows.list_audit(connection, after=after, limit=limit)

    # The store itself.

    async def ping(self) -> None:
        """See whether the store answers; see `Store`."""
        async with self._transactions.reading() as connection:
            await connection.execute(select(literal(1)))

    async def close(self) -> None:
        """Close all connections; see `Store`."""
        await self._transactions.close()


def _check_owner(owner: str) -> None:
    try:
        _OWNER.validate_python(owner)
    except ValidationError as error:
        raise InputError(
            f"The owner {owner!r} cannot be stored. Expected up to 120 letters, digits and the signs _ . : @ -."
        ) from error
