"""Sessions: one frozen document, the events that change it, and the pure functions between them."""

from proofkit_core.steps import Travel
from proofkit_serve.sessions.basis import (
    Basis,
    exercise_basis,
    packet_basis,
    post_digest,
    role_basis,
    section_basis,
    store_exercise,
    travel_basis,
)
from proofkit_serve.sessions.dependencies import DEPENDS_ON, cleared_by
from proofkit_serve.sessions.document import (
    SESSION_SCHEMA,
    Document,
    OwnPost,
    Proposal,
    SessionSection,
    StoredExercise,
    StoredRole,
    TypedText,
    brief_of,
    document_json,
    material_of,
    new_document,
    post_of,
    read_document,
)
from proofkit_serve.sessions.events import SessionEvent, event_json, read_event
from proofkit_serve.sessions.folding import fold, history, reduce
from proofkit_serve.sessions.ids import id_factory, new_id

__all__ = [
    "DEPENDS_ON",
    "SESSION_SCHEMA",
    "Basis",
    "Document",
    "OwnPost",
    "Proposal",
    "SessionEvent",
    "SessionSection",
    "StoredExercise",
    "StoredRole",
    "Travel",
    "TypedText",
    "brief_of",
    "cleared_by",
    "document_json",
    "event_json",
    "exercise_basis",
    "fold",
    "history",
    "id_factory",
    "material_of",
    "new_document",
    "new_id",
    "packet_basis",
    "post_digest",
    "post_of",
    "read_document",
    "read_event",
    "reduce",
    "role_basis",
    "section_basis",
    "store_exercise",
    "travel_basis",
]
