"""All of a person's data as one versioned JSON file, and back."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from proofkit_serve.errors import PersonFileError, SessionError
from proofkit_serve.sessions.document import Document, Id, document_json
from proofkit_serve.sessions.events import event_json
from proofkit_serve.sessions.folding import history
from proofkit_serve.store.reading import first_place
from proofkit_serve.store.records import Action, GenerationEvent, GenerationStatus, StoredEvent
from proofkit_serve.store.session_rows import keeps_snapshot, title_of
from proofkit_serve.store.times import as_microseconds

PERSON_SCHEMA = "proofkit.person/1"
Rows = dict[str, list[dict[str, object]]]
"""Rows by the name of their table."""


class PersonGeneration(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A generation with its events."""

    id: Id
    kind: Action
    status: GenerationStatus
    request_json: str
    result_json: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    events: tuple[GenerationEvent, ...]


class PersonSession(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A session with all that happened in it."""

    created_at: AwareDatetime
    updated_at: AwareDatetime
    start: Document
    """The document at revision 0."""
    document: Document
    """The document as it stood; the events lead to it from the start."""
    events: tuple[StoredEvent, ...]
    generations: tuple[PersonGeneration, ...]


class PersonFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The whole file."""

    schema_id: Literal["proofkit.person/1"] = Field(alias="schema", serialization_alias="schema")
    exported_at: AwareDatetime
    sessions: tuple[PersonSession, ...]


CheckGeneration = Callable[[PersonGeneration], None]
"""Raises `PersonFileError` where a generation's JSON means nothing to those who answer with it."""


class Restorable(NamedTuple):
    """What a file brings back."""

    rows: Rows
    sessions: int
    events: int
    generations: int


def read_person_file(file: bytes, owner: str, check: CheckGeneration) -> Restorable:
    """Read a file and check that its events lead to its documents.

    Args:
        file: What `export_person` wrote.
        owner: Whose it is from now on.
        check: Asked of each generation: the store does not know what its JSON means.

    Raises:
        PersonFileError: It is no such file, or it is damaged.
    """
    try:
        person = PersonFile.model_validate_json(file)
    except ValidationError as error:
        # The cause is left out: it quotes what the person typed.
        raise PersonFileError(
            f"The file holds no sessions that this version can read (at {first_place(error)}). Expected one of the "
            f"schema {PERSON_SCHEMA!r} as it was exported; nothing was restored."
        ) from None
    rows: Rows = {"sessions": [], "session_events": [], "generations": [], "generation_events": []}
    for session in person.sessions:
        _add_session(rows, session, owner)
        for generation in session.generations:
            check(generation)
            _add_generation(rows, generation, session.start.id, owner)
    counts = (len(rows[table]) for table in ("sessions", "session_events", "generations"))
    return Restorable(rows, *counts)


def _add_session(rows: Rows, session: PersonSession, owner: str) -> None:
    documents = list(_checked(session))
    rows["sessions"].append(
        {
            "id": session.start.id,
            "owner": owner,
            "revision": session.document.revision,
            "title": title_of(session.document),
            "start_json": document_json(session.start),
            "document_json": document_json(session.document),
            "created_us": as_microseconds(session.created_at),
            "updated_us": as_microseconds(session.updated_at),
        }
    )
    rows["session_events"].extend(
        {
            "session_id": session.start.id,
            "revision": stored.revision,
            "at_us": as_microseconds(stored.at),
            "event_json": event_json(stored.event),
            "snapshot_json": document_json(after) if keeps_snapshot(stored.revision, stored.event) else None,
        }
        for stored, after in zip(session.events, documents[1:], strict=True)
    )


def _checked(session: PersonSession) -> Iterator[Document]:
    start, document = session.start, session.document
    whole = start.revision == 0 and [item.revision for item in session.events] == [*range(1, len(session.events) + 1)]
    try:
        documents = history(start, [item.event for item in session.events]) if whole else ()
    except SessionError as error:
        raise _damaged(start.id) from error
    if not documents or documents[-1] != document:
        raise _damaged(start.id)
    return iter(documents)


def _damaged(session_id: str) -> PersonFileError:
    return PersonFileError(
        f"The file is damaged: the events of the session {session_id} do not lead to its document. Nothing was "
        "restored; use another copy of the file."
    )


def _add_generation(rows: Rows, generation: PersonGeneration, session_id: str, owner: str) -> None:
    status = generation.status if generation.status.ended else GenerationStatus.INTERRUPTED
    rows["generations"].append(
        {
            "id": generation.id,
            "session_id": session_id,
            "owner": owner,
            "kind": generation.kind,
            "status": status.value,
            "request_json": generation.request_json,
            "result_json": generation.result_json,
            "holder": "",
            "lease_until_us": 0,
            "created_us": as_microseconds(generation.created_at),
            "updated_us": as_microseconds(generation.updated_at),
        }
    )
    rows["generation_events"].extend(
        {"generation_id": generation.id, "seq": event.seq, "event_json": event.event_json}
        for event in generation.events
    )
