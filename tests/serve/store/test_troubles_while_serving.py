"""A store that fills up, takes no writes, is locked or goes away under the running server: nothing is lost."""

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import httpx
import psycopg
import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.faults.running import FaultServer
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import GenerationEventBody, ResultEvent
from proofkit_serve.wire.requests import ExerciseJob, GoalInput, SectionJob, SessionInput

GOAL = GoalInput(
    target_role="Project manager (entry level)",
    background="Shift lead in a parcel depot for six years, nights and weekends.",
    notes=("night shift finds things out at the kettle, nobody opens the app",),
)
FILE = "proofkit.sqlite3"


class Cluster(Protocol):
    """The conftest's Postgres."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def execute(self, statement: str, database: str = "postgres") -> None: ...


class Place(NamedTuple):
    """A store that a server can be given, and a trouble that it can have."""

    settings: dict[str, object]
    environ: dict[str, str]
    trouble: Callable[[], AbstractContextManager[None]]
    rows: Callable[[str], list[tuple[object, ...]]]
    """Answers a query, besides the server."""
    kinds: tuple[str, ...]
    """What a write is told meanwhile."""


def _rows_of(folder: Path) -> Callable[[str], list[tuple[object, ...]]]:
    def rows(query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(folder / FILE, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    return rows


@pytest.fixture
def missing(tmp_path: Path) -> Place:
    """A file that is taken away, and brought back."""
    folder = tmp_path / "data"

    @contextmanager
    def trouble() -> Generator[None]:
        aside = tmp_path / "aside"
        aside.mkdir(exist_ok=True)
        for file in folder.glob(f"{FILE}*"):
            file.rename(aside / file.name)
        yield
        for file in aside.glob(f"{FILE}*"):
            file.rename(folder / file.name)

    return Place({"data_dir": str(folder)}, {}, trouble, _rows_of(folder), ("store-unavailable",))


@pytest.fixture
def locked(tmp_path: Path) -> Place:
    """A file that another program keeps locked for longer than anybody waits for it."""
    folder = tmp_path / "data"

    @contextmanager
    def trouble() -> Generator[None]:
        with closing(sqlite3.connect(folder / FILE, isolation_level=None, timeout=30)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    return Place({"data_dir": str(folder)}, {}, trouble, _rows_of(folder), ("store-unavailable",))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Place]:
    """A small disk that somebody fills, and frees."""
    disk = tmp_path / "small"
    disk.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=8m", "none", str(disk)], check=False).returncode
    ):
        pytest.skip("this user may mount no small disk")

    @contextmanager
    def trouble() -> Generator[None]:
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        yield
        filler.unlink()

    yield Place({"data_dir": str(disk / "data")}, {}, trouble, _rows_of(disk / "data"), ("store-full",))
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _postgres(url: str, trouble: Callable[[], AbstractContextManager[None]], *kinds: str) -> Place:
    def rows(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    return Place({}, {"PROOFKIT_DATABASE_URL": url}, trouble, rows, kinds)


@pytest.fixture
def stopped(cluster: Cluster, postgres_url: str) -> Place:
    """A Postgres that is stopped, and started again."""

    @contextmanager
    def trouble() -> Generator[None]:
        cluster.stop()
        yield
        cluster.start()

    return _postgres(postgres_url, trouble, "store-unavailable")


@pytest.fixture
def read_only(cluster: Cluster, postgres_url: str) -> Place:
    """A Postgres that takes no writes for a while."""
    name = postgres_url.partition("?")[0].rpartition("/")[2]

    def cut() -> None:
        cluster.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - our name
        )

    @contextmanager
    def trouble() -> Generator[None]:
        cluster.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        cut()
        yield
        cluster.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        cut()

    return _postgres(postgres_url, trouble, "store-full", "store-unavailable")


PLACES = ["missing", "locked", "full", "stopped", "read_only"]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(request.param)


@pytest.fixture
def faults() -> Iterator[FaultServer]:
    """A model that takes a second and then writes word after word."""
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=1.0, between_s=0.02)) as running:
        yield running


@pytest.fixture
def serve(tmp_path: Path, faults: FaultServer) -> Iterator[Callable[[Place], ServerProcess]]:
    """Starts a server on a store."""
    models = (
        '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault"\nbase_urls = ["{faults.base_url}"]\n'
    )
    with ExitStack() as stack:

        def start(place: Place) -> ServerProcess:
            limits = {"requests_per_minute": 0}
            context = start_server(
                tmp_path / "server", models=models, settings=place.settings, limits=limits, environ=place.environ
            )
            return stack.enter_context(context)

        yield start


class Drafting:
    """A section that a model writes, and somebody who follows it."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.bodies: list[GenerationEventBody] = []
        self.numbers: list[int] = []
        with Client(server.url, timeout_s=120.0) as client:
            self.session_id = client.create_session(SessionInput(goal=GOAL)).id
            client.wait(client.generate(self.session_id, ExerciseJob(kind="exercise")).id)
            exercise = client.session(self.session_id).exercise
            assert exercise is not None
            section = exercise.sample.sections[0].id
            self.id = client.generate(self.session_id, SectionJob(kind="section", section=section)).id
        self._follower = threading.Thread(target=self._follow)
        self._follower.start()

    def _follow(self) -> None:
        with Client(self._server.url, timeout_s=300.0) as client:
            for event in client.follow(self.id):
                self.bodies.append(event.body)
                self.numbers.append(event.id)

    def wait_for(self, kind: str, within_s: float = 120.0) -> None:
        ends = time.monotonic() + within_s
        while not any(body.type == kind for body in list(self.bodies)):
            assert time.monotonic() < ends, [body.type for body in self.bodies]
            time.sleep(0.02)

    def join(self) -> None:
        self._follower.join(120.0)
        assert not self._follower.is_alive()

    def result(self) -> ResultEvent:
        (result,) = [body for body in self.bodies if isinstance(body, ResultEvent)]
        return result


def _kept(place: Place, generation_id: str) -> tuple[object, list[object]]:
    """Wait until a generation has ended in the store, and return its state there and its events' numbers."""
    ends = time.monotonic() + 60.0
    while True:
        ((status,),) = place.rows(f"SELECT status FROM generations WHERE id = '{generation_id}'")  # noqa: S608 - our id
        if status not in ("queued", "running"):
            break
        assert time.monotonic() < ends
        time.sleep(0.1)
    query = f"SELECT seq FROM generation_events WHERE generation_id = '{generation_id}' ORDER BY seq"  # noqa: S608 - ours
    return status, [seq for (seq,) in place.rows(query)]


def _refused(server: ServerProcess, place: Place) -> None:
    """A write is told what is the matter, in the words of a problem."""
    answer = httpx.post(f"{server.url}/v1/sessions", json={}, timeout=60)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["type"].removeprefix("urn:proofkit:problem:") in place.kinds
    assert answer.status_code in (503, 507)


@pytest.mark.slow
def test_a_generation_outlives_the_trouble_of_its_store(place: Place, serve: Callable[[Place], ServerProcess]) -> None:
    server = serve(place)
    drafting = Drafting(server)
    drafting.wait_for("attempt")
    with place.trouble():
        drafting.wait_for("validated")
        _refused(server, place)
        assert not any(body.type == "result" for body in drafting.bodies)
        shown = httpx.get(f"{server.url}/v1/generations/{drafting.id}", timeout=60)
        assert shown.json()["status"] == "running"
    drafting.join()
    assert drafting.numbers == list(range(1, len(drafting.numbers) + 1))
    assert drafting.bodies[-1].type == "done"
    result = drafting.result()
    assert result.applied, result.message
    with Client(server.url, timeout_s=60.0) as client:
        (section,) = client.session(drafting.session_id).sections
        assert section.section.markdown == result.text
        assert section.section.origin.model
        assert client.generation(drafting.id).status is GenerationStatus.DONE
    assert _kept(place, drafting.id) == ("done", drafting.numbers)


@pytest.mark.slow
def test_a_text_that_cannot_be_put_in_stands_in_the_stream_and_is_kept_later(
    missing: Place, serve: Callable[[Place], ServerProcess]
) -> None:
    server = serve(missing)
    drafting = Drafting(server)
    drafting.wait_for("attempt")
    with missing.trouble():
        drafting.wait_for("validated")
        assert httpx.delete(f"{server.url}/v1/generations/{drafting.id}", timeout=60).json()["status"] == "cancelled"
        drafting.join()
        result = drafting.result()
        assert (result.applied, bool(result.text)) == (False, True)
        assert "not put into the session" in result.message
    status, numbers = _kept(missing, drafting.id)
    assert (status, numbers) == ("cancelled", drafting.numbers)
    with Client(server.url, timeout_s=60.0) as client:
        outcome = client.generation(drafting.id).outcome
        assert outcome is not None
        assert [each.text for each in outcome.results] == [result.text]
        assert client.session(drafting.session_id).sections == ()


@pytest.mark.slow
def test_a_server_that_is_stopped_while_its_store_is_away_ends_and_tells_it_later(
    missing: Place, serve: Callable[[Place], ServerProcess]
) -> None:
    server = serve(missing)
    drafting = Drafting(server)
    drafting.wait_for("attempt")
    with missing.trouble():
        drafting.wait_for("validated")
        assert server.stop() == 0
    again = serve(missing)
    with Client(again.url, timeout_s=60.0) as client:
        assert client.generation(drafting.id).status is GenerationStatus.INTERRUPTED
        assert [event.body.type for event in client.follow(drafting.id)][-1] == "done"


WRITERS, WRITES = 3, 20


def _change(http: httpx.Client, path: str, revision: int, number: int) -> None:
    """Send one change until it is confirmed. A revision that has moved on says that it was done."""
    ends = time.monotonic() + 120.0
    headers = {"if-match": f'"{revision}"', "idempotency-key": f"{path}-{number}"}
    while time.monotonic() < ends:
        answer = http.patch(path, json={"notes": [f"point number {number}"]}, headers=headers)
        if answer.status_code in (200, 412):
            return
        assert answer.status_code in (409, 503, 507), answer.text
        time.sleep(0.1)
    raise AssertionError("it was never confirmed")


@pytest.mark.slow
def test_every_change_is_there_once_although_the_store_came_and_went(
    place: Place, serve: Callable[[Place], ServerProcess]
) -> None:
    server = serve(place)
    with httpx.Client(base_url=server.url, timeout=120) as http:
        goal = GOAL.model_dump(mode="json", exclude_unset=True)
        made = [http.post("/v1/sessions", json={"goal": goal}).json() for _ in range(WRITERS)]
    confirmed: list[int] = []

    def write(session_id: str, revision: int) -> None:
        path = f"/v1/sessions/{session_id}"
        with httpx.Client(base_url=server.url, timeout=120) as http:
            for number in range(WRITES):
                _change(http, path, revision + number, number)
                confirmed.append(number)

    threads = [threading.Thread(target=write, args=(each["id"], each["revision"])) for each in made]
    for thread in threads:
        thread.start()
    for count in (WRITERS, WRITERS * WRITES // 2):
        while len(confirmed) < count:
            time.sleep(0.001)
        with place.trouble():
            time.sleep(1.5)
    for thread in threads:
        thread.join()
    expected = [f"point number {number}" for number in range(WRITES)]
    with httpx.Client(base_url=server.url, timeout=120) as http:
        for each in made:
            path, first = f"/v1/sessions/{each['id']}", each["revision"] + 1
            states = [http.get(path, params={"revision": first + number}).json() for number in range(WRITES)]
            assert [state["goal"]["notes"][0] for state in states] == expected
            assert http.get(path).json() == states[-1]
