"""A store that is full, takes no writes, or goes away and comes back, under a server that runs on."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import NotesChange, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]
Eventually = Callable[..., float]


class Postgres(Protocol):
    """The conftest's."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def execute(self, statement: str) -> None: ...


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount no small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def on_postgres(tmp_path: Path, database: str) -> Iterator[ServerProcess]:
    environ = {"PROOFKIT_DATABASE_URL": database}
    migrate = [sys.executable, "-m", "proofkit_serve", "migrate"]
    subprocess.run(migrate, env={**os.environ, **environ, "PROOFKIT_DATA_DIR": str(tmp_path)}, check=True, timeout=300)
    with start_server(tmp_path / "server", limits={"requests_per_minute": 0}, environ=environ) as server:
        yield server


def _noted(client: Client, document: Document, chance: random.Random) -> Document:
    return client.change(document, NotesChange(notes=tuple(chance.randbytes(280).hex() for _ in range(30))))


def _until_full(client: Client, document: Document) -> tuple[Document, ServiceProblemError]:
    chance = random.Random(1)  # noqa: S311 - drawn, not secret
    for _ in range(500):
        try:
            document = _noted(client, document, chance)
        except ServiceProblemError as error:
            return document, error
    raise AssertionError("the disk never was full")


def test_a_full_disk_is_told_and_nothing_that_was_confirmed_is_lost(
    tmp_path: Path, small_disk: Path, with_goal: WithGoal
) -> None:
    filler = small_disk / "filler"
    settings = {"data_dir": str(small_disk / "data")}
    limits = {"requests_per_minute": 0}
    with start_server(tmp_path / "server", settings=settings, limits=limits) as server:
        with Client(server.url) as client:
            session = client.create_session(with_goal())
            filler.write_bytes(b"x" * 1_000_000)
            session, error = _until_full(client, session)
            assert (error.problem.status, error.problem.type) == (507, "urn:proofkit:problem:store-full")
            assert str(small_disk) not in error.problem.model_dump_json()
            assert client.session(session.id) == session
            filler.unlink()
            session = _noted(client, session, random.Random(2))  # noqa: S311 - drawn, not secret
        assert "StoreFullError at " in server.log
        server.kill()
    with start_server(tmp_path / "server", settings=settings) as server, Client(server.url) as client:
        assert client.session(session.id) == session


def test_a_store_that_takes_no_writes_is_told_and_still_read(
    on_postgres: ServerProcess, postgres: Postgres, with_goal: WithGoal, eventually: Eventually
) -> None:
    with Client(on_postgres.url) as client:
        session = client.create_session(with_goal())

        def is_refused() -> bool:
            try:
                client.create_session()
            except ServiceProblemError as error:
                return error.problem.type.endswith("store-unavailable") and int(error.headers["retry-after"]) > 0
            return False

        try:
            postgres.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            postgres.execute("SELECT pg_reload_conf()")
            eventually(is_refused)
            assert client.session(session.id) == session
        finally:
            postgres.execute("ALTER SYSTEM RESET default_transaction_read_only")
            postgres.execute("SELECT pg_reload_conf()")
        eventually(lambda: not is_refused())


def test_a_store_that_goes_away_is_told_and_what_was_confirmed_is_there_when_it_is_back(
    on_postgres: ServerProcess, postgres: Postgres, with_goal: WithGoal, is_problem: IsProblem, eventually: Eventually
) -> None:
    with Client(on_postgres.url) as client, httpx.Client(base_url=on_postgres.url, timeout=60) as http:
        session = client.create_session(with_goal())
        postgres.stop()
        try:
            for answer in (
                http.get("/readyz"),
                http.get(f"/v1/sessions/{session.id}"),
                http.post("/v1/sessions", json={}),
            ):
                is_problem(answer, 503, "store-unavailable")
                assert int(answer.headers["retry-after"]) > 0
            assert http.get("/healthz").status_code == 200
        finally:
            postgres.start()
        eventually(lambda: http.get("/readyz").status_code == 200)
        assert client.session(session.id) == session
