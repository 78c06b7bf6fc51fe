"""A full disk, a store that takes no writes, a store that goes away and comes back: each is told, none half writes."""

import asyncio
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import event, text

from proofkit_core.brief import Brief
from proofkit_serve.errors import (
    StoreDataError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreSchemaError,
    StoreUnavailableError,
)
from proofkit_serve.sessions import Document, history, new_document, new_id
from proofkit_serve.sessions.events import GoalSet, NotesSet, SeedChosen
from proofkit_serve.store import migrate, open_store
from proofkit_serve.store.address import read_address
from proofkit_serve.store.sql_store import SqlStore
from proofkit_serve.store.times import system_clock
from proofkit_serve.store.transactions import Transactions

pytestmark = pytest.mark.anyio
GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))


class Cluster(Protocol):
    """The conftest's Postgres."""

    folder: Path

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def url(self, database: str) -> str: ...
    def new_database(self, *, migrated: bool) -> str: ...
    def execute(self, statement: str, database: str = "postgres") -> None: ...


async def _begin(url: str) -> tuple[SqlStore, Document]:
    return await _begin_on(await open_store(url))


async def _begin_on(store: SqlStore) -> tuple[SqlStore, Document]:
    document = await store.create_session("ann", new_document(new_id("s")))
    return store, await store.append(document.id, "ann", GOAL)


async def _whole(store: SqlStore, document: Document) -> None:
    """The stored session is the acknowledged one, and its events lead to it."""
    assert await store.load_session(document.id, "ann") == document
    events = await store.events(document.id, "ann")
    assert history(await store.document_at(document.id, "ann", 0), [item.event for item in events])[-1] == document


def _noise(chance: random.Random) -> NotesSet:
    return NotesSet(notes=tuple(chance.randbytes(300).hex() for _ in range(40)))


async def _write_until_refused(store: SqlStore, document: Document) -> tuple[Document, StoreError]:
    chance = random.Random(1)  # noqa: S311 - drawn, not secret
    for _ in range(500):
        try:
            document = await store.append(document.id, "ann", _noise(chance))
        except StoreError as error:
            return document, error
    raise AssertionError("nothing was refused")


def _remount(folder: Path, way: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{way}", str(folder)], check=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(folder: Path, size: str) -> None:
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("this user may mount no small disk")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    if shutil.which("mount") is None:
        pytest.skip("there is no `mount`")
    _mount(folder, "3m")
    yield folder
    _unmount(folder)


@pytest.fixture
async def transactions(sqlite_url: str) -> Transactions:
    """The way to the database of `begun`: where a test sets limits that a disk would set."""
    await asyncio.to_thread(migrate, sqlite_url)
    return Transactions(read_address(sqlite_url))


@pytest.fixture
async def begun(transactions: Transactions) -> AsyncIterator[tuple[SqlStore, Document]]:
    store, document = await _begin_on(SqlStore(transactions, clock=system_clock, new_id=new_id))
    yield store, document
    await store.close()


async def test_a_full_disk_is_told_and_freed_room_is_used(small_disk: Path) -> None:
    store, document = await _begin(f"sqlite:///{small_disk / 'store.db'}")
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 1_500_000)
    document, error = await _write_until_refused(store, document)
    assert isinstance(error, StoreFullError)
    assert "free some space" in str(error)
    await _whole(store, document)
    filler.unlink()
    await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))
    await store.close()


async def test_a_database_at_its_limit_is_told_and_goes_on_when_it_is_lifted(
    begun: tuple[SqlStore, Document], transactions: Transactions
) -> None:
    store, document = begun
    engine = transactions.engine.sync_engine

    def limit(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    event.listen(engine, "connect", limit)
    await transactions.engine.dispose()
    document, error = await _write_until_refused(store, document)
    assert isinstance(error, StoreFullError)
    await _whole(store, document)
    event.remove(engine, "connect", limit)
    await transactions.engine.dispose()
    await _whole(store, await store.append(document.id, "ann", _noise(random.Random(2))))  # noqa: S311 - drawn


async def test_a_full_disk_under_postgres_is_told_and_freed_room_is_used(cluster: Cluster) -> None:
    small = cluster.folder / f"small-{time.monotonic_ns()}"
    _mount(small, "1m")
    name = cluster.new_database(migrated=True)
    store, document = await _begin(cluster.url(name))
    try:
        shutil.chown(small, cluster.folder.owner())
        cluster.execute(f"CREATE TABLESPACE {name} LOCATION '{small}'")
        cluster.execute(f"ALTER TABLE session_events SET TABLESPACE {name}", name)
        document, error = await _write_until_refused(store, document)
        assert isinstance(error, StoreFullError)
        await _whole(store, document)
        cluster.execute("ALTER TABLE session_events SET TABLESPACE pg_default", name)
        await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))
    finally:
        await store.close()
        cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cluster.execute(f"DROP TABLESPACE IF EXISTS {name}")
        _unmount(small)


async def test_a_store_that_takes_no_writes_is_told_and_still_read(
    begun: tuple[SqlStore, Document], transactions: Transactions
) -> None:
    store, document = begun
    engine = transactions.engine.sync_engine

    def read_only(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    event.listen(engine, "connect", read_only)
    await transactions.engine.dispose()
    with pytest.raises(StoreReadOnlyError, match="takes no writes"):
        await store.append(document.id, "ann", SeedChosen(seed=1))
    await _whole(store, document)
    event.remove(engine, "connect", read_only)
    await transactions.engine.dispose()
    await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))


async def test_a_disk_that_is_mounted_read_only_is_told(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'store.db'}"
    store, document = await _begin(url)
    await store.close()
    _remount(small_disk, "ro")
    with pytest.raises(StoreReadOnlyError, match="not mounted read-only"):
        await open_store(url)
    _remount(small_disk, "rw")
    store = await open_store(url)
    await _whole(store, document)
    await store.close()


def _cut(cluster: Cluster, name: str) -> None:
    """End every connection to a database."""
    ours = f"datname = '{name}'"
    cluster.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")  # noqa: S608 - our name


async def test_a_postgres_that_takes_no_writes_is_told_and_still_read(cluster: Cluster) -> None:
    name = cluster.new_database(migrated=True)
    store, document = await _begin(cluster.url(name))
    cluster.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    _cut(cluster, name)
    with pytest.raises(StoreReadOnlyError, match="takes no writes"):
        await store.append(document.id, "ann", SeedChosen(seed=1))
    await _whole(store, document)
    cluster.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    _cut(cluster, name)
    await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))
    await store.close()
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.glob("store.db*")]


def _moved(folder: Path, other: Path) -> None:
    other.mkdir(exist_ok=True)
    for file in folder.glob("store.db*"):
        file.rename(other / file.name)


async def test_a_file_that_goes_away_is_told_and_used_again_when_it_is_back(
    begun: tuple[SqlStore, Document], tmp_path: Path
) -> None:
    store, document = begun
    for seed in (1, 2):
        _moved(tmp_path, tmp_path / "elsewhere")
        for _ in range(2):
            with pytest.raises(StoreUnavailableError, match="cannot be reached") as told:
                await store.append(document.id, "ann", SeedChosen(seed=9))
            assert told.value.retry_after_s > 0
            with pytest.raises(StoreUnavailableError, match="cannot be reached"):
                await store.load_session(document.id, "ann")
        assert not _names(tmp_path)
        _moved(tmp_path / "elsewhere", tmp_path)
        document = await store.append(document.id, "ann", SeedChosen(seed=seed))
        await _whole(store, document)


async def test_a_file_that_was_deleted_takes_no_writes_for_nobody(
    begun: tuple[SqlStore, Document], tmp_path: Path
) -> None:
    store, document = begun
    _moved(tmp_path, tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailableError):
        await store.append(document.id, "ann", SeedChosen(seed=1))
    with pytest.raises(StoreUnavailableError):
        await store.ping()


async def test_an_empty_file_in_its_place_is_told_to_need_migrating(
    begun: tuple[SqlStore, Document], tmp_path: Path
) -> None:
    store, document = begun
    _moved(tmp_path, tmp_path / "elsewhere")
    (tmp_path / "store.db").touch()
    with pytest.raises(StoreSchemaError, match="proofkit-serve migrate"):
        await store.load_session(document.id, "ann")


async def test_a_postgres_that_goes_away_is_told_and_used_again_when_it_is_back(cluster: Cluster) -> None:
    name = cluster.new_database(migrated=True)
    store, document = await _begin(cluster.url(name))
    cluster.stop()
    try:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(StoreUnavailableError, match="cannot be reached"):
                await store.append(document.id, "ann", SeedChosen(seed=1))
            with pytest.raises(StoreUnavailableError, match="cannot be reached"):
                await store.ping()
            assert time.monotonic() - began < 5
    finally:
        cluster.start()
    await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))
    await store.close()
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_connections_that_were_cut_are_replaced_unseen(cluster: Cluster) -> None:
    name = cluster.new_database(migrated=True)
    store, document = await _begin(cluster.url(name))
    for seed in range(3):
        _cut(cluster, name)
        document = await store.append(document.id, "ann", SeedChosen(seed=seed))
    await _whole(store, document)
    await store.close()
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_writer_of_another_process_is_waited_for(begun: tuple[SqlStore, Document], tmp_path: Path) -> None:
    store, document = begun
    held = threading.Event()

    def hold() -> None:
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(0.5)
        other.execute("COMMIT")
        other.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    await _whole(store, await store.append(document.id, "ann", SeedChosen(seed=1)))
    thread.join()


async def test_a_stored_document_that_is_broken_is_told_without_its_words(
    begun: tuple[SqlStore, Document], transactions: Transactions
) -> None:
    store, document = begun
    for broken, why in (('{"schema":"proofkit.session/9"}', "proofkit.session/9"), ("ward for six years", "no JSON")):
        async with transactions.writing() as connection:
            await connection.execute(text("UPDATE sessions SET document_json = :broken"), {"broken": broken})
        with pytest.raises(StoreDataError, match=why) as told:
            await store.load_session(document.id, "ann")
        assert "six years" not in str(told.value)
        assert told.value.__cause__ is None
