"""Stored JSON, read back or refused with a sentence that holds nothing of it."""

import json

from pydantic import ValidationError

from proofkit_serve.errors import StoreDataError
from proofkit_serve.sessions.document import SESSION_SCHEMA, Document, read_document
from proofkit_serve.sessions.events import SessionEvent, read_event


def stored_document(text: str, session_id: str) -> Document:
    """Read a document from the store.

    Raises:
        StoreDataError: It is of another version, or damaged.
    """
    try:
        return read_document(text)
    except ValidationError as error:
        # The cause is left out: it quotes what the person typed.
        raise StoreDataError(f"The session {session_id} cannot be read: {_why(text, error)}") from None


def stored_event(text: str, session_id: str, revision: int) -> SessionEvent:
    """Read an event from the store.

    Raises:
        StoreDataError: It is of another version, or damaged.
    """
    try:
        return read_event(text)
    except ValidationError as error:
        raise StoreDataError(
            f"Event {revision} of the session {session_id} cannot be read (at {first_place(error)}). Restore the store "
            "from a backup, or use the version that wrote it."
        ) from None


def first_place(error: ValidationError) -> str:
    """Return the first place that a value breaks its shape at, without the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ".".join(str(part) for part in first["loc"]) or "its start"


def _why(text: str, error: ValidationError) -> str:
    found = _schema_of(text)
    if found != SESSION_SCHEMA:
        return f"it has the schema {found!r}, this version reads {SESSION_SCHEMA!r}. Use the version that wrote it."
    return f"it breaks its schema at {first_place(error)}. Restore the store from a backup."


def _schema_of(text: str) -> str:
    try:
        data = json.loads(text)
    except ValueError:
        return "none: it is no JSON"
    return str(data.get("schema", "none")) if isinstance(data, dict) else "none"  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
