"""Where the store is: a database URL, read once and told without its password."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from proofkit_serve.errors import StoreAddressError

_EXAMPLES = "sqlite:////var/lib/proofkit/store.db or postgresql://name@host/database"
_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite"})


class StoreAddress(NamedTuple):
    """A database that can hold the store."""

    url: URL
    """As given; it may hold a password."""
    file: Path | None
    """The SQLite file; none for Postgres."""

    @property
    def shown(self) -> str:
        """Return the address for messages, without its password."""
        # A password may stand in the options too.
        return str(self.file) if self.file else self.url.set(query={}).render_as_string(hide_password=True)

    @property
    def async_url(self) -> URL:
        """Return the address for the service."""
        return self._with_driver("sqlite+aiosqlite")

    @property
    def sync_url(self) -> URL:
        """Return the address for migrations."""
        return self._with_driver("sqlite+pysqlite")

    def _with_driver(self, sqlite: str) -> URL:
        if self.file is None:
            return self.url.set(drivername="postgresql+psycopg")
        # `rw` without `c`: a store that went away is told, and not made anew and empty.
        return URL.create(sqlite, database=self.file.as_uri(), query={"mode": "rw", "uri": "true"})


def read_address(url: str) -> StoreAddress:
    """Read a database URL.

    Args:
        url: `sqlite:///` and a path, or `postgresql://` and a server.

    Raises:
        StoreAddressError: The URL is none of these.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The cause is left out: it repeats the URL, which may hold a password.
        raise StoreAddressError(f"The database URL cannot be read. Expected one such as {_EXAMPLES}.") from None
    if parsed.drivername in _POSTGRES:
        return StoreAddress(parsed, None)
    if parsed.drivername not in _SQLITE:
        raise StoreAddressError(
            f"The store cannot use the database {parsed.drivername!r}. Expected a URL such as {_EXAMPLES}."
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.host or parsed.query:
        shown = parsed.set(query={}).render_as_string(hide_password=True)
        raise StoreAddressError(
            f"The SQLite URL {shown!r} names no plain file; sessions must outlive the process. Expected one such as "
            f"{_EXAMPLES}, without options."
        )
    return StoreAddress(parsed, Path(parsed.database).absolute())
