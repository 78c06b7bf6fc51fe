import traceback
from pathlib import Path

import pytest

from proofkit_serve.errors import StoreAddressError
from proofkit_serve.store.address import read_address


@pytest.mark.parametrize("url", ["sqlite:////var/lib/store.db", "sqlite+aiosqlite:////var/lib/store.db"])
def test_a_sqlite_file_is_opened_but_never_made_by_the_service(url: str) -> None:
    address = read_address(url)
    assert address.file == Path("/var/lib/store.db")
    assert address.async_url.database == "file:///var/lib/store.db"
    assert address.async_url.query == {"mode": "rw", "uri": "true"}
    assert address.shown == "/var/lib/store.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgres_is_reached_by_one_driver_and_shown_without_its_password(scheme: str) -> None:
    address = read_address(f"{scheme}://ann:secret@db.example:5433/store")
    assert address.file is None
    assert address.async_url.drivername == address.sync_url.drivername == "postgresql+psycopg"
    assert "secret" not in address.shown
    assert "db.example:5433/store" in address.shown


def test_a_password_among_the_options_is_not_shown() -> None:
    assert "secret" not in read_address("postgresql://db.example/store?user=ann&password=secret").shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://var/store.db",
        "sqlite:////a.db?mode=memory",
        "mysql://ann:secret@h/d",
        "://",
    ],
)
def test_a_url_that_cannot_hold_the_store_is_told_with_one_that_can(url: str) -> None:
    with pytest.raises(StoreAddressError, match="Expected") as told:
        read_address(url)
    assert "secret" not in "".join(traceback.format_exception(told.value))
