"""Faults of a model that gets the editable prompts as a chat: free text and JSON fail in different ways.

Everything else about faults stands in `test_fault_matrix`, with whole prompts.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from proofkit_core.packet import FallbackReason
from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, FallbackEvent, GenerationEventBody, ValidatedEvent
from proofkit_serve.wire.requests import GoalInput, ModelChange, PacketJob, SessionInput, TravelJob

POST, BULLETS = "post", "bullets"
PARTS = (POST, BULLETS, "talking points")
GOAL = GoalInput(target_role="Project manager", background="Shift lead in a parcel depot for six years.")
REASONS: dict[Scenario, dict[str, FallbackReason]] = {
    Scenario.SLOW_FIRST_TOKEN: {POST: FallbackReason.TIME},
    Scenario.STALL: {POST: FallbackReason.TIME},
    Scenario.CUT: {POST: FallbackReason.CUT_OFF},
    Scenario.RATE_LIMITED: {POST: FallbackReason.RATE_LIMITED},
    Scenario.SERVER_ERROR: {POST: FallbackReason.FAILED},
    Scenario.WRONG_SCHEMA: {BULLETS: FallbackReason.BAD_FORMAT},
    Scenario.TRUNCATED_JSON: {BULLETS: FallbackReason.BAD_FORMAT},
    Scenario.CHANNEL_LEAK: {},
    Scenario.ENDLESS_WHITESPACE: {POST: FallbackReason.BAD_FORMAT, BULLETS: FallbackReason.BAD_FORMAT},
    Scenario.HUGE_ANSWER: {POST: FallbackReason.BAD_FORMAT, BULLETS: FallbackReason.BAD_FORMAT},
    Scenario.REFUSED: {POST: FallbackReason.MODEL_UNAVAILABLE},
}
"""Why the model is given up for a part. The form of an answer only matters where one was asked for."""
WAITED_FOR = {Scenario.SLOW_FIRST_TOKEN, Scenario.STALL}
"""Only these run into a limit, so only theirs are short: the others must not, however busy the machine is."""


class Chatting(NamedTuple):
    """A server whose models are chats, and a session whose sections are written."""

    client: Client
    session: str


def model(scenario: Scenario, base_url: str) -> str:
    seconds = 1.0 if scenario in WAITED_FOR else 18.0
    return (
        f'[[model]]\nid = "{scenario}"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault:{scenario}"\nbase_urls = ["{base_url}"]\n'
        f"limits = {{ first_token_s = {seconds}, idle_s = {seconds}, total_s = 18.0 }}\n\n"
    )


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatting]:
    pace = Pace(slow_s=60.0, retry_after="30")
    with fault_server(Scenario.GOOD, pace=pace) as faults, fault_server(Scenario.REFUSED) as dead:
        urls = dict.fromkeys(REASONS, faults.base_url) | {Scenario.REFUSED: dead.base_url}
        models = '[[model]]\nid = "template"\nbackend = "template"\n\n'
        models += "".join(model(scenario, url) for scenario, url in urls.items())
        folder, settings = tmp_path_factory.mktemp("chats"), {"budget_s": 20.0}
        with (
            start_server(folder, models=models, settings=settings, limits={"requests_per_minute": 0}) as server,
            Client(server.url, timeout_s=120.0) as client,
        ):
            session = client.create_session(SessionInput(goal=GOAL))
            client.wait(client.generate(session.id, PacketJob(kind="packet")).id)
            yield Chatting(client, session.id)


@pytest.mark.parametrize("scenario", REASONS, ids=str)
def test_each_part_is_written_all_the_same_and_says_why(chatting: Chatting, scenario: Scenario) -> None:
    client = chatting.client
    client.change(client.session(chatting.session), ModelChange(model=str(scenario)))
    taken = client.generate(chatting.session, TravelJob(kind="travel"))
    told = [event.body for event in client.follow(taken.id)]
    assert client.generation(taken.id).status is GenerationStatus.DONE
    travel = client.session(chatting.session).travel
    assert travel is not None
    assert travel.post.text
    assert travel.bullets.items
    first = {part: reasons[0] for part, reasons in zip(PARTS, reasons_of(told), strict=True) if reasons}
    assert {part: first.get(part) for part in REASONS[scenario]} == REASONS[scenario], first
    shown = "".join(body.text for body in told if isinstance(body, DeltaEvent)) + travel.model_dump_json()
    assert [mark for mark in ("analysis", "assistantfinal", "final{") if mark in shown] == []


def reasons_of(told: list[GenerationEventBody]) -> list[list[FallbackReason]]:
    """Return why models were given up for each piece of text, which ends with its `validated`."""
    found: list[list[FallbackReason]] = [[]]
    for body in told:
        if isinstance(body, FallbackEvent):
            found[-1].append(body.reason)
        elif isinstance(body, ValidatedEvent):
            found.append([])
    return found[:-1]
