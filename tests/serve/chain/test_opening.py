"""A model that opens slowly, or not at all, behind the real desk, guard and breaker: opening counts like answering."""

import threading
import time
from dataclasses import dataclass, field

import pytest

from proofkit_core.drafting.asking import draft_text
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.events import Attempt, DraftEvent
from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError
from proofkit_core.generation import Candidate, ModelIdentity
from proofkit_core.integrity import Carrier, FactLedger
from proofkit_core.packet import FallbackReason, Writer
from proofkit_core.workshop import NO_MODEL
from proofkit_prompts import load_contract
from proofkit_serve.chain import Breaker, BreakerPhase, TryLimits, guard
from proofkit_serve.registry.lazy import Lazy, OpenBackend

MARGIN_S = 0.5
"""Room for a busy machine beyond what is promised."""
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


@dataclass
class Service:
    """One model behind its guard, and what was told."""

    lazy: Lazy
    breaker: Breaker
    events: list[tuple[float, DraftEvent]] = field(default_factory=list[tuple[float, DraftEvent]])

    def draft(self, *, time_limit_s: float, cancel: threading.Event | None = None) -> Draft:
        guarded = guard(self.lazy, TryLimits(), self.breaker, clock=time.monotonic, sleep=time.sleep)
        desk = Desk(
            contract=load_contract(),
            candidates=(Candidate(guarded.for_requester("one")),),
            facts=FactLedger(user_facts=(), scenario_facts=(), company="", consent=()),
            typed="",
            why_no_model=NO_MODEL,
            time_limit_s=time_limit_s,
            cancel=cancel,
            on_event=lambda event: self.events.append((time.monotonic(), event)),
        )
        return draft_text(desk, "draft_section", FIELDS, carrier=Carrier.SECTION)


class Opener:
    """Takes its time and then fails; counts how often it was asked."""

    def __init__(self, seconds: float) -> None:
        self.asked = 0
        self._seconds = seconds
        self.stop = threading.Event()

    def __call__(self) -> OpenBackend:
        self.asked += 1
        self.stop.wait(self._seconds)
        raise GenerationError("the hub does not answer at 10.0.0.7", kind=FailureKind.CONNECT)


def service(opener: Opener) -> Service:
    lazy = Lazy(opener, until_open=ModelIdentity(id="slow", name="Slow", artifact_digest="0"))
    return Service(lazy, Breaker(clock=time.monotonic))


def test_a_cancel_ends_a_draft_whose_model_is_being_opened() -> None:
    opener = Opener(3.0)
    slow, cancel = service(opener), threading.Event()
    threading.Timer(0.1, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(GenerationCancelledError):
        slow.draft(time_limit_s=45.0, cancel=cancel)
    assert time.monotonic() - started < 0.3 + MARGIN_S
    assert slow.breaker.state().phase is BreakerPhase.CLOSED
    opener.stop.set()
    slow.lazy.close()


def test_the_time_limit_of_a_text_holds_while_its_model_is_being_opened() -> None:
    opener = Opener(3.0)
    slow = service(opener)
    started = time.monotonic()
    draft = slow.draft(time_limit_s=2.0)
    assert time.monotonic() - started < 2.0 + MARGIN_S
    assert draft.origin.writer is Writer.TEMPLATE
    assert draft.origin.fallback is not None
    assert draft.origin.fallback.reason is FallbackReason.TIME
    told, event = slow.events[0]
    assert isinstance(event, Attempt), "the attempt is told before the model is opened"
    assert told - started < MARGIN_S
    opener.stop.set()
    slow.lazy.close()


def test_a_model_that_does_not_open_is_left_alone_like_one_that_does_not_answer() -> None:
    opener = Opener(0.0)
    slow = service(opener)
    drafts = [slow.draft(time_limit_s=45.0) for _ in range(5)]
    assert opener.asked <= 4, "twice for the first text, whose connection is tried again, and then until it rests"
    assert slow.breaker.state().phase is BreakerPhase.OPEN
    assert {draft.origin.writer for draft in drafts} == {Writer.TEMPLATE}
    assert not [draft for draft in drafts if "10.0.0.7" in draft.origin.model_dump_json()]
    slow.lazy.close()
