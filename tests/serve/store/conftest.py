"""Real stores: SQLite files, and databases on a Postgres cluster that the tests start and stop themselves."""

import asyncio
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from proofkit_core.brief import Brief
from proofkit_serve.errors import StoreUnavailableError
from proofkit_serve.sessions import new_document, new_id
from proofkit_serve.sessions.events import GoalSet
from proofkit_serve.store import Store, migrate, open_store

GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))
_TEMPLATE = "proofkit_migrated"


class Cluster:
    """A Postgres of the tests' own, reached through a Unix socket."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.folder = folder
        self._programs = programs
        self._user = user
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._run("initdb", "-D", str(folder / "data"), "-U", "proofkit", "-A", "trust", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(command, user=self._user, cwd=self.folder, capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off", "shared_buffers=16MB"]
        options = itertools.chain.from_iterable(("-c", setting) for setting in settings)
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *options],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._await(self._server)

    def _await(self, server: subprocess.Popen[bytes]) -> None:
        latest = time.monotonic() + 120  # a busy machine takes its time
        while time.monotonic() < latest:
            assert server.poll() is None, (self.folder / "log").read_text()
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(2)  # fast: connections are ended, nothing is lost
            self._server.wait(30)
            self._server = None

    def url(self, database: str) -> str:
        return f"postgresql://proofkit@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self, *, migrated: bool) -> str:
        name = f"store_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'}")
        return name


def _programs() -> Path | None:
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _unprivileged() -> str | None:
    """Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), "")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    programs, user = _programs(), _unprivileged()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    if user == "":
        pytest.skip("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
    with tempfile.TemporaryDirectory(prefix="proofkit-pg-") as name:  # short: a socket's path has 107 bytes
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        started = Cluster(programs, folder, user)
        try:
            started.start()
            started.execute(f"CREATE DATABASE {_TEMPLATE}")
            migrate(started.url(_TEMPLATE))
            yield started
        finally:
            started.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def postgres_url(cluster: Cluster) -> Iterator[str]:
    name = cluster.new_database(migrated=True)
    yield cluster.url(name)
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A store's URL, on each database in turn."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.new_database(migrated=False)
    yield cluster.url(name)
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Watch:
    """A clock that goes on by a microsecond a look, and further where a test says so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time

    def go_on(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def store(url: str, watch: Watch) -> AsyncIterator[Store]:
    opened = await open_store(url, clock=watch)
    yield opened
    await opened.close()


@pytest.fixture
def insisting() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Makes a call again while the store is busy: it says that nothing was written, and that must be true."""

    async def insist(call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever the call returns
        while True:
            try:
                return await call()
            except StoreUnavailableError:
                await asyncio.sleep(0.01)

    return insist


@pytest.fixture
async def session(store: Store) -> str:
    """A session of `ann` that has a goal, so it stands at revision 1."""
    document = await store.create_session("ann", new_document(new_id("s")))
    await store.append(document.id, "ann", GOAL)
    return document.id
