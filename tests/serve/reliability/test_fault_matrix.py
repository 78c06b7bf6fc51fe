"""Everything that can go wrong with a model, through a real server process: the person gets an answer, and the truth.

One server has a model for each fault, all of them at one fault server, and a whole packet is made with each.
"""

import io
import re
import threading
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import pytest

from proofkit_core.packet import FallbackReason, Writer
from proofkit_serve.client import Client
from proofkit_serve.client.events import Event
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server
from proofkit_serve.sessions.document import Document
from proofkit_serve.wire.events import (
    AttemptEvent,
    DeltaEvent,
    DoneEvent,
    FallbackEvent,
    GenerationEventBody,
    ValidatedEvent,
    VoidEvent,
)
from proofkit_serve.wire.requests import ExerciseJob, PacketJob, SectionJob, SessionInput

BUDGET_S = 6.0
MARGIN_S = 2.0
"""Room for a machine that is busy with other work; every fault below ends by its own limit, far within the budget."""
SETTLES_S = 5.0
KEY = "for-nobody-else-to-see"
WAITED_FOR = {
    Scenario.SLOW_FIRST_TOKEN: "first_token_s = 0.5",
    Scenario.STALL: "idle_s = 0.5",
    Scenario.PINGS: "idle_s = 0.5",
}
"""Limits that these faults run into; the others end by themselves, however slow the machine is."""
PATIENT = "connect_s = 60.0, first_token_s = 60.0, idle_s = 60.0, total_s = 60.0"
THOUGHT = "The user wants"
"""What the fault server's model thinks aloud."""
WITHOUT_KEY = "without-key"
REASONS: dict[str, FallbackReason] = {
    Scenario.SLOW_FIRST_TOKEN: FallbackReason.TIME,
    Scenario.STALL: FallbackReason.TIME,
    Scenario.PINGS: FallbackReason.TIME,
    Scenario.CUT: FallbackReason.CUT_OFF,
    Scenario.UNFINISHED: FallbackReason.CUT_OFF,
    Scenario.DROPPED: FallbackReason.MODEL_UNAVAILABLE,
    Scenario.REFUSED: FallbackReason.MODEL_UNAVAILABLE,
    Scenario.RATE_LIMITED: FallbackReason.RATE_LIMITED,
    Scenario.SERVER_ERROR: FallbackReason.FAILED,
    Scenario.ERROR_EVENT: FallbackReason.FAILED,
    Scenario.WAKING: FallbackReason.FAILED,
    Scenario.WRONG_SCHEMA: FallbackReason.BAD_FORMAT,
    Scenario.TRUNCATED_JSON: FallbackReason.BAD_FORMAT,
    Scenario.ENDLESS_WHITESPACE: FallbackReason.BAD_FORMAT,
    Scenario.HUGE_ANSWER: FallbackReason.BAD_FORMAT,
    Scenario.HUGE_LINE: FallbackReason.BAD_FORMAT,
    Scenario.GARBAGE: FallbackReason.BAD_FORMAT,
    Scenario.STEADY: FallbackReason.LENGTH,
    Scenario.LENGTH: FallbackReason.LENGTH,
    Scenario.EMPTY: FallbackReason.EMPTY,
    Scenario.REASONING_ONLY: FallbackReason.EMPTY,
    Scenario.UNAUTHORIZED: FallbackReason.MODEL_UNAVAILABLE,
    Scenario.NOT_FOUND: FallbackReason.MODEL_UNAVAILABLE,
    Scenario.BAD_REQUEST: FallbackReason.REFUSED,
    Scenario.NO_PROVIDER: FallbackReason.REFUSED,
    Scenario.REDIRECT: FallbackReason.REFUSED,
    WITHOUT_KEY: FallbackReason.MODEL_UNAVAILABLE,
}
"""By fault, the reason that is told for the first text; later ones may find the model left alone."""
WHOLE = (
    Scenario.GOOD,
    Scenario.CHANNEL_LEAK,
    Scenario.REASONING,
    Scenario.THINK_TAGS,
    Scenario.HARMONY,
    Scenario.UNSTREAMED,
)
EXPORTED = (
    Scenario.CUT,
    Scenario.DROPPED,
    Scenario.REFUSED,
    Scenario.SERVER_ERROR,
    Scenario.UNAUTHORIZED,
    Scenario.REDIRECT,
    WITHOUT_KEY,
)
"""Faults whose errors name the server, the key or a file; a packet takes a second to render, so the others do not."""


class Remote(Protocol):
    def __call__(self, name: str, url: str, *, model: str = "", limits: str = "", more: str = "") -> str: ...


class Outside(Protocol):
    threads: int
    files: int
    is_idle: bool


WithGoal = Callable[..., SessionInput]
Look = Callable[[ServerProcess], Outside]


class Told(NamedTuple):
    """An event, and when it came."""

    at: float
    body: GenerationEventBody


class Played(NamedTuple):
    """What came of one packet."""

    document: Document
    told: list[Told]
    threads: tuple[int, int]
    """Before, and as soon as there were no more than that, or after some seconds."""
    files: tuple[int, int]
    idle: bool
    """Whether the server's own figures showed nothing under way afterwards."""
    left: bool
    """Whether the fault server had nothing under way."""

    @property
    def bodies(self) -> list[GenerationEventBody]:
        return [each.body for each in self.told]


class Stage(NamedTuple):
    """The server, and what it speaks with."""

    server: ServerProcess
    outside: Outside
    faults: FaultServer
    secrets: tuple[str, ...]
    """What nobody outside may see."""


Play = Callable[[str], Played]


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, remote: Remote, outside: Look, with_goal: WithGoal
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("faults")
    pace = Pace(slow_s=20.0, retry_after="60", huge_chars=3_000_000)
    with fault_server(pace=pace, key=KEY) as faults, fault_server(Scenario.REFUSED) as dead:
        models = [
            remote(
                scenario,
                (dead if scenario is Scenario.REFUSED else faults).base_url,
                model=f"fault:{scenario}",
                limits=WAITED_FOR.get(scenario, "total_s = 45.0"),
                more='key_env = "UPSTREAM_KEY"',
            )
            for scenario in Scenario
        ]
        patient = {"model": f"fault:{Scenario.STALL}", "limits": PATIENT}
        keyed = 'key_env = "UPSTREAM_KEY"'
        models += [
            remote(WITHOUT_KEY, faults.base_url, more=f'key_file = "{folder / "no-such.key"}"'),
            remote("patient", faults.base_url, more=f'{keyed}\nfallbacks = ["patient-too"]', **patient),
            remote("patient-too", faults.base_url, more=keyed, **patient),
        ]
        settings = {"budget_s": BUDGET_S, "default_model": Scenario.GOOD}
        limits = {"requests_per_minute": 0}
        with start_server(
            folder, models="".join(models), settings=settings, limits=limits, environ={"UPSTREAM_KEY": KEY}
        ) as server:
            _warm(server, with_goal)
            secrets = (f"127.0.0.1:{faults.port}", f"127.0.0.1:{dead.port}", str(folder), KEY)
            yield Stage(server, outside(server), faults, secrets)
            assert server.stop() == 0
        assert not re.search(r"Task was destroyed|never retrieved|Traceback", server.log), server.log


def _warm(server: ServerProcess, with_goal: WithGoal) -> None:
    """Have as much made at once as the server can, so that its pools of threads are as large as they get."""

    def make() -> None:
        with Client(server.url, timeout_s=120.0) as client:
            session = client.create_session(with_goal())
            client.wait(client.generate(session.id, PacketJob(kind="packet")).id)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module")
def play(stage: Stage, with_goal: WithGoal) -> Play:
    """Makes a packet with one of the models, once."""
    played: dict[str, Played] = {}

    def make(model: str) -> Played:
        if model not in played:
            played[model] = _play(stage, with_goal(model=model))
        return played[model]

    return make


def _play(stage: Stage, wanted: SessionInput) -> Played:
    threads, files = stage.outside.threads, stage.outside.files
    with Client(stage.server.url, timeout_s=120.0) as client:
        session = client.create_session(wanted)
        told = [Told(time.monotonic(), event.body) for event in client.draft(session.id, PacketJob(kind="packet"))]
        document = client.session(session.id)
    idle = _is_so(lambda: stage.outside.is_idle)
    left = _is_so(lambda: stage.faults.counts.in_flight == 0)
    _is_so(lambda: stage.outside.threads <= threads and stage.outside.files <= files + 1)
    after = stage.outside.threads, stage.outside.files
    return Played(document, told, (threads, after[0]), (files, after[1]), idle, left)


def _is_so(claim: Callable[[], bool]) -> bool:
    """Wait until something is so, and return whether that came to be within some seconds."""
    ends_at = time.monotonic() + SETTLES_S
    while not (true := claim()) and time.monotonic() < ends_at:
        time.sleep(0.05)
    return true


@pytest.mark.parametrize("fault", REASONS, ids=str)
def test_whatever_fails_a_whole_packet_comes_and_says_why(play: Play, fault: str) -> None:
    played = play(fault)
    assert isinstance(played.bodies[-1], DoneEvent)
    assert played.bodies[-1].status == "done"
    assert played.document.packet is not None
    assert played.document.sections
    for section in played.document.sections:
        assert section.section.markdown
        assert section.section.origin.writer is Writer.TEMPLATE
        assert section.section.origin.fallback is not None
    reasons = [body.reason for body in played.bodies if isinstance(body, FallbackEvent)]
    assert reasons[0] is REASONS[fault], reasons
    assert set(reasons) <= {REASONS[fault], FallbackReason.MODEL_UNAVAILABLE}
    fallbacks = [body for body in played.bodies if isinstance(body, FallbackEvent)]
    assert all(body.to == "the template" and body.user_message.endswith(".") for body in fallbacks)


@pytest.mark.parametrize("fault", REASONS, ids=str)
def test_each_text_comes_within_the_budget(play: Play, fault: str) -> None:
    begun = 0.0
    took: list[float] = []
    for at, body in play(fault).told:
        if isinstance(body, AttemptEvent) and not begun:
            begun = at
        elif isinstance(body, ValidatedEvent) and begun:
            took.append(at - begun)
            begun = 0.0
    assert took
    assert max(took) < BUDGET_S


@pytest.mark.parametrize("fault", [*REASONS, *WHOLE], ids=str)
def test_no_piece_of_a_text_that_was_turned_down_is_left(play: Play, fault: str) -> None:
    shown, number = "", 0
    for body in play(fault).bodies:
        match body:
            case AttemptEvent() if not shown:
                number = body.number
            case DeltaEvent(text=text):
                shown += text
            case VoidEvent(attempt=attempt):
                assert attempt == number
                shown = ""
            case ValidatedEvent(writer=Writer.MODEL):
                shown = ""
            case _:
                assert not shown, body
    assert not shown


@pytest.mark.parametrize("fault", [*REASONS, *WHOLE], ids=str)
def test_nothing_is_left_running(play: Play, fault: str) -> None:
    played = play(fault)
    assert played.idle
    assert played.left
    assert played.threads[1] <= played.threads[0]
    assert played.files[1] <= played.files[0] + 1  # a connection to the model may be kept for the next request


@pytest.mark.parametrize("way", WHOLE, ids=str)
def test_what_a_model_thinks_aloud_is_in_no_event_and_in_no_session(play: Play, way: str) -> None:
    played = play(way)
    assert {each.section.origin.writer for each in played.document.sections} == {Writer.MODEL}
    assert THOUGHT not in played.document.model_dump_json()
    assert all(THOUGHT not in body.model_dump_json() for body in played.bodies)


@pytest.mark.parametrize("fault", [*REASONS, *WHOLE], ids=str)
def test_neither_addresses_nor_paths_nor_keys_leave_with_the_session(stage: Stage, play: Play, fault: str) -> None:
    played = play(fault)
    told = played.document.model_dump_json() + "".join(body.model_dump_json() for body in played.bodies)
    assert [secret for secret in stage.secrets if secret in told] == []


@pytest.mark.parametrize("fault", EXPORTED, ids=str)
def test_neither_addresses_nor_paths_nor_keys_leave_with_the_packet(stage: Stage, play: Play, fault: str) -> None:
    with Client(stage.server.url, timeout_s=120.0) as client:
        packed = client.export(play(fault).document.id, "packet.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        read = {name: files.read(name) for name in files.namelist()}
    assert any(name.endswith("packet.json") for name in read)
    assert [(name, each) for name, data in read.items() for each in stage.secrets if each.encode() in data] == []


def test_the_key_of_a_model_stands_in_no_log(stage: Stage, play: Play) -> None:
    for fault in (Scenario.SERVER_ERROR, Scenario.UNAUTHORIZED, Scenario.ERROR_EVENT):  # the server repeats the key
        play(fault)
    assert KEY not in stage.server.log


def test_one_budget_holds_for_a_model_and_its_fallback_together(stage: Stage, with_goal: WithGoal) -> None:
    with Client(stage.server.url, timeout_s=120.0) as client:
        session = client.create_session(with_goal(model="patient"))
        section = _first_section(client, session.id)
        told = [
            Told(time.monotonic(), event.body)
            for event in client.draft(session.id, SectionJob(kind="section", section=section))
        ]
        (written,) = client.session(session.id).sections
    begun = next(at for at, body in told if isinstance(body, AttemptEvent))
    ended = next(at for at, body in told if isinstance(body, ValidatedEvent))
    assert BUDGET_S / 2 < ended - begun < BUDGET_S + MARGIN_S
    assert written.section.origin.writer is Writer.TEMPLATE
    assert {body.reason for _, body in told if isinstance(body, FallbackEvent)} == {FallbackReason.TIME}


def _first_section(client: Client, session_id: str) -> str:
    """Have the exercise made, which asks no model, and return the id of its first section."""
    client.wait(client.generate(session_id, ExerciseJob(kind="exercise")).id)
    exercise = client.session(session_id).exercise
    assert exercise is not None
    return exercise.sample.sections[0].id


@pytest.mark.parametrize("way", ["cancelled", "hung up"])
def test_a_stopped_generation_reaches_the_model_within_a_fifth_of_a_second(
    stage: Stage, with_goal: WithGoal, way: str
) -> None:
    """Take the best of some times: the machine may be busy, and the person's request is in them too."""
    took: list[float] = []
    with Client(stage.server.url, timeout_s=120.0) as client:
        session = client.create_session(with_goal(model="patient"))
        section = _first_section(client, session.id)
        while len(took) < 8 and min(took, default=1.0) > 0.2:
            events = cast("Generator[Event]", client.draft(session.id, SectionJob(kind="section", section=section)))
            generation = ""
            for event in events:
                if isinstance(event.body, DeltaEvent):
                    generation = client.generations(session.id).generations[-1].id
                    break
            assert stage.faults.counts.in_flight == 1
            ended: list[float] = []
            watching = threading.Thread(target=_watch, args=(stage.faults, ended))
            watching.start()
            asked = time.monotonic()
            if way == "cancelled":
                client.cancel(generation)
            else:
                events.close()
            watching.join()
            took.append(ended[0] - asked)
            assert client.wait(generation).status == "cancelled"
    assert min(took) <= 0.2, took


def _watch(faults: FaultServer, ended: list[float]) -> None:
    """Note when the fault server has nothing under way any more."""
    ends_at = time.monotonic() + 30.0
    while faults.counts.in_flight and time.monotonic() < ends_at:
        time.sleep(0.001)
    ended.append(time.monotonic())


def test_once_it_stops_no_connection_to_a_model_is_left(tmp_path: Path, remote: Remote, with_goal: WithGoal) -> None:
    with fault_server(Scenario.GOOD, Scenario.GOOD, Scenario.CUT, Scenario.GOOD, Scenario.SERVER_ERROR) as faults:
        with start_server(tmp_path, models=remote("far", faults.base_url)) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            client.wait(client.generate(session.id, PacketJob(kind="packet")).id)
            assert len(faults.seen) > 3
            assert server.stop() == 0
        assert faults.wait_idle(2.0), faults.counts
