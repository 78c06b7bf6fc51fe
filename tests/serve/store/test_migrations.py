"""The tables: made by migrations, checked at the door. On both databases."""

import asyncio
import stat
import subprocess
import sys
import threading
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from proofkit_serve.errors import StoreDataError, StoreSchemaError, StoreUnavailableError
from proofkit_serve.store import current_revision, migrate, open_store
from proofkit_serve.store.address import read_address
from proofkit_serve.store.migrating import newest_revision
from proofkit_serve.store.tables import REVISIONS, metadata


def _engine(url: str) -> Engine:
    return create_engine(read_address(url).sync_url, poolclass=NullPool)


async def _open_and_close(url: str, *, migrating: bool | None = None) -> None:
    store = await open_store(url, migrating=migrating)
    await store.ping()
    await store.close()


def _tables(url: str) -> set[str]:
    engine = _engine(url)
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(bare_url: str) -> None:
    migrate(bare_url)
    with _engine(bare_url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_code_knows_the_revisions_of_its_migrations() -> None:
    folder = files("proofkit_serve.store").joinpath("migrations")
    scripts = ScriptDirectory(str(folder)).walk_revisions()
    assert tuple(reversed([script.revision for script in scripts])) == REVISIONS


def test_a_start_that_migrates_nothing_does_not_load_the_migrations(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    program = (
        "import asyncio, sys; from proofkit_serve.store import open_store\n"
        f"async def main():\n    store = await open_store({url!r})\n    await store.close()\n"
        "asyncio.run(main()); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_database_knows_its_revision(bare_url: str) -> None:
    assert current_revision(bare_url) is None
    assert migrate(bare_url) == newest_revision()
    assert current_revision(bare_url) == newest_revision()
    assert migrate(bare_url) == newest_revision()


def test_asking_for_the_revision_makes_no_file(tmp_path: Path) -> None:
    assert current_revision(f"sqlite:///{tmp_path / 'none.db'}") is None
    assert list(tmp_path.iterdir()) == []


def test_an_unmigrated_database_is_refused_with_what_to_run(bare_url: str) -> None:
    with pytest.raises(StoreSchemaError, match=r"no version yet.*`proofkit-serve migrate`"):
        asyncio.run(_open_and_close(bare_url, migrating=False))


def test_a_database_of_a_newer_version_is_refused_and_left_alone(bare_url: str) -> None:
    migrate(bare_url)
    with _engine(bare_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for migrating in (True, False):
        with pytest.raises(StoreSchemaError, match="revision 9999, which this version does not know"):
            asyncio.run(_open_and_close(bare_url, migrating=migrating))
    assert current_revision(bare_url) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    if bare_url.startswith("sqlite"):
        Path(bare_url.removeprefix("sqlite:///")).touch()
    with _engine(bare_url).begin() as connection:
        connection.execute(text("CREATE TABLE audit (number INTEGER)"))
    with pytest.raises(StoreDataError):
        migrate(bare_url)
    assert _tables(bare_url) <= {"audit", "alembic_version"}
    assert current_revision(bare_url) is None


def test_processes_that_start_at_once_migrate_one_after_the_other(bare_url: str) -> None:
    failures: list[BaseException] = []

    def started() -> None:
        try:
            migrate(bare_url)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=started) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert current_revision(bare_url) == newest_revision()


def test_a_sqlite_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "100% stör.db"
    asyncio.run(_open_and_close(f"sqlite:///{file}"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_told_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 500)
    with pytest.raises(StoreDataError, match="no database"):
        asyncio.run(_open_and_close(f"sqlite:///{file}"))
    assert file.read_text().startswith("Dear reader, ")


def test_a_place_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="cannot be made"):
        asyncio.run(_open_and_close(f"sqlite:///{tmp_path / 'file' / 'store.db'}"))


def test_a_postgres_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be reached") as told:
        asyncio.run(_open_and_close(f"postgresql://ann:secret@/store?host={tmp_path}"))
    assert "secret" not in str(told.value)
