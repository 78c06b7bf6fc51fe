"""What a database says went wrong, as the store's own errors with what to do next."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from proofkit_serve.errors import (
    StoreDataError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreSchemaError,
    StoreUnavailableError,
)
from proofkit_serve.store.address import StoreAddress

_Teller = Callable[[], StoreError]

BUSY_RETRY_S = 1.0
"""Seconds after which a busy store is worth another try."""


def full() -> StoreError:
    """Return the error of a store without room."""
    return StoreFullError(
        "There is no room left for the store. Nothing was written and nothing is lost; free some space on its disk and "
        "try again."
    )


def read_only() -> StoreError:
    """Return the error of a store that takes no writes."""
    return StoreReadOnlyError(
        "The store takes no writes. Nothing was written; make it writable for this process, and check that its disk is "
        "not mounted read-only."
    )


def busy() -> StoreError:
    """Return the error of a store that others keep locked."""
    return StoreUnavailableError("The store is busy. Nothing was written; try again.", retry_after_s=BUSY_RETRY_S)


def away() -> StoreError:
    """Return the error of a store that does not answer."""
    return StoreUnavailableError(
        "The store cannot be reached. Whatever was confirmed is safe, the last change was not confirmed; see that the "
        "store is back and try again."
    )


def not_migrated() -> StoreError:
    """Return the error of a store without its tables."""
    return StoreSchemaError(
        "The store lacks tables of this version. Expected a migrated database; run `proofkit-serve migrate`."
    )


def damaged() -> StoreError:
    """Return the error of a store whose file or rows are broken."""
    return StoreDataError(
        "The store is damaged or is no database. Nothing was written; restore it from a backup, or point to another "
        "one."
    )


_SQLITE: Mapping[int, _Teller] = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: full,
        sqlite3.SQLITE_READONLY: read_only,
        sqlite3.SQLITE_PERM: read_only,
        sqlite3.SQLITE_BUSY: busy,
        sqlite3.SQLITE_LOCKED: busy,
        sqlite3.SQLITE_CORRUPT: damaged,
        sqlite3.SQLITE_NOTADB: damaged,
    }
)
"""By primary result code."""

_POSTGRES: Mapping[str, _Teller] = MappingProxyType(
    {
        "53100": full,  # disk full
        "25006": read_only,  # read-only transaction
        "42501": read_only,  # insufficient privilege
        "42P01": not_migrated,  # no such table
        "42703": not_migrated,  # no such column
        "3D000": away,  # no such database
        "55P03": busy,  # lock not available
        "57014": busy,  # statement timeout
        "40001": busy,  # serialization failure
        "40P01": busy,  # deadlock
        "53200": busy,  # out of memory
        "53300": busy,  # too many connections
        "22021": damaged,  # a character that the database does not take
    }
)
"""By SQLSTATE."""
_AWAY = ("08", "57P", "28")
"""Classes of SQLSTATE: no connection, server shutting down or starting, not let in."""


def told(error: SQLAlchemyError | OSError, address: StoreAddress) -> StoreError:
    """Return what a database error means for the store.

    Args:
        error: What was raised.
        address: The store.
    """
    return at(address, _meaning(error, address))


def at(address: StoreAddress, error: StoreError) -> StoreError:
    """Return an error that knows where the store is: for the log, not for people who call the service."""
    error.where = address.shown
    return error


def _meaning(error: SQLAlchemyError | OSError, address: StoreAddress) -> StoreError:
    if not isinstance(error, DBAPIError):
        return away()  # no free connection in time, or no route
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _meaning_in_sqlite(cause, address)
    state = getattr(cause, "sqlstate", None)
    if not isinstance(state, str) or state.startswith(_AWAY):
        return away()
    return _POSTGRES.get(state, damaged)()


def _meaning_in_sqlite(cause: sqlite3.Error, address: StoreAddress) -> StoreError:
    code = getattr(cause, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_READONLY_DBMOVED or not isinstance(code, int):
        return away()
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_ERROR and "no such" in str(cause):
        return not_migrated()
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return _why_not_reached(address)
    return _SQLITE.get(primary, damaged)()


def _why_not_reached(address: StoreAddress) -> StoreError:
    """Tell a full or read-only disk from one that is away: SQLite says the same of all where its journal fails."""
    file = address.file
    if file is None or not file.exists():
        return away()
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return read_only()
    try:
        return full() if shutil.disk_usage(file.parent).free == 0 else away()
    except OSError:
        return away()
