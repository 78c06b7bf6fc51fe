"""Stopping in good order: what runs may finish for a while, and what does not is told."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DoneEvent, GenerationEventBody
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

WithGoal = Callable[..., SessionInput]


def _models(base_url: str) -> str:
    return (
        '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault"\nbase_urls = ["{base_url}"]\n'
    )


def _stop_while_drafting(
    folder: Path, goal: SessionInput, base_url: str, drain_s: float
) -> tuple[list[GenerationEventBody], float, int]:
    """Stop a server while it drafts, and return what its listener was told, how long it took, and the exit code."""
    told: list[GenerationEventBody] = []
    asked = threading.Event()
    with (
        start_server(folder, models=_models(base_url), settings={"drain_s": drain_s}) as server,
        Client(server.url, timeout_s=60.0) as client,
    ):
        session = client.create_session(goal)
        client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
        exercise = client.session(session.id).exercise
        assert exercise is not None
        wanted = SectionJob(kind="section", section=exercise.sample.sections[0].id)

        def listen() -> None:
            for event in client.follow(client.generate(session.id, wanted).id):
                told.append(event.body)
                if event.body.type == "attempt":
                    asked.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert asked.wait(300)
        started = time.monotonic()
        code = server.stop()
        took_s = time.monotonic() - started
        listener.join(30)
    return told, took_s, code


def test_what_runs_may_finish(tmp_path: Path, with_goal: WithGoal) -> None:
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=1.5)) as faults:
        told, took_s, code = _stop_while_drafting(tmp_path, with_goal(), faults.base_url, drain_s=120.0)
    assert isinstance(told[-1], DoneEvent)
    assert told[-1].status == "done"
    assert code == 0
    assert took_s < 60  # not the whole time that it may take


def test_what_takes_too_long_is_interrupted_and_told(tmp_path: Path, with_goal: WithGoal) -> None:
    with fault_server(Scenario.STALL) as faults:
        told, took_s, code = _stop_while_drafting(tmp_path, with_goal(), faults.base_url, drain_s=1.0)
    assert [body.type for body in told][-2:] == ["problem", "done"]
    assert isinstance(told[-1], DoneEvent)
    assert told[-1].status == "interrupted"
    assert code == 0
    assert took_s < 40
    with start_server(tmp_path) as server, Client(server.url) as client:
        (session,) = client.sessions().sessions
        last = client.generations(session.id).generations[-1]
        assert last.status is GenerationStatus.INTERRUPTED


def test_an_idle_server_stops_at_once(tmp_path: Path) -> None:
    with start_server(tmp_path, settings={"drain_s": 120.0}) as server:
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 40  # it takes tenths of a second; on a busy machine some more
        assert "Traceback" not in server.log
