"""Several processes on one Postgres: it makes no difference which of them answers."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SectionsJob, SessionInput

WithGoal = Callable[..., SessionInput]
WORKERS = 2


@pytest.fixture
def serving(tmp_path: Path, database: str) -> Iterator[Callable[[str], ServerProcess]]:
    """Starts a server of several processes with some models."""
    environ = {"PROOFKIT_DATABASE_URL": database}
    migrate = [sys.executable, "-m", "proofkit_serve", "migrate"]
    subprocess.run(migrate, env={**os.environ, **environ, "PROOFKIT_DATA_DIR": str(tmp_path)}, check=True, timeout=120)
    with ExitStack() as stack:

        def start(models: str) -> ServerProcess:
            limits = {"requests_per_minute": 0}
            settings = {"workers": WORKERS}
            context = start_server(
                tmp_path / "server", models=models, settings=settings, limits=limits, environ=environ
            )
            return stack.enter_context(context)

        yield start


@pytest.mark.slow
def test_any_process_goes_on_with_what_another_began(
    serving: Callable[[str], ServerProcess], with_goal: WithGoal
) -> None:
    server = serving('[[model]]\nid = "template"\nbackend = "template"\n')
    tokens = {number: f"zeppelin{number:02d}quartz" for number in range(12)}
    found: dict[int, bool] = {}

    def draft(number: int) -> None:
        # A client of its own for each call is a connection of its own, and so perhaps another process.
        with Client(server.url, timeout_s=120.0) as client:
            session = client.create_session(with_goal(f"I would call the plan {tokens[number]} on the board"))
        with Client(server.url, timeout_s=120.0) as client:
            taken = client.generate(session.id, SectionsJob(kind="sections"))
        with Client(server.url, timeout_s=120.0) as client:
            ended = client.wait(taken.id)
        with Client(server.url, timeout_s=120.0) as client:
            text = "\n".join(each.section.markdown for each in client.session(session.id).sections)
        found[number] = ended.status is GenerationStatus.DONE and tokens[number] in text

    threads = [threading.Thread(target=draft, args=(number,)) for number in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(tokens, True)
    assert server.stop() == 0


@pytest.mark.slow
def test_no_process_outlives_the_one_that_started_it(
    serving: Callable[[str], ServerProcess], eventually: Callable[..., float]
) -> None:
    server = serving('[[model]]\nid = "template"\nbackend = "template"\n')
    assert httpx.get(f"{server.url}/healthz").status_code == 200
    server.kill()

    def nobody_answers() -> bool:
        try:
            httpx.get(f"{server.url}/healthz", timeout=2.0)
        except httpx.ConnectError:
            return True
        except httpx.HTTPError:  # one of them is just stopping
            return False
        return False

    eventually(nobody_answers, within_s=20.0)


@pytest.mark.slow
def test_any_process_can_stop_what_another_works_on(
    serving: Callable[[str], ServerProcess], with_goal: WithGoal
) -> None:
    with fault_server(Scenario.STALL) as faults:
        server = serving(
            '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
            f'model = "fault"\nbase_urls = ["{faults.base_url}"]\n'
        )
        with Client(server.url) as client:
            for _ in range(4):  # so that one of them is asked in a process that does not work on it
                session = client.create_session(with_goal())
                client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
                exercise = client.session(session.id).exercise
                assert exercise is not None
                taken = client.generate(session.id, SectionJob(kind="section", section=exercise.sample.sections[0].id))
                with Client(server.url) as other:
                    assert any(event.body.type == "attempt" for event in other.follow(taken.id))
                    other.cancel(taken.id)
                    assert other.wait(taken.id).status is GenerationStatus.CANCELLED
        assert faults.wait_idle(10.0)
