"""The store's tables, all in one place. Times are microseconds since 1970, so that both databases keep them exactly."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

REVISIONS = ("0001",)
"""All revisions of these tables that there were, oldest first, as their migrations name them."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("start_json", Text, nullable=False),  # the document at revision 0
    Column("document_json", Text, nullable=False),  # the document as it stands
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "owner", "updated_us"),
)

session_events = Table(
    "session_events",
    metadata,
    Column("session_id", Text, ForeignKey(sessions.c.id, ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),  # that the event led to
    Column("at_us", BigInteger, nullable=False),
    Column("event_json", Text, nullable=False),
    Column("snapshot_json", Text),  # the document at this revision, now and then: any revision is near one
    PrimaryKeyConstraint("session_id", "revision"),
)

generations = Table(
    "generations",
    metadata,
    Column("id", Text, nullable=False),
    Column("session_id", Text, ForeignKey(sessions.c.id, ondelete="CASCADE"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("request_json", Text, nullable=False),
    Column("result_json", Text),
    Column("holder", Text, nullable=False),  # the process that works on it
    Column("lease_until_us", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "session_id"),
    Index(None, "status", "lease_until_us"),
)

generation_events = Table(
    "generation_events",
    metadata,
    Column("generation_id", Text, ForeignKey(generations.c.id, ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("event_json", Text, nullable=False),
    PrimaryKeyConstraint("generation_id", "seq"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("session_id", Text),  # that the answer tells about; no foreign key, for it may be gone
    Column("lease_until_us", BigInteger, nullable=False),
    Column("status", Integer),  # none until the call is answered
    Column("headers_json", Text),
    Column("body", LargeBinary),
    Column("created_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "key"),
    Index(None, "created_us"),
    Index(None, "session_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("digest"),
)

audit = Table(
    "audit",
    metadata,
    # SQLite numbers rows by themselves only where the type is called INTEGER, which holds 64 bits there.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=True),
    Column("at_us", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("owner", Text),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("number"),
    Index(None, "owner"),
    sqlite_autoincrement=True,  # the number of a deleted entry is never given again
)
