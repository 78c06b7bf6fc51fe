"""The real desk, guard and HTTP backend against the fault server: what a bad server costs, and what is told."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from proofkit_core.drafting.asking import draft_text
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.events import Delta, DraftEvent, FellBack, Void
from proofkit_core.integrity import Carrier, FactLedger
from proofkit_core.packet import FallbackReason, Writer
from proofkit_core.workshop import NO_MODEL
from proofkit_prompts import load_contract
from proofkit_serve.chain import BreakerPhase
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.registry import ModelStatus, Registry, open_registry
from proofkit_serve.settings import load_settings

GOAL_S = 1.0
MARGIN = 4
"""The goal holds on a quiet machine with two cores; a shared one needs room."""
CONTRACT = load_contract()
NOTHING = FactLedger(user_facts=(), scenario_facts=(), company="", consent=())
FIELDS = {
    "target_role": "Warehouse supervisor",
    "background": "Baker for nine years.",
    "company": "Marramkeld Supply, a depot",
    "setting": "The yard is full by noon.",
    "facts": ("[S1] 4 loading bays",),
    "decision": "Close one bay or two?",
    "work_sample": "Risk plan",
    "section": "Recommendation",
    "section_goal": "Say what to do.",
}


class Told(NamedTuple):
    draft: Draft
    events: list[DraftEvent]
    seconds: float
    fell_back_s: float = 0.0
    """Seconds to the first fall back."""


Ask = Callable[[], Told]


def model(name: str, url: str, *, fallbacks: str = "", limits: str = "") -> str:
    return f"""
[[model]]
id = "{name}"
name = "{name.title()}"
backend = "openai_compatible"
base_urls = ["{url}"]
model = "{name}"
artifact_digest = "{"ab" * 32}"
contract = {{ version = "{CONTRACT.version}", digest = "{CONTRACT.digest}" }}
limits = {{ {limits or "total_s = 45.0"} }}
fallbacks = [{fallbacks}]
"""


@contextmanager
def registry_of(tmp_path: Path, *models: str) -> Generator[Registry]:
    path = tmp_path / "models.toml"
    path.write_text("".join(models), encoding="utf-8")
    settings = load_settings(environ={}, given={"models": str(path), "data_dir": str(tmp_path)})
    with open_registry(settings, environ={}) as registry:
        registry.warm_up(registry.default_id)  # as a service does when it starts: the HTTP library is loaded then
        yield registry


def ask(registry: Registry, model_id: str = "first", *, time_limit_s: float = 45.0) -> Told:
    """Draft one section with a model's chain; the composer is behind it."""
    events: list[DraftEvent] = []
    fell_back: list[float] = []
    count = registry.observer()

    def on_event(event: DraftEvent) -> None:
        events.append(event)
        count(event)
        if isinstance(event, FellBack):
            fell_back.append(time.monotonic())

    desk = Desk(
        contract=CONTRACT,
        candidates=registry.chain(model_id),
        facts=NOTHING,
        typed="",
        why_no_model=NO_MODEL,
        time_limit_s=time_limit_s,
        on_event=on_event,
    )
    started = time.monotonic()
    draft = draft_text(desk, "draft_section", FIELDS, carrier=Carrier.SECTION)
    fell_back_s = fell_back[0] - started if fell_back else 0.0
    return Told(draft, events, time.monotonic() - started, fell_back_s)


def test_a_port_where_nobody_listens_costs_under_a_second_and_then_nothing(tmp_path: Path) -> None:
    with fault_server(Scenario.REFUSED) as dead, registry_of(tmp_path, model("first", dead.base_url)) as registry:
        times = [ask(registry) for _ in range(6)]
        assert all(each.draft.value is None for each in times)
        assert times[0].draft.origin.writer is Writer.TEMPLATE
        assert max(each.seconds for each in times) < GOAL_S * MARGIN
        assert min(each.seconds for each in times[2:]) < 0.1
        (state,) = registry.states()
        assert state.status is ModelStatus.RESTING
        assert state.breaker.phase is BreakerPhase.OPEN
        fallback = times[0].draft.origin.fallback
        assert fallback is not None
        assert fallback.reason is FallbackReason.MODEL_UNAVAILABLE


def test_behind_a_dead_model_the_next_one_writes(tmp_path: Path) -> None:
    with fault_server(Scenario.REFUSED) as dead, fault_server(Scenario.GOOD) as good:
        models = (model("first", dead.base_url, fallbacks='"second"'), model("second", good.base_url))
        with registry_of(tmp_path, *models) as registry:
            told = ask(registry)
            assert told.draft.origin.writer is Writer.MODEL, told.draft.origin
            assert told.fell_back_s < GOAL_S * MARGIN
            assert [each.model.id for each in told.draft.origin.tried] == ["first", "second"]
            fell = [event for event in told.events if isinstance(event, FellBack)]
            assert [(event.from_model, event.to) for event in fell] == [("First", "Second")]
        assert good.wait_idle()


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (Scenario.SLOW_FIRST_TOKEN, FallbackReason.TIME),
        (Scenario.STALL, FallbackReason.TIME),
        (Scenario.PINGS, FallbackReason.TIME),
        (Scenario.CUT, FallbackReason.CUT_OFF),
        (Scenario.RATE_LIMITED, FallbackReason.RATE_LIMITED),
        (Scenario.SERVER_ERROR, FallbackReason.FAILED),
        (Scenario.UNAUTHORIZED, FallbackReason.MODEL_UNAVAILABLE),
        (Scenario.NOT_FOUND, FallbackReason.MODEL_UNAVAILABLE),
        (Scenario.LENGTH, FallbackReason.LENGTH),
        (Scenario.EMPTY, FallbackReason.EMPTY),
    ],
)
def test_each_fault_ends_with_the_template_within_the_limits_and_leaves_nothing_behind(
    tmp_path: Path, scenario: Scenario, reason: FallbackReason
) -> None:
    before = threading.active_count()
    pace = Pace(slow_s=20.0, retry_after="60")
    with fault_server(scenario, pace=pace) as server:
        limits = "first_token_s = 0.5, idle_s = 0.5, total_s = 3.0"
        with registry_of(tmp_path, model("first", server.base_url, limits=limits)) as registry:
            told = ask(registry)
            assert told.draft.origin.writer is Writer.TEMPLATE
            assert told.seconds < 8.0
            fallback = told.draft.origin.fallback
            assert fallback is not None
            assert fallback.reason is reason, fallback
            assert_nothing_is_spliced(told.events)
            kept = told.draft.origin.model_dump_json()
            assert "127.0.0.1" not in kept
            assert str(server.port) not in kept
        assert server.wait_idle(), server.counts
    assert threading.active_count() == before


def test_where_a_key_lies_is_kept_for_those_who_run_the_service(tmp_path: Path) -> None:
    key_file = tmp_path / "house-key"
    with fault_server(Scenario.GOOD) as server:
        text = model("first", server.base_url).replace("model =", f'key_file = "{key_file}"\nmodel =', 1)
        with registry_of(tmp_path, text) as registry:
            for _ in range(2):
                kept = ask(registry).draft.origin.model_dump_json()
                assert "house-key" not in kept
                assert str(tmp_path) not in kept
            assert str(key_file) in registry.states()[0].last_error


def assert_nothing_is_spliced(events: list[DraftEvent]) -> None:
    """After a failed attempt's text there is a `Void` before anything else is told."""
    shown = False
    for event in events:
        if isinstance(event, Delta):
            shown = True
        elif isinstance(event, Void):
            shown = False
        else:
            assert not shown, events


def test_a_model_that_is_slow_to_begin_is_left_alone_after_the_second_time(tmp_path: Path) -> None:
    with fault_server(Scenario.SLOW_FIRST_TOKEN, pace=Pace(slow_s=20.0)) as server:
        with registry_of(tmp_path, model("first", server.base_url, limits="first_token_s = 0.4")) as registry:
            times = [ask(registry).seconds for _ in range(6)]
            assert min(times[:2]) >= 0.4
            assert min(times[2:]) < 0.1
            assert len(server.seen) == 2
        assert server.wait_idle()


def test_one_refusal_for_too_many_requests_is_waited_for_and_tried_again(tmp_path: Path) -> None:
    with (
        fault_server(Scenario.RATE_LIMITED, Scenario.GOOD, pace=Pace(retry_after="1")) as server,
        registry_of(tmp_path, model("first", server.base_url)) as registry,
    ):
        told = ask(registry)
        assert told.draft.origin.writer is Writer.MODEL, told.draft.origin
        assert told.seconds >= 1.0
        (state,) = registry.states()
        assert (state.counts.retried, state.counts.answered) == (1, 1)


def test_a_starting_server_is_told_as_waking_and_not_as_failed(tmp_path: Path) -> None:
    with (
        fault_server(Scenario.WAKING, pace=Pace(retry_after="30")) as server,
        registry_of(tmp_path, model("first", server.base_url)) as registry,
    ):
        told = ask(registry)
        assert told.seconds < GOAL_S * MARGIN
        (state,) = registry.states()
        assert state.status is ModelStatus.WAKING
        assert 20 < state.breaker.rests_for_s <= 30


def test_answers_that_are_turned_down_are_counted_apart_and_open_no_breaker(tmp_path: Path) -> None:
    with (
        fault_server(Scenario.GOOD, answer=lambda _: "Yes.") as server,
        registry_of(tmp_path, model("first", server.base_url)) as registry,
    ):
        for _ in range(4):
            assert ask(registry).draft.value is None
        (state,) = registry.states()
        assert state.breaker.phase is BreakerPhase.CLOSED
        assert state.counts.failures == {}
        assert state.counts.quality
        assert state.counts.answered >= 4


def test_after_a_fault_the_model_is_used_again_once_it_is_back(tmp_path: Path) -> None:
    with fault_server(Scenario.SERVER_ERROR) as server:
        with registry_of(tmp_path, model("first", server.base_url)) as registry:
            while registry.states()[0].breaker.phase is BreakerPhase.CLOSED:
                ask(registry)
            server.then(Scenario.GOOD)
            assert ask(registry).draft.origin.writer is Writer.TEMPLATE
            registry.retry("first")
            assert ask(registry).draft.origin.writer is Writer.MODEL
        assert server.wait_idle()
