"""The guard: limits for each try, one retry where it helps, and no spliced text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract
from proofkit_prompts.errors import PromptKindError
from proofkit_serve.chain import Breaker, BreakerPhase, Guarded, TryLimits, guard

IDENTITY = ModelIdentity(id="scripted", name="Scripted", artifact_digest="0" * 64)
PROMPT = load_contract().render("linkedin_post", {"target_role": "x", "company": "y", "work_sample": "z"})
REQUEST = GenerationRequest(prompt=PROMPT, time_limit_s=45.0)


class Clock(Protocol):
    now: float

    def __call__(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass
class Script:
    """A backend whose answers are functions, taken in turn; the last one goes on."""

    answers: "list[Act]"
    turns: list["Turn"] = field(default_factory=list["Turn"])
    identity: ModelIdentity = IDENTITY

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        assert cancel is not None
        assert on_text is not None
        assert on_place is not None
        turn = Turn(request, cancel, on_text, on_place)
        self.turns.append(turn)
        return self.answers[min(len(self.turns), len(self.answers)) - 1](turn)


@dataclass(frozen=True)
class Turn:
    """One call, as the backend sees it."""

    request: GenerationRequest
    cancel: CancelSignal
    on_text: Callable[[str], None]
    on_place: Callable[[int], None]

    def ended(self, reason: FinishReason = FinishReason.STOP, text: str = "An answer.") -> Completion:
        return Completion(
            text=text,
            finish_reason=reason,
            model=IDENTITY,
            prompt_tokens=7,
            reused_tokens=0,
            completion_tokens=3,
            first_token_s=0.0,
            total_s=0.0,
        )


Act = Callable[[Turn], Completion]
Make = Callable[..., tuple[Guarded, Script]]


@pytest.fixture
def guarded(clock: Clock) -> Make:
    def make(*answers: Act, **limits: float) -> tuple[Guarded, Script]:
        backend = Script(list(answers))
        breaker = Breaker(clock=clock)
        return guard(backend, TryLimits(**limits), breaker, clock=clock, sleep=clock.sleep), backend

    return make


def fails(kind: FailureKind, retry_after_s: float | None = None, *, after: str = "") -> Act:
    def act(turn: Turn) -> Completion:
        if after:
            turn.on_text(after)
        raise GenerationError(f"failed: {kind}", kind=kind, retry_after_s=retry_after_s)

    return act


def answers(turn: Turn) -> Completion:
    turn.on_text("An answer.")
    return turn.ended()


def test_an_answer_goes_through_as_it_is(guarded: Make) -> None:
    guard_, backend = guarded(answers)
    heard: list[str] = []
    completion = guard_.generate(REQUEST, on_text=heard.append)
    assert completion.text == "An answer."
    assert heard == ["An answer."]
    assert backend.turns[0].request.prompt == REQUEST.prompt
    counts = guard_.counting.snapshot()
    assert (counts.answered, counts.prompt_tokens, counts.completion_tokens, counts.busy) == (1, 7, 3, 0)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_only_a_refused_connection_a_full_server_and_a_server_error_are_tried_again(
    guarded: Make, kind: FailureKind
) -> None:
    guard_, backend = guarded(fails(kind), answers)
    again = kind in {FailureKind.CONNECT, FailureKind.RATE_LIMITED, FailureKind.SERVER}
    if again:
        assert guard_.generate(REQUEST).text == "An answer."
    else:
        with pytest.raises(GenerationError) as caught:
            guard_.generate(REQUEST)
        assert caught.value.kind is kind
    assert len(backend.turns) == 1 + again
    assert guard_.counting.snapshot().retried == again


def test_there_is_one_second_try_and_no_third(guarded: Make) -> None:
    guard_, backend = guarded(fails(FailureKind.SERVER))
    with pytest.raises(GenerationError, match="Scripted had an error"):
        guard_.generate(REQUEST)
    assert len(backend.turns) == 2


@pytest.mark.parametrize("kind", list(FailureKind))
@pytest.mark.parametrize("error", [GenerationError, ModelUnavailableError])
def test_what_a_backend_said_stays_with_those_who_run_the_service(
    guarded: Make, kind: FailureKind, error: type[GenerationError]
) -> None:
    """The rest is kept with the text, in packets that people send around."""
    whole = "no route to http://10.0.0.7:8001/v1; the key in /srv/anna/.keys/house: 'CUDA out of memory'"

    def refuse(_: Turn) -> Completion:
        raise error(whole, kind=kind, retry_after_s=7.0)

    guard_, _ = guarded(refuse)
    for _ in range(4):  # at the end the breaker speaks
        with pytest.raises(GenerationError) as caught:
            guard_.generate(REQUEST)
        told = str(caught.value)
        assert told.startswith("Scripted ")
        assert not [word for word in ("10.0.0.7", "anna", "CUDA") if word in told]
        assert isinstance(caught.value, error) or caught.value.kind is FailureKind.BREAKER_OPEN
        assert caught.value.kind in {kind, FailureKind.BREAKER_OPEN}
    assert guard_.counting.last_error == whole


def test_text_that_was_told_is_never_followed_by_a_second_try(guarded: Make) -> None:
    guard_, backend = guarded(fails(FailureKind.SERVER, after="Half a sen"))
    heard: list[str] = []
    with pytest.raises(GenerationError):
        guard_.generate(REQUEST, on_text=heard.append)
    assert len(backend.turns) == 1
    assert heard == ["Half a sen"]


def test_a_connection_that_timed_out_is_not_tried_again(guarded: Make, clock: Clock) -> None:
    def slow(_: Turn) -> Completion:
        clock.sleep(3.0)
        raise GenerationError("nobody there", kind=FailureKind.CONNECT)

    guard_, backend = guarded(slow)
    with pytest.raises(GenerationError):
        guard_.generate(REQUEST)
    assert len(backend.turns) == 1


@pytest.mark.parametrize(("retry_after_s", "tries"), [(0.5, 2), (2.9, 2), (30.0, 1)])
def test_a_server_is_not_asked_before_the_time_it_named(
    guarded: Make, clock: Clock, retry_after_s: float, tries: int
) -> None:
    guard_, backend = guarded(fails(FailureKind.RATE_LIMITED, retry_after_s), answers)
    started = clock.now
    if tries == 2:
        guard_.generate(REQUEST)
        assert clock.now - started == pytest.approx(retry_after_s, abs=0.05)
    else:
        with pytest.raises(GenerationError):
            guard_.generate(REQUEST)
        with pytest.raises(GenerationError) as caught:
            guard_.generate(REQUEST)
        assert caught.value.kind is FailureKind.BREAKER_OPEN
        assert caught.value.retry_after_s == pytest.approx(retry_after_s)
    assert len(backend.turns) == tries


def test_there_is_no_second_try_without_time_for_it(guarded: Make) -> None:
    guard_, backend = guarded(fails(FailureKind.SERVER))
    with pytest.raises(GenerationError):
        guard_.generate(REQUEST.model_copy(update={"time_limit_s": 2.0}))
    assert len(backend.turns) == 1


@pytest.mark.parametrize(("left", "own", "allowed"), [(45.0, 45.0, 44.0), (45.0, 20.0, 20.0), (9.0, 20.0, 8.0)])
def test_a_try_gets_its_own_limit_or_what_is_left_less_a_second_for_the_template(
    guarded: Make, left: float, own: float, allowed: float
) -> None:
    guard_, backend = guarded(answers, total_s=own)
    guard_.generate(REQUEST.model_copy(update={"time_limit_s": left}))
    assert backend.turns[0].request.time_limit_s == pytest.approx(allowed)


def test_a_model_is_not_asked_when_only_the_templates_second_is_left(guarded: Make) -> None:
    guard_, backend = guarded(answers)
    with pytest.raises(GenerationError) as caught:
        guard_.generate(REQUEST.model_copy(update={"time_limit_s": 0.9}))
    assert caught.value.kind is FailureKind.TOTAL
    assert backend.turns == []
    assert guard_.breaker.state().phase is BreakerPhase.CLOSED


def cancelled_when_asked(clock: Clock, *, told: tuple[str, ...] = (), places: tuple[int, ...] = ()) -> Act:
    """Behave as a backend that writes nothing more and looks at its cancel signal."""

    def act(turn: Turn) -> Completion:
        for place in places:
            turn.on_place(place)
        for piece in told:
            turn.on_text(piece)
        for _ in range(10_000):
            if turn.cancel.is_set():
                return turn.ended(FinishReason.CANCELLED)
            clock.sleep(0.03)
        raise AssertionError("nobody stopped it")

    return act


@pytest.mark.parametrize(
    ("told", "places", "kind", "seconds"),
    [
        ((), (), FailureKind.FIRST_TOKEN, 15),
        (("One",), (), FailureKind.IDLE, 10),
        (("",), (), FailureKind.IDLE, 10),
        ((), (3, 2), FailureKind.QUEUE, 20),
        ((), (3, 0), FailureKind.FIRST_TOKEN, 15),
    ],
)
def test_each_stage_has_its_limit_over_any_backend(
    guarded: Make, clock: Clock, told: tuple[str, ...], places: tuple[int, ...], kind: FailureKind, seconds: float
) -> None:
    guard_, _ = guarded(cancelled_when_asked(clock, told=told, places=places))
    started = clock.now
    with pytest.raises(GenerationError) as caught:
        guard_.generate(REQUEST)
    assert caught.value.kind is kind
    assert clock.now - started == pytest.approx(seconds, abs=0.1)


def test_an_opening_is_no_first_token(guarded: Make, clock: Clock) -> None:
    guard_, _ = guarded(cancelled_when_asked(clock, told=("My own", " words")))
    with pytest.raises(GenerationError) as caught:
        guard_.generate(REQUEST.model_copy(update={"opening": "My own words"}))
    assert caught.value.kind is FailureKind.FIRST_TOKEN


def test_an_empty_piece_is_a_sign_of_life_and_not_told(guarded: Make, clock: Clock) -> None:
    def thinks(turn: Turn) -> Completion:
        for _ in range(30):
            clock.sleep(1.0)
            assert not turn.cancel.is_set()
            turn.on_text("")
        turn.on_text("Done.")
        return turn.ended()

    guard_, _ = guarded(thinks)
    heard: list[str] = []
    guard_.generate(REQUEST, on_text=heard.append)
    assert heard == ["Done."]


def test_a_backend_that_ignores_its_time_limit_is_stopped(guarded: Make, clock: Clock) -> None:
    def chatters(turn: Turn) -> Completion:
        while not turn.cancel.is_set():
            clock.sleep(1.0)
            turn.on_text("word ")
        return turn.ended(FinishReason.CANCELLED)

    guard_, _ = guarded(chatters)
    started = clock.now
    with pytest.raises(GenerationError) as caught:
        guard_.generate(REQUEST)
    assert caught.value.kind is FailureKind.TOTAL
    assert clock.now - started <= 46


class Cancel:
    def __init__(self, *, on: bool = False) -> None:
        self.on = on

    def is_set(self) -> bool:
        return self.on


def test_the_persons_own_cancel_is_passed_on_and_blames_nobody(guarded: Make, clock: Clock) -> None:
    guard_, _ = guarded(cancelled_when_asked(clock))
    done = guard_.generate(REQUEST, cancel=Cancel(on=True))
    assert done.finish_reason is FinishReason.CANCELLED
    counts = guard_.counting.snapshot()
    assert (counts.cancelled, counts.failed, counts.failures) == (1, 0, {})


def test_a_cancel_is_seen_while_waiting_for_the_second_try(guarded: Make, clock: Clock) -> None:
    cancel = Cancel()

    def refuse(_: Turn) -> Completion:
        cancel.on = True
        raise GenerationError("full", kind=FailureKind.RATE_LIMITED, retry_after_s=3.0)

    guard_, backend = guarded(refuse)
    started = clock.now
    with pytest.raises(GenerationCancelledError):
        guard_.generate(REQUEST, cancel=cancel)
    assert clock.now - started <= 0.2
    assert len(backend.turns) == 1


def test_a_cancelled_test_leaves_the_test_to_the_next_request(guarded: Make, clock: Clock) -> None:
    down = fails(FailureKind.IDLE)
    guard_, _ = guarded(down, down, down, cancelled_when_asked(clock), answers)
    for _ in range(3):
        with pytest.raises(GenerationError):
            guard_.generate(REQUEST)
    clock.sleep(10.0)
    guard_.generate(REQUEST, cancel=Cancel(on=True))
    assert guard_.generate(REQUEST).text == "An answer."
    assert guard_.breaker.state().phase is BreakerPhase.CLOSED


def test_a_model_that_failed_three_times_is_not_asked_and_costs_no_time(guarded: Make, clock: Clock) -> None:
    guard_, backend = guarded(fails(FailureKind.CUT))
    for _ in range(3):
        with pytest.raises(GenerationError):
            guard_.generate(REQUEST)
    started = clock.now
    for _ in range(20):
        with pytest.raises(GenerationError) as caught:
            guard_.generate(REQUEST)
        assert caught.value.kind is FailureKind.BREAKER_OPEN
    assert clock.now == started
    assert len(backend.turns) == 3
    assert guard_.counting.snapshot().resting == 20


def test_a_wrong_key_is_told_again_without_asking_the_server_again(guarded: Make) -> None:
    guard_, backend = guarded(fails(FailureKind.AUTH), answers)
    with pytest.raises(GenerationError):
        guard_.generate(REQUEST)
    with pytest.raises(ModelUnavailableError, match="until its configuration changes"):
        guard_.generate(REQUEST)
    assert len(backend.turns) == 1
    guard_.reset()
    assert guard_.generate(REQUEST).text == "An answer."


def test_a_slow_answer_counts_only_where_it_had_a_fair_time(guarded: Make) -> None:
    def runs_out(turn: Turn) -> Completion:
        return turn.ended(FinishReason.DEADLINE)

    guard_, _ = guarded(runs_out)
    for _ in range(5):
        guard_.generate(REQUEST.model_copy(update={"time_limit_s": 4.0}))
    assert guard_.breaker.state().phase is BreakerPhase.CLOSED
    for _ in range(3):
        assert guard_.generate(REQUEST).finish_reason is FinishReason.DEADLINE
    assert guard_.breaker.state().phase is BreakerPhase.OPEN


def test_a_prompt_of_the_wrong_kind_is_an_error_of_the_program_and_blames_no_model(guarded: Make) -> None:
    def refuse(_: Turn) -> Completion:
        raise PromptKindError("editable")

    guard_, _ = guarded(refuse)
    for _ in range(5):
        with pytest.raises(PromptKindError):
            guard_.generate(REQUEST)
    assert guard_.breaker.state().phase is BreakerPhase.CLOSED
    assert guard_.counting.snapshot().busy == 0


def test_requesters_share_one_breaker_and_one_account(guarded: Make) -> None:
    guard_, _ = guarded(answers)
    guard_.for_requester("one").generate(REQUEST)
    guard_.for_requester("two").generate(REQUEST)
    assert guard_.counting.snapshot().answered == 2
