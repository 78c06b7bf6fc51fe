"""What the store hands out besides documents: frozen values, with times in UTC."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from proofkit_serve.sessions.document import Digest, Id
from proofkit_serve.sessions.events import SessionEvent

Owner = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:@-]{1,120}$")]
"""Whose data it is: the owner of an API key, or the one person where keys are off."""
Action = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,79}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[ -~]{0,200}$")]


class StoredEvent(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An event with its place and time."""

    revision: int
    """The revision that the event led to."""
    at: AwareDatetime
    event: SessionEvent


class SessionSummary(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One line of a person's list of sessions."""

    id: Id
    revision: int
    title: str
    """The role aimed for; empty before there is a goal."""
    created_at: AwareDatetime
    updated_at: AwareDatetime


class GenerationStatus(StrEnum):
    """How far a generation is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The server ended while it ran."""

    @property
    def ended(self) -> bool:
        """Return whether nothing more comes."""
        return self not in (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


class Generation(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One piece of work that was asked for."""

    id: Id
    session_id: Id
    owner: Owner
    kind: Action
    status: GenerationStatus
    request_json: str
    result_json: str | None = None
    """What came of it, or the problem; none while it runs."""
    created_at: AwareDatetime
    updated_at: AwareDatetime


class GenerationEvent(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing that happened in a generation, for replay."""

    seq: int = Field(ge=1)
    event_json: str


class Claimed(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The call is the first with its key and may go on; it must be finished or released with this token."""

    token: str


class CallAnswer(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a claimed call was answered, to be kept."""

    token: str
    """Of the claim."""
    status: int
    headers: dict[str, str]
    body: bytes
    session_id: Id | None = None
    """The session that the answer tells about; the answer is deleted with it."""


class Finished(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The call was made before; this is what it was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class InProgress(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The same call is being worked on."""

    retry_after_s: float


class Mismatch(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The key was used for another call."""


IdempotencyClaim = Claimed | Finished | InProgress | Mismatch


class ApiKey(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An API key as the store knows it: never the key itself."""

    id: Id
    name: Label
    owner: Owner
    digest: Digest
    """SHA-256 (hex) of the key."""
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None = None


class AuditEntry(BaseModel, frozen=True, strict=True, extra="forbid"):
    """That something was done, by whom and on what; never what was said."""

    action: Action
    owner: Owner | None = None
    subject: Label = ""
    """Id of what it was done on."""
    outcome: Label = "ok"


class StoredAuditEntry(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An audit entry with its number and time."""

    number: int
    at: AwareDatetime
    entry: AuditEntry


class Counted(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How much was restored or deleted."""

    sessions: int
    events: int
    generations: int


class Deleted(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was deleted."""

    counted: Counted
    swept: bool
    """Whether SQLite's journal was emptied too. False: somebody was reading, and later writes overwrite it."""
