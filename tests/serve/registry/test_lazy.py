"""A model is opened once, by whoever needs it first, and a lasting failure is remembered."""

import threading
import time
from collections.abc import Callable

import pytest

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract
from proofkit_serve.registry.lazy import Lazy

BEFORE = ModelIdentity(id="before", name="Before", artifact_digest="0")
AFTER = ModelIdentity(id="after", name="After", artifact_digest="1")
PROMPT = load_contract().render("linkedin_post", {"target_role": "x", "company": "y", "work_sample": "z"})
REQUEST = GenerationRequest(prompt=PROMPT, time_limit_s=5.0)
MARGIN = 4
"""A busy machine needs room beyond what is promised."""


class Opened:
    """A model that says how long it was given."""

    identity = AFTER

    def __init__(self) -> None:
        self.limits: list[float] = []
        self.closed = 0

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        del cancel, on_text, on_place
        self.limits.append(request.time_limit_s)
        return Completion(
            text="x",
            finish_reason=FinishReason.STOP,
            model=AFTER,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=1,
            first_token_s=0.0,
            total_s=0.0,
        )

    def close(self) -> None:
        self.closed += 1


def test_nothing_is_opened_before_it_is_needed_and_then_once_for_all_threads() -> None:
    opened: list[Opened] = []

    def opener() -> Opened:
        time.sleep(0.05)
        opened.append(Opened())
        return opened[-1]

    lazy = Lazy(opener, until_open=BEFORE)
    assert lazy.identity == BEFORE
    assert opened == []
    threads = [threading.Thread(target=lazy.generate, args=(REQUEST,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    assert len(opened[0].limits) == 12
    assert lazy.identity == AFTER


def test_the_time_for_opening_counts() -> None:
    model = Opened()

    def opener() -> Opened:
        time.sleep(0.2)
        return model

    Lazy(opener, until_open=BEFORE).generate(REQUEST)
    assert 4.0 < model.limits[0] <= 4.8


def test_when_opening_takes_all_the_time_that_is_told_and_the_next_call_waits_for_the_same_opening() -> None:
    model = Opened()

    def opener() -> Opened:
        time.sleep(0.2)
        return model

    lazy = Lazy(opener, until_open=BEFORE)
    with pytest.raises(GenerationError, match="It goes on opening") as caught:
        lazy.generate(REQUEST.model_copy(update={"time_limit_s": 0.1}))
    assert caught.value.kind is FailureKind.TOTAL
    assert lazy.generate(REQUEST).text == "x"


class SlowOpener:
    """Opens only when it is let; counts how often it was asked."""

    def __init__(self) -> None:
        self.model = Opened()
        self.asked = 0
        self.let = threading.Event()

    def __call__(self) -> Opened:
        self.asked += 1
        assert self.let.wait(10)
        return self.model


def test_a_cancel_is_seen_while_the_model_is_being_opened() -> None:
    opener, cancel = SlowOpener(), threading.Event()
    lazy = Lazy(opener, until_open=BEFORE)
    threading.Timer(0.1, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(GenerationCancelledError, match="was being opened"):
        lazy.generate(REQUEST, cancel=cancel)
    assert time.monotonic() - started < 0.1 + 0.2 * MARGIN
    opener.let.set()
    assert lazy.generate(REQUEST).text == "x"
    assert opener.asked == 1


def test_opening_never_takes_more_than_the_time_of_the_request() -> None:
    opener = SlowOpener()
    lazy = Lazy(opener, until_open=BEFORE)
    started = time.monotonic()
    for _ in range(2):
        with pytest.raises(GenerationError, match=r"Opening Before takes longer than the 0\.3 s"):
            lazy.generate(REQUEST.model_copy(update={"time_limit_s": 0.3}))
    assert time.monotonic() - started < 2 * 0.3 + 0.2 * MARGIN
    assert opener.asked == 1
    opener.let.set()
    lazy.close()


def test_asking_what_a_model_is_called_opens_nothing_and_both_names_are_its_own() -> None:
    opener = SlowOpener()
    lazy = Lazy(opener, until_open=BEFORE)
    assert lazy.identity == lazy.for_requester("one").identity == BEFORE
    assert opener.asked == 0
    opener.let.set()
    lazy.open()
    assert lazy.identity == lazy.for_requester("one").identity == AFTER
    assert lazy.goes_by(BEFORE)
    assert lazy.goes_by(AFTER)
    assert not lazy.goes_by(AFTER.model_copy(update={"id": "other"}))


def test_a_model_that_opens_after_its_service_was_closed_is_closed_at_once() -> None:
    opener = SlowOpener()
    lazy = Lazy(opener, until_open=BEFORE)
    with pytest.raises(GenerationError, match="takes longer"):
        lazy.open(within_s=0.05)
    threading.Timer(0.1, opener.let.set).start()
    lazy.close()
    assert opener.model.closed == 1
    assert lazy.opened is None
    with pytest.raises(GenerationError, match="was closed"):
        lazy.open()


def test_an_error_that_nobody_foresaw_reaches_whoever_waits() -> None:
    def opener() -> Opened:
        raise LookupError("nobody foresaw this")

    lazy = Lazy(opener, until_open=BEFORE)
    for _ in range(2):
        with pytest.raises(LookupError, match="nobody foresaw this"):
            lazy.open()


@pytest.mark.parametrize(
    ("kind", "lasts_as"),
    [
        (FailureKind.UNKNOWN, FailureKind.NOT_FOUND),
        (FailureKind.REFUSED, FailureKind.REFUSED),
        (FailureKind.AUTH, FailureKind.AUTH),
        (FailureKind.NOT_FOUND, FailureKind.NOT_FOUND),
        (FailureKind.CONNECT, None),
        (FailureKind.SERVER, None),
        (FailureKind.FIRST_TOKEN, None),
    ],
)
def test_only_what_lasts_is_remembered_until_somebody_asks_again(
    kind: FailureKind, lasts_as: FailureKind | None
) -> None:
    tries: list[int] = []

    def opener() -> Opened:
        tries.append(1)
        raise ModelUnavailableError("no such file", kind=kind)

    lazy = Lazy(opener, until_open=BEFORE)
    for _ in range(3):
        with pytest.raises(ModelUnavailableError, match="no such file") as caught:
            lazy.generate(REQUEST)
        assert caught.value.kind is (lasts_as or kind)
    assert lazy.identity == BEFORE
    assert len(tries) == (1 if lasts_as else 3)
    assert (lazy.failure is not None) is (lasts_as is not None)
    lazy.forget_failure()
    with pytest.raises(ModelUnavailableError):
        lazy.open()
    assert len(tries) == (2 if lasts_as else 4)


def test_a_closed_model_stays_closed() -> None:
    model = Opened()
    lazy = Lazy(lambda: model, until_open=BEFORE)
    lazy.open()
    lazy.close()
    lazy.close()
    assert model.closed == 1
    with pytest.raises(GenerationError, match="was closed"):
        lazy.generate(REQUEST)
