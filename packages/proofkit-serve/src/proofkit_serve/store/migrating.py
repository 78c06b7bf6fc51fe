"""Brings a database to the tables of this version, and says which tables it has."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from proofkit_serve.errors import StoreSchemaError, StoreUnavailableError
from proofkit_serve.store.address import StoreAddress, read_address
from proofkit_serve.store.engine import BEGIN, POSTGRES_ARGUMENTS, Begin, prepare_sqlite
from proofkit_serve.store.failures import told
from proofkit_serve.store.tables import REVISIONS

_PRIVATE = 0o600
"""The file holds what people told about themselves."""
_ALEMBIC = threading.Lock()
"""Alembic keeps what it works on in one place for the whole process."""


def newest_revision() -> str:
    """Return the revision of this version's tables."""
    return REVISIONS[-1]


def current_revision(url: str) -> str | None:
    """Return the revision of a database's tables; none where it was never migrated.

    Args:
        url: The database URL.

    Raises:
        StoreAddressError: The URL cannot be used.
        StoreError: The database cannot be read.
    """
    address = read_address(url)
    if address.file and not address.file.exists():
        return None
    with _connected(address, "read") as connection:
        return _revision(connection)


def migrate(url: str) -> str:
    """Bring a database to the tables of this version: all of them or nothing. A SQLite file is made if need be.

    Args:
        url: The database URL.

    Returns:
        The revision that it has now.

    Raises:
        StoreAddressError: The URL cannot be used.
        StoreSchemaError: The database was made by a newer version.
        StoreError: The database cannot be written.
    """
    address = read_address(url)
    if current_revision(url) == newest_revision():
        return newest_revision()  # a store that takes no writes can still be read
    if address.file and not address.file.exists():
        _make_file(address, address.file)
    with _connected(address, "write") as connection:
        _refuse_newer(address, _revision(connection))
        _upgrade(connection)
    return newest_revision()


def check_migrated(url: str) -> None:
    """See that a database has the tables of this version.

    Args:
        url: The database URL.

    Raises:
        StoreSchemaError: It has others or none.
        StoreError: The database cannot be read.
    """
    address = read_address(url)
    found = current_revision(url)
    _refuse_newer(address, found)
    if found != newest_revision():
        raise StoreSchemaError(
            f"The store {address.shown} has the tables of {f'revision {found}' if found else 'no version yet'}; this "
            f"version needs revision {newest_revision()}. Run `proofkit-serve migrate`."
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(address: StoreAddress, found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise StoreSchemaError(
            f"The store {address.shown} has the tables of revision {found}, which this version does not know: a newer "
            "ProofKit made them. Nothing was changed; install that version, or point to another store."
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a start that migrates nothing does not wait for it
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    # A percent sign in a path would be read as the start of a reference.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, "head")


@contextmanager
def _connected(address: StoreAddress, begin: Begin) -> Generator[Connection]:
    arguments = {} if address.file else POSTGRES_ARGUMENTS
    engine = create_engine(address.sync_url, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
    if address.file:
        prepare_sqlite(engine, address.file)
    try:
        with engine.connect().execution_options(**{BEGIN: begin}) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise told(error, address) from error
    finally:
        engine.dispose()


def _make_file(address: StoreAddress, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, _PRIVATE))
        _flush_folder(file.parent)
    except OSError as error:
        raise StoreUnavailableError(
            f"The store {address.shown} cannot be made ({error.strerror}). Expected a folder that this process may "
            "write to; name another one, or change its permissions."
        ) from error


def _flush_folder(folder: Path) -> None:
    """See that the new file's name survives a power cut too, where the system lets a folder be flushed."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
