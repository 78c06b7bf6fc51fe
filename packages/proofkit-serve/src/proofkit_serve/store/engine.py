"""Database engines, set so that what was acknowledged survives a crash and a power cut."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from proofkit_serve.store.address import StoreAddress

CONNECTIONS = 8
"""Most connections at once; on SQLite one of them writes."""
WAIT_S = 10
"""Seconds to wait for a connection, for a lock or for the one writer before the store counts as busy."""
BEGIN = "proofkit_begin"
"""Execution option that tells how a transaction begins on SQLite."""
_FILE = "proofkit_file"

Begin = Literal["read", "write", "none"]

_SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout = {WAIT_S * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit returns after the flush
    "PRAGMA fullfsync = ON",  # where a plain flush only reaches the disk's own memory
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten
    "PRAGMA trusted_schema = OFF",
)
_POSTGRES_SETTINGS = (
    "SET synchronous_commit TO on",
    f"SET lock_timeout TO '{WAIT_S}s'",
    f"SET statement_timeout TO '{WAIT_S * 3}s'",
    f"SET idle_in_transaction_session_timeout TO '{WAIT_S * 6}s'",
)
POSTGRES_ARGUMENTS = {
    "connect_timeout": 3,
    "application_name": "proofkit-serve",
    "keepalives_idle": 10,
    "tcp_user_timeout": WAIT_S * 1000,  # a server that vanished without a word is told
}
"""How connections to Postgres are opened."""


class FileIdentity(NamedTuple):
    """Which file a path leads to."""

    device: int
    inode: int


def identity_of(file: Path) -> FileIdentity | None:
    """Return which file a path leads to; none where there is no file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return FileIdentity(status.st_dev, status.st_ino)


def open_engine(address: StoreAddress) -> AsyncEngine:
    """Return an engine for the service; it connects at the first call.

    Args:
        address: The store.
    """
    engine = create_async_engine(
        address.async_url,
        connect_args={} if address.file else POSTGRES_ARGUMENTS,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_S,
        pool_pre_ping=address.file is None,
        hide_parameters=True,  # what people typed stands in no error and no log
    )
    if address.file:
        prepare_sqlite(engine.sync_engine, address.file)
    else:
        event.listen(engine.sync_engine, "connect", _set_postgres)
    return engine


def prepare_sqlite(engine: Engine, file: Path) -> None:
    """Let an engine keep to one way of opening, beginning and checking SQLite connections.

    Args:
        engine: The engine, also the synchronous one inside an asynchronous one.
        file: The file that it opens.
    """

    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_FILE] = identity_of(file)
        _set_sqlite(connection)

    def taken(_connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if entry.info.get(_FILE) != identity_of(file):
            # A file that was removed or replaced goes on taking writes, for nobody. The pool opens it anew.
            raise DisconnectionError("the path leads to another file")

    event.listen(engine, "connect", connected)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "begin", _begin)


def still_there(connection: AsyncConnection, file: Path) -> bool:
    """Return whether the path still leads to the file that a connection has open."""
    opened = connection.sync_connection
    return opened is not None and opened.connection.info.get(_FILE) == identity_of(file)


def _set_sqlite(connection: Any) -> None:  # noqa: ANN401 - the two drivers share no type
    connection.isolation_level = None  # `BEGIN` is ours: Python's own comes too late for reads
    cursor = connection.cursor()
    for setting in _SQLITE_SETTINGS:
        cursor.execute(setting)
    cursor.close()


def _set_postgres(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for setting in _POSTGRES_SETTINGS:
        cursor.execute(setting)
    cursor.close()
    connection.commit()


def _begin(connection: Connection) -> None:
    begin: Begin = connection.get_execution_options().get(BEGIN, "read")
    if begin != "none":
        # A writer takes its lock at once: a reader that turns into a writer may find that it read what is old.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if begin == "write" else "BEGIN")
