"""The real server, as its own process on loopback."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import psycopg
import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.wire.requests import GoalInput, SessionInput


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[3]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all tests that change nothing about it: the template writes, and no key is needed."""
    limits = {"requests_per_minute": 0, "generations_waiting": 200, "generations_per_session": 8}
    with start_server(tmp_path_factory.mktemp("server"), limits=limits) as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.url, timeout_s=120.0) as opened:
        yield opened


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    """For what the typed client would never send."""
    with httpx.Client(base_url=server.url, timeout=120.0) as opened:
        yield opened


def _with_goal(*notes: str, **fields: Any) -> SessionInput:  # noqa: ANN401 - the goal's own fields
    goal: dict[str, Any] = {
        "target_role": "Project manager (entry level)",
        "background": "Shift lead in a parcel depot for six years, nights and weekends.",
        "notes": notes or ("night shift finds things out at the kettle, nobody opens the app",),
    }
    return SessionInput(goal=GoalInput(**{**goal, **fields}))


@pytest.fixture(scope="session")
def with_goal() -> Callable[..., SessionInput]:
    """Makes a session's input from the person's points, and other fields of the goal."""
    return _with_goal


def _problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"urn:proofkit:problem:{kind}"), body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].endswith(answer.headers["x-request-id"])
    return body


@pytest.fixture(scope="session")
def is_problem() -> Callable[[httpx.Response, int, str], dict[str, Any]]:
    """Checks that an answer is a problem of a kind, and returns it."""
    return _problem


class Eventually(Protocol):
    def __call__(self, is_so: Callable[[], bool], *, within_s: float = 30.0) -> float: ...


def _eventually(is_so: Callable[[], bool], *, within_s: float = 30.0) -> float:
    started = time.monotonic()
    pause_s = 0.02
    while not is_so():
        assert time.monotonic() - started < within_s, "it never came true"
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.1, 0.5)  # a server with the default limits answers four requests a second for long
    return time.monotonic() - started


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Waits until something is so, and returns how long that took."""
    return _eventually


class Postgres:
    """A Postgres of the tests' own, on a Unix socket."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self._programs = programs
        self._folder = folder
        self._user = user
        self._numbers = itertools.count(1)
        made = [str(programs / "initdb"), "-D", f"{folder}/data", "-U", "proofkit", "-A", "trust", "--no-sync"]
        subprocess.run(made, user=user, cwd=folder, capture_output=True, check=True, timeout=300)
        self.start()

    def start(self) -> None:
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self._folder}", "-c", "fsync=off"]
        call = [str(self._programs / "postgres"), "-D", f"{self._folder}/data", *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(call, user=self._user, cwd=self._folder, stdout=log, stderr=log)
        ends = time.monotonic() + 120
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < ends, (self._folder / "log").read_text()
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        self._process.send_signal(2)
        self._process.wait(120)

    def execute(self, statement: str) -> None:
        writing = "-c default_transaction_read_only=off"  # whatever a test set for all
        with psycopg.connect(self.url("postgres"), autocommit=True, options=writing) as connection:
            connection.execute(statement.encode())

    def url(self, name: str) -> str:
        return f"postgresql://proofkit@/{name}?host={self._folder}"

    def new_database(self) -> str:
        name = f"service_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def _programs() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _unprivileged() -> str | None:
    """Postgres refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()} if os.geteuid() == 0 else set[str]()
    return next((name for name in ("postgres", "nobody") if name in names), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres that may be stopped and started again."""
    programs, user = _programs(), _unprivileged()
    if programs is None or (os.geteuid() == 0 and user is None):
        pytest.skip("no PostgreSQL server is installed, or none that may run here")
    with tempfile.TemporaryDirectory(prefix="proofkit-pg-") as name:  # short: a socket's path has 107 bytes
        if user:
            shutil.chown(name, user)
        running = Postgres(programs, Path(name), user)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of an empty database of the test's own."""
    return postgres.new_database()
