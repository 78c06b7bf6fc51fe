"""What a store does. Everything is asked for by owner: another's data is told as not there."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Protocol

from proofkit_serve.sessions.document import Document
from proofkit_serve.sessions.events import SessionEvent
from proofkit_serve.store.person_file import CheckGeneration
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
    SessionSummary,
    StoredAuditEntry,
    StoredEvent,
)


class Sessions(Protocol):
    """Documents and their events."""

    async def create_session(self, owner: str, document: Document, events: Iterable[SessionEvent] = ()) -> Document:
        """Store a new session with its first events: all of it or nothing.

        Args:
            owner: Whose it is.
            document: The session at revision 0.
            events: What happens to it at once.

        Returns:
            The document after the events.

        Raises:
            EventRefusedError: The document is not at revision 0, its id is taken, or an event does not fit.
        """
        ...

    async def load_session(self, session_id: str, owner: str) -> Document:
        """Return a session as it stands.

        Raises:
            SessionNotFoundError: This owner has no such session.
        """
        ...

    async def append(
        self, session_id: str, owner: str, event: SessionEvent, *, expected_revision: int | None = None
    ) -> Document:
        """Add an event; once this returns, it survives a crash.

        Args:
            session_id: The session.
            owner: Whose it is.
            event: What happened.
            expected_revision: The revision that the caller had read; None to add to whatever is there.

        Returns:
            The document after the event.

        Raises:
            SessionNotFoundError: This owner has no such session.
            RevisionConflictError: The session is not at `expected_revision`.
            EventRefusedError: The event does not fit the document.
            OutdatedResultError: What the result was made from has changed.
        """
        ...

    async def events(
        self, session_id: str, owner: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[StoredEvent, ...]:
        """Return the events that led to revisions above `after`, in order; no more than `limit` of them.

        Raises:
            SessionNotFoundError: This owner has no such session.
        """
        ...

    async def document_at(self, session_id: str, owner: str, revision: int) -> Document:
        """Return the session as it stood at a revision.

        Raises:
            SessionNotFoundError: This owner has no such session.
            RevisionNotFoundError: It never had that revision.
        """
        ...

    async def sessions_of(self, owner: str, *, limit: int = 100, offset: int = 0) -> tuple[SessionSummary, ...]:
        """Return a person's sessions, last changed first."""
        ...

    async def delete_session(self, session_id: str, owner: str) -> Deleted:
        """Delete a session with its events and generations.

        Raises:
            SessionNotFoundError: This owner has no such session.
        """
        ...


class People(Protocol):
    """All of a person's data at once."""

    def export_person(self, owner: str) -> AsyncIterator[bytes]:
        """Return all of a person's data as the pieces of one JSON file, as it stood at one moment."""
        ...

    async def restore_person(self, owner: str, file: bytes, *, check: CheckGeneration = ...) -> Counted:
        """Bring back what `export_person` wrote: all of it or nothing.

        Args:
            owner: Whose it is from now on.
            file: The file.
            check: Asked of each generation: the store does not know what its JSON means. By default nothing is asked.

        Raises:
            PersonFileError: The file is no such file, is damaged, or holds a session that is here already.
        """
        ...

    async def delete_person(self, owner: str) -> Deleted:
        """Delete all of a person's data; the audit log forgets who it was. API keys are the operator's and stay."""
        ...


class Generations(Protocol):
    """Pieces of work that take time."""

    async def create_generation(
        self, generation_id: str, *, session_id: str, owner: str, kind: str, request_json: str
    ) -> Generation:
        """Store a new generation as queued; this process holds it.

        Raises:
            SessionNotFoundError: This owner has no such session.
        """
        ...

    async def set_generation(
        self, generation_id: str, status: GenerationStatus, *, result_json: str | None = None
    ) -> Generation:
        """Tell how far a generation is. One that has ended stays as it ended; a result that it lacks is added.

        Raises:
            GenerationNotFoundError: There is none, perhaps because its session was deleted.
        """
        ...

    async def generation(self, generation_id: str, owner: str) -> Generation:
        """Return a generation.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        ...

    async def generations_of(
        self, session_id: str, owner: str, *, after: str = "", limit: int | None = None
    ) -> tuple[Generation, ...]:
        """Return a session's generations, oldest first.

        Args:
            session_id: The session.
            owner: Whose it is.
            after: Id of one of them, to get those that came after it; empty to begin with the first.
            limit: How many at most.

        Raises:
            SessionNotFoundError: This owner has no such session.
            GenerationNotFoundError: The session has no generation `after`.
        """
        ...

    async def add_generation_event(self, generation_id: str, seq: int, event_json: str) -> None:
        """Keep one event for replay.

        Raises:
            GenerationNotFoundError: There is none, perhaps because its session was deleted.
        """
        ...

    async def add_generation_events(self, generation_id: str, events: Sequence[GenerationEvent]) -> None:
        """Keep some events at once, in one write: a delta a token would be a write a token.

        It can be repeated: events that are there already stay.

        Raises:
            GenerationNotFoundError: There is none, perhaps because its session was deleted.
            EventRefusedError: A number is taken by another event, or this process no longer holds the generation.
        """
        ...

    async def generation_events(self, generation_id: str, owner: str, *, after: int = 0) -> tuple[GenerationEvent, ...]:
        """Return the events with numbers above `after`, in order.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        ...

    async def forget_generation_events(self, *, older_than_s: float) -> int:
        """Delete the events of generations that ended long enough ago, and return of how many generations.

        The generations themselves stay, with what came of them, as long as their session does.
        """
        ...

    async def keep_generations(self, working: Collection[str] | None = None) -> int:
        """Tell that this process still works on what it holds; call it every `GENERATION_LEASE_S / 3`.

        Args:
            working: What it works on, by id; without it, all that it holds.
        """
        ...

    async def interrupted_generations(
        self, *, alone: bool = False, working: Collection[str] | None = None
    ) -> tuple[Generation, ...]:
        """Mark what nobody works on any more as interrupted, and return it; this process holds it from now on.

        Args:
            alone: Whether no other process serves this store, so that whatever this one does not hold is lost.
                Otherwise a generation is lost once its process has not been heard of for `GENERATION_LEASE_S`.
            working: What this process works on, by id: whatever else it holds is lost too once its lease is over.
                Without it, nothing of its own is.
        """
        ...


class Calls(Protocol):
    """Idempotency keys, API keys and the audit log."""

    async def claim_idempotency(
        self, owner: str, key: str, fingerprint: str, *, lease_s: float = 60.0
    ) -> IdempotencyClaim:
        """Claim a key for a call, or tell what became of the call before.

        Args:
            owner: Who calls.
            key: What the caller sent.
            fingerprint: Digest of what was asked.
            lease_s: Seconds after which an unfinished call counts as lost, and another may claim its key.
        """
        ...

    async def keep_idempotency(self, owner: str, key: str, token: str, *, lease_s: float = 60.0) -> None:
        """Tell that a claimed call is still worked on. Where the claim was lost meanwhile, nothing happens."""
        ...

    async def finish_idempotency(self, owner: str, key: str, answer: CallAnswer) -> None:
        """Keep the answer of a claimed call. Where the claim was lost meanwhile, the other's answer stands.

        An answer that tells about a session which was deleted meanwhile is not kept; the claim ends.
        """
        ...

    async def release_idempotency(self, owner: str, key: str, token: str) -> None:
        """Give a claimed key back, so that the call can be made again."""
        ...

    async def forget_idempotency(self, *, older_than_s: float = 86_400.0) -> int:
        """Delete answers that were kept long enough, and return how many."""
        ...

    async def add_key(self, name: str, digest: str, *, key_id: str, owner: str) -> ApiKey:
        """Store an API key by its digest alone.

        Raises:
            EventRefusedError: There is such a key already.
        """
        ...

    async def find_key(self, digest: str) -> ApiKey | None:
        """Return the key of that digest, if there is one and it is not revoked."""
        ...

    async def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, revoked ones included, oldest first."""
        ...

    async def revoke_key(self, key_id: str) -> ApiKey:
        """Take a key back for good.

        Raises:
            KeyNotFoundError: There is none of that id.
        """
        ...

    async def record_audit(self, entry: AuditEntry) -> None:
        """Write down that something was done."""
        ...

    async def forget_audit(self, *, older_than_s: float) -> int:
        """Delete audit entries that were kept long enough, and return how many."""
        ...

    async def audit(self, *, after: int = 0, limit: int = 1000) -> tuple[StoredAuditEntry, ...]:
        """Return audit entries with numbers above `after`, in order."""
        ...


class Store(Sessions, People, Generations, Calls, Protocol):
    """Where sessions live. Every call may raise `StoreError`: full, read-only or away, and nothing half written."""

    async def ping(self) -> None:
        """Ask for nothing, to see whether the store answers.

        Raises:
            StoreError: It does not.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
