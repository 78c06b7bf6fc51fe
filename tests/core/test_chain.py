"""The chain of one text: candidates in turn, one time limit, the composer behind, and events that never splice."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.drafting.asking import draft_json, draft_text
from proofkit_core.drafting.desk import RETRIES, Desk, Draft
from proofkit_core.drafting.events import Attempt, Delta, DraftEvent, FellBack, Queued, Validated, Void
from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import (
    CancelSignal,
    Candidate,
    Completion,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    PromptKind,
)
from proofkit_core.integrity import Carrier, FactLedger
from proofkit_core.making import NO_MODEL
from proofkit_core.packet import Fallback, FallbackReason, Writer
from proofkit_prompts import EditablePrompt, FrozenPrompt, load_contract

CONTRACT = load_contract("v1")
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
GOOD = (
    "I would close one bay at noon and keep the other three open. Drivers who come late wait at the gate, and somebody "
    "tells them how long. The lead of each shift decides it alone, because nobody else sees the yard at that hour."
)
OTHER = GOOD.replace("close one bay", "shut a single bay")
SHORT = "Yes."


class Says(NamedTuple):
    """What a model does when it is asked."""

    text: str = GOOD
    error: GenerationError | None = None
    """Raised after the text was told."""
    finish: FinishReason = FinishReason.STOP
    seconds: float = 0.0
    tells_late: bool = False
    """Tells another piece after it has returned."""


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Model:
    """A backend that does one thing after the other, and the last one from then on."""

    def __init__(self, name: str, *plan: Says, clock: Clock | None = None) -> None:
        self.identity = ModelIdentity(id=name, name=name.title(), artifact_digest=name * 8)
        self.requests: list[GenerationRequest] = []
        self._plan = plan or (Says(),)
        self._clock = clock
        self.late: list[Callable[[str], None]] = []

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        del cancel
        for late in self.late:
            late("late ")
        says = self._plan[min(len(self.requests), len(self._plan) - 1)]
        self.requests.append(request)
        if on_place is not None:
            on_place(1)
            on_place(0)
        if self._clock is not None:
            self._clock.now += says.seconds
        if on_text is not None:
            for word in says.text.split(" "):
                on_text(f"{word} ")
            self.late += [on_text] if says.tells_late else []
        if says.error is not None:
            raise says.error
        return Completion(
            text=says.text,
            finish_reason=says.finish,
            model=self.identity,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=len(says.text.split()),
            first_token_s=0.0,
            total_s=0.0,
        )


def dropped(text: str) -> Fallback | None:
    """Turn down a text that misses the person's point."""
    kept = "bay" in text
    return None if kept else Fallback(reason=FallbackReason.DROPPED_POINTS, message="the draft left out “bay”")


def ask(*candidates: Candidate | Model, **settings: Any) -> tuple[Draft, list[DraftEvent]]:  # noqa: ANN401 - the desk's
    """Ask for a section, and return it with everything that was told."""
    events: list[DraftEvent] = []
    desk = Desk(
        contract=CONTRACT,
        candidates=tuple(c if isinstance(c, Candidate) else Candidate(c) for c in candidates),
        facts=NOTHING,
        typed="",
        why_no_model=NO_MODEL,
        on_event=events.append,
    )
    desk = replace(desk, **settings)
    extra = (dropped,)
    draft = draft_text(desk, "draft_section", FIELDS, carrier=Carrier.SECTION, extra=extra, begin=lambda _: "One bay.")
    return draft, events


def names(draft: Draft) -> list[str]:
    return [tried.model.id for tried in draft.origin.tried]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.EMPTY])
def test_a_model_that_cannot_be_reached_is_asked_once_and_the_next_one_writes(kind: FailureKind) -> None:
    first, second = Model("first", Says("", GenerationError("no", kind=kind))), Model("second")
    draft, events = ask(first, second)
    assert draft.value == GOOD
    assert names(draft) == ["first", "second"]
    assert draft.origin.writer is Writer.MODEL
    assert draft.origin.model == second.identity
    told = [event for event in events if isinstance(event, FellBack)]
    assert [(event.from_model, event.to) for event in told] == [("First", "Second")]


def test_an_unusable_draft_is_asked_for_again_and_then_the_next_model_is_asked() -> None:
    first, second = Model("first", Says(SHORT)), Model("second", Says(SHORT), Says())
    draft, _ = ask(first, second)
    assert names(draft) == ["first"] * (1 + len(RETRIES)) + ["second"] * 2
    assert draft.value == GOOD
    assert [request.decoding for request in first.requests[1:]] == list(RETRIES)
    assert draft.origin.attempts == len(draft.origin.tried)


def test_a_large_general_model_gets_one_repair_and_is_told_the_fault() -> None:
    general = Model("general", Says(GOOD.replace("bay", "door")))
    draft, _ = ask(Candidate(general, PromptKind.EDITABLE), Model("second"))
    assert names(draft) == ["general"] * 2 + ["second"]
    first, repair = [request.prompt.user for request in general.requests]
    assert "<problem>" not in first
    assert repair.startswith(first)
    assert repair.endswith("<problem>\nthe draft left out “bay”\n</problem>")
    assert {each.prompt_set for each in draft.origin.tried[:2]} == {"general-1"}


def test_a_model_with_frozen_prompts_is_told_nothing_and_gets_two_more_tries() -> None:
    tuned = Model("tuned", Says(SHORT))
    draft, _ = ask(tuned)
    assert names(draft) == ["tuned"] * 3
    assert {request.prompt.user for request in tuned.requests} == {CONTRACT.render("draft_section", FIELDS).user}


def test_an_empty_answer_is_asked_for_again() -> None:
    draft, _ = ask(Model("first", Says("", GenerationError("nothing", kind=FailureKind.EMPTY)), Says()))
    assert names(draft) == ["first", "first"]
    assert draft.value == GOOD


def test_without_any_usable_draft_the_template_steps_in_with_the_last_reason() -> None:
    gone = GenerationError("no route", kind=FailureKind.CONNECT)
    draft, events = ask(Model("first", Says(SHORT)), Model("second", Says("", gone)))
    assert draft.value is None
    assert draft.origin.writer is Writer.TEMPLATE
    assert draft.origin.fallback
    assert draft.origin.fallback.reason is FallbackReason.MODEL_UNAVAILABLE
    assert "no route" in draft.origin.fallback.detail
    assert events[-1] == Validated(attempt=4, writer=Writer.TEMPLATE)
    assert [e.message for e in events if isinstance(e, FellBack)] == [
        "The draft was too short to say anything (First), so Second is asked next.",
        "The model could not be reached (Second), so the template writes this text.",
    ]


def test_without_candidates_nothing_is_asked_and_the_reason_is_the_desks() -> None:
    draft, events = ask()
    assert draft.origin.fallback == NO_MODEL
    assert draft.origin.tried == ()
    assert events == [Validated(attempt=0, writer=Writer.TEMPLATE)]


REASONS = {
    FailureKind.CONNECT: FallbackReason.MODEL_UNAVAILABLE,
    FailureKind.QUEUE: FallbackReason.BUSY,
    FailureKind.FIRST_TOKEN: FallbackReason.TIME,
    FailureKind.IDLE: FallbackReason.TIME,
    FailureKind.TOTAL: FallbackReason.TIME,
    FailureKind.RATE_LIMITED: FallbackReason.RATE_LIMITED,
    FailureKind.SERVER: FallbackReason.FAILED,
    FailureKind.AUTH: FallbackReason.MODEL_UNAVAILABLE,
    FailureKind.NOT_FOUND: FallbackReason.MODEL_UNAVAILABLE,
    FailureKind.REFUSED: FallbackReason.REFUSED,
    FailureKind.EMPTY: FallbackReason.EMPTY,
    FailureKind.CUT: FallbackReason.CUT_OFF,
    FailureKind.BAD_ANSWER: FallbackReason.BAD_FORMAT,
    FailureKind.BREAKER_OPEN: FallbackReason.MODEL_UNAVAILABLE,
    FailureKind.UNKNOWN: FallbackReason.FAILED,
}


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_a_reason_and_a_plain_sentence(kind: FailureKind) -> None:
    draft, events = ask(Model("first", Says("", GenerationError("x", kind=kind))))
    told = next(event for event in events if isinstance(event, FellBack))
    assert draft.origin.fallback
    assert told.reason is draft.origin.fallback.reason is REASONS[kind]
    assert told.message.endswith("(First), so the template writes this text.")


@pytest.mark.parametrize("kind", [FailureKind.UNKNOWN, FailureKind.REFUSED, FailureKind.NOT_FOUND])
def test_a_model_that_cannot_be_used_at_all_is_told_as_such(kind: FailureKind) -> None:
    draft, _ = ask(Model("first", Says("", ModelUnavailableError("gone", kind=kind))))
    assert draft.origin.fallback
    assert draft.origin.fallback.reason is FallbackReason.MODEL_UNAVAILABLE


def test_all_tries_of_all_models_share_one_time_limit() -> None:
    clock = Clock()
    first = Model("first", Says(SHORT, seconds=12.0), clock=clock)
    second = Model("second", Says(SHORT, seconds=4.0), clock=clock)
    draft, _ = ask(first, second, clock=clock, time_limit_s=45.0)
    limits = [request.time_limit_s for request in (*first.requests, *second.requests)]
    assert limits == pytest.approx([45.0, 33.0, 21.0, 9.0, 5.0, 1.0])
    assert names(draft) == ["first"] * 3 + ["second"] * 3
    assert clock.now - 100.0 == pytest.approx(48.0)


def test_with_the_time_used_up_nobody_else_is_asked() -> None:
    clock = Clock()
    slow = Model("slow", Says("The plan", finish=FinishReason.DEADLINE, seconds=45.0), clock=clock)
    draft, events = ask(slow, Model("next"), clock=clock)
    assert names(draft) == ["slow"]
    assert draft.origin.fallback
    assert draft.origin.fallback.reason is FallbackReason.TIME
    assert next(event.to for event in events if isinstance(event, FellBack)) == "the template"


def test_a_slow_model_within_the_limit_leaves_the_rest_to_the_next_one() -> None:
    clock = Clock()
    stalled = Says("", GenerationError("stalled", kind=FailureKind.IDLE), seconds=20.0)
    slow, following = Model("slow", stalled, clock=clock), Model("next")
    draft, _ = ask(slow, following, clock=clock)
    assert draft.value == GOOD
    assert following.requests[0].time_limit_s == pytest.approx(25.0)


@pytest.mark.parametrize(
    "says", [Says(finish=FinishReason.CANCELLED), Says(error=GenerationCancelledError("stopped by its guard"))]
)
def test_stopping_ends_the_chain_and_takes_the_text_back(says: Says) -> None:
    events: list[DraftEvent] = []
    following = Model("next")
    with pytest.raises(GenerationCancelledError):
        ask(Model("first", says), following, on_event=events.append)
    assert events[-1] == Void(attempt=1, reason=FallbackReason.CANCELLED)
    assert following.requests == []


def test_a_stop_between_two_tries_asks_nobody_else() -> None:
    stop = threading.Event()

    def on_event(event: DraftEvent) -> None:
        if isinstance(event, Void):
            stop.set()

    model = Model("first", Says(SHORT))
    with pytest.raises(GenerationCancelledError):
        ask(model, on_event=on_event, cancel=stop)
    assert len(model.requests) == 1


def test_an_editable_candidate_gets_the_editable_prompt_and_is_marked() -> None:
    general = Model("general")
    draft, events = ask(
        Candidate(general, PromptKind.EDITABLE, mark="not trained on these prompts"),
    )
    prompt = general.requests[0].prompt
    assert isinstance(prompt, EditablePrompt)
    assert "<section_goal>" in prompt.user
    assert draft.origin.prompt_set == prompt.prompt_set == "general-1"
    assert draft.origin.task_digest == ""
    assert draft.origin.mark == "not trained on these prompts"
    assert events[0] == Attempt(
        number=1, model=general.identity, prompt_set="general-1", mark="not trained on these prompts"
    )


def test_a_frozen_candidate_gets_the_contracts_bytes() -> None:
    tuned = Model("tuned")
    draft, _ = ask(tuned)
    prompt = tuned.requests[0].prompt
    assert isinstance(prompt, FrozenPrompt)
    assert prompt == CONTRACT.render("draft_section", FIELDS)
    assert draft.origin.task_digest == CONTRACT.task_digest("draft_section")


def test_only_a_frozen_candidate_is_made_to_begin_with_the_dropped_point() -> None:
    pointless = Says(GOOD.replace("bay", "door"))
    tuned, general = Model("tuned", pointless), Model("general", pointless)
    ask(tuned, Candidate(general, PromptKind.EDITABLE))
    assert [request.opening for request in tuned.requests] == ["", "One bay.", "One bay."]
    assert {request.opening for request in general.requests} == {""}


def test_what_was_tried_is_told_with_the_text() -> None:
    draft, _ = ask(Model("first", Says(SHORT)), Model("second"), retries=())
    one, two = draft.origin.tried
    assert one.fallback
    assert one.fallback.reason is FallbackReason.EMPTY
    assert (one.completion_tokens, two.completion_tokens) == (1, len(GOOD.split()))
    assert two.fallback is None
    assert two.prompt_set == "frozen v1"
    assert draft.origin.completion_tokens == 1 + len(GOOD.split())


@pytest.mark.parametrize(("kind", "tries"), [(PromptKind.FROZEN, 3), (PromptKind.EDITABLE, 2)])
@pytest.mark.parametrize("answer", ["no JSON", '{"bullets": [], "more": 1}', '{"bullets": ["Simula'])
def test_an_answer_without_the_schema_is_asked_for_again(kind: PromptKind, tries: int, answer: str) -> None:
    model = Model("first", Says(answer))
    desk = Desk(CONTRACT, (Candidate(model, kind),), facts=NOTHING, typed="", why_no_model=NO_MODEL)
    fields = {key: FIELDS[key] for key in ("target_role", "background", "company", "facts", "decision", "work_sample")}
    origin = draft_json(
        desk,
        "resume_bullets",
        fields | {"draft": "Recommendation\nClose one bay."},
        carrier=Carrier.BULLET,
        texts_of=lambda value: list(value["bullets"]),
        rebuild=tuple,
    ).origin
    assert origin.attempts == len(model.requests) == tries
    assert origin.fallback
    assert origin.fallback.reason is FallbackReason.BAD_FORMAT
    told = model.requests[-1].prompt.user
    assert ("<problem>\nthe draft did not have the form" in told) is (kind is PromptKind.EDITABLE)


def test_a_json_task_tells_no_text() -> None:
    events: list[DraftEvent] = []
    desk = Desk(
        contract=CONTRACT,
        candidates=(Candidate(Model("first", Says('{"bullets": ["x"]}'))),),
        facts=NOTHING,
        typed="",
        why_no_model=NO_MODEL,
        on_event=events.append,
    )
    fields = {key: FIELDS[key] for key in ("target_role", "background", "company", "facts", "decision", "work_sample")}
    draft_json(
        desk,
        "resume_bullets",
        fields | {"draft": "Recommendation\nClose one bay."},
        carrier=Carrier.BULLET,
        texts_of=lambda value: list(value["bullets"]),
        rebuild=tuple,
    )
    assert {type(event) for event in events} <= {Attempt, Queued, FellBack, Validated}


def test_the_place_in_the_queue_is_told() -> None:
    _, events = ask(Model("first"))
    assert [event.position for event in events if isinstance(event, Queued)] == [1, 0]


def test_without_a_listener_a_backend_is_asked_for_no_pieces() -> None:
    model = Model("first", Says(tells_late=True))
    draft, _ = ask(model, on_event=None)
    assert draft.value == GOOD
    assert model.late == []


SAID = st.sampled_from(
    [GOOD, OTHER, SHORT, "", GOOD.replace("bay", "door"), GOOD.removesuffix("hour."), "Role: Baker\nDecision: wait"]
)
ERRORS = st.sampled_from([None, None, *(GenerationError("x", kind=kind) for kind in FailureKind)])
ENDS = st.sampled_from([FinishReason.STOP] * 4 + [FinishReason.LENGTH, FinishReason.DEADLINE, FinishReason.CANCELLED])
SAYS = st.builds(Says, SAID, ERRORS, ENDS, st.floats(0, 30), st.booleans())
PLANS = st.lists(st.lists(SAYS, min_size=1, max_size=3), max_size=4)


def shown(events: list[DraftEvent]) -> Iterator[str]:
    """Follow the events as a page would, holding them to the rule; yield what it shows after each."""
    page, attempt, settled = "", 0, False
    for event in events:
        assert not settled, "something was told after the text was settled"
        match event:
            case Attempt(number=number):
                assert page == "", "another attempt began before the text was taken back"
                assert number == attempt + 1
                attempt = number
            case Delta(text=text):
                page += text
            case Void(attempt=number):
                assert number == attempt
                page = ""
            case Validated(attempt=number, writer=writer):
                assert number == attempt
                assert writer is Writer.MODEL or page == ""
                settled = True
            case FellBack():
                assert page == "", "another writer took over before the text was taken back"
            case Queued():
                pass
        yield page


@settings(max_examples=300, deadline=None)
@given(plans=PLANS, retries=st.integers(0, 2))
def test_text_of_two_attempts_is_never_spliced(plans: list[list[Says]], retries: int) -> None:
    clock = Clock()
    models = [Model(f"m{number}", *plan, clock=clock) for number, plan in enumerate(plans)]
    events: list[DraftEvent] = []
    try:
        draft, _ = ask(*models, clock=clock, retries=RETRIES[:retries], on_event=events.append)
    except GenerationCancelledError:
        assert [*shown(events)][-1] == ""
        return
    page = [*shown(events)][-1]
    assert isinstance(events[-1], Validated)
    assert page.strip() == (draft.value or "")
    asked = [event for event in events if isinstance(event, Attempt)]
    assert [event.model for event in asked] == [tried.model for tried in draft.origin.tried]
    turned_down = [tried for tried in draft.origin.tried if tried.fallback]
    assert len(turned_down) == len(asked) - (draft.value is not None)
    assert {model.requests[0].time_limit_s <= 45.0 for model in models if model.requests} <= {True}
