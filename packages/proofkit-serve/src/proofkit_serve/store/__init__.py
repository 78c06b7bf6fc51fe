"""The store: sessions, their events and generations on SQLite or Postgres. What was confirmed survives a crash."""

from proofkit_serve.store.generation_rows import GENERATION_LEASE_S
from proofkit_serve.store.migrating import current_revision, migrate
from proofkit_serve.store.opening import open_store
from proofkit_serve.store.protocol import Store
from proofkit_serve.store.records import (
    ApiKey,
    AuditEntry,
    CallAnswer,
    Claimed,
    Counted,
    Deleted,
    Finished,
    Generation,
    GenerationEvent,
    GenerationStatus,
    IdempotencyClaim,
    InProgress,
    Mismatch,
    SessionSummary,
    StoredAuditEntry,
    StoredEvent,
)

__all__ = [
    "GENERATION_LEASE_S",
    "ApiKey",
    "AuditEntry",
    "CallAnswer",
    "Claimed",
    "Counted",
    "Deleted",
    "Finished",
    "Generation",
    "GenerationEvent",
    "GenerationStatus",
    "IdempotencyClaim",
    "InProgress",
    "Mismatch",
    "SessionSummary",
    "Store",
    "StoredAuditEntry",
    "StoredEvent",
    "current_revision",
    "migrate",
    "open_store",
]
