"""A model whose server is gone costs next to nothing: it is noticed at once, and then left alone."""

import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Protocol

import pytest

from proofkit_core.packet import Writer
from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.wire.events import AttemptEvent, FallbackEvent
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

GOAL_S = 1.0
MARGIN = 4
"""The goal holds on a quiet machine with two cores; a shared one needs room."""
CONNECT_S = 0.5


class Remote(Protocol):
    def __call__(self, name: str, url: str, *, model: str = "", limits: str = "", more: str = "") -> str: ...


WithGoal = Callable[..., SessionInput]


class Drafted(NamedTuple):
    """One section, as the person got it."""

    whole_s: float
    """From the request to the end of the stream."""
    noticed_s: float
    """From asking the dead model to giving it up."""
    writer: Writer


@contextmanager
def deaf_port() -> Generator[int]:
    """Listen at a port, and let nobody in: what a machine that hangs looks like from outside."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.0)  # it never gets through
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, remote: Remote) -> Iterator[ServerProcess]:
    """Serve a model at a port where nobody listens, one at a port that hangs, and one behind the two."""
    with fault_server(Scenario.REFUSED) as dead, deaf_port() as deaf, fault_server() as good:
        models = (
            remote("dead", dead.base_url, more='fallbacks = ["good"]')
            + remote("dead-alone", dead.base_url)
            + remote("deaf", f"http://127.0.0.1:{deaf}/v1", limits=f"connect_s = {CONNECT_S}")
            + remote("good", good.base_url)
        )
        folder = tmp_path_factory.mktemp("dead")
        with start_server(folder, models=models, limits={"requests_per_minute": 0}) as running:
            yield running


def draft(client: Client, wanted: SessionInput, times: int) -> list[Drafted]:
    """Draft the same section several times."""
    session = client.create_session(wanted)
    client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
    exercise = client.session(session.id).exercise
    assert exercise is not None
    job = SectionJob(kind="section", section=exercise.sample.sections[0].id)
    drafted: list[Drafted] = []
    for _ in range(times):
        asked = noticed = started = time.monotonic()
        for event in client.draft(session.id, job):
            if isinstance(event.body, AttemptEvent) and asked == started:
                asked = time.monotonic()
            elif isinstance(event.body, FallbackEvent) and noticed == started:
                noticed = time.monotonic()
        ended = time.monotonic()
        (section,) = client.session(session.id).sections
        drafted.append(Drafted(ended - started, noticed - asked, section.section.origin.writer))
    return drafted


@pytest.mark.parametrize(
    ("model", "writer"), [("dead", Writer.MODEL), ("dead-alone", Writer.TEMPLATE), ("deaf", Writer.TEMPLATE)]
)
def test_a_model_that_is_known_to_be_dead_costs_under_a_second(
    server: ServerProcess, with_goal: WithGoal, model: str, writer: Writer
) -> None:
    with Client(server.url, timeout_s=120.0) as client:
        drafted = draft(client, with_goal(model=model), 8)
        (state,) = (each for each in client.backends().backends if each.id == model)
    assert state.status == "resting"
    assert {each.writer for each in drafted} == {writer}
    assert drafted[0].noticed_s < (GOAL_S + 2 * CONNECT_S) * MARGIN  # it is asked once more after a short pause
    known = drafted[3:]
    assert min(each.whole_s for each in known) < GOAL_S, drafted
    assert min(each.noticed_s for each in known) < 0.1, drafted
