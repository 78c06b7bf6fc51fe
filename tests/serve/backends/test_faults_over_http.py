"""Each thing that can go wrong on the way to a model: it is told apart, in time, and nothing is left of it."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_core.generation import Completion, FinishReason, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_prompts import EditablePrompt, FrozenPrompt
from proofkit_serve.backends.hf_inference import HfInferenceBackend, open_hf_inference
from proofkit_serve.backends.http.failures import is_waking
from proofkit_serve.backends.http.limits import Limits
from proofkit_serve.backends.openai_compatible import OpenAICompatibleBackend, open_openai_compatible
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server

PACE = Pace(slow_s=20.0, huge_chars=3_000_000)
MARGIN_S = 2.5
"""The machine under test may be busy with other work."""
USER = "Name three risks. Mark: tok-4f2a91."
ANSWER = "The short answer is that each step needs an owner and a date, and a reason why. tok-4f2a91."
FAILURES = {
    Scenario.SLOW_FIRST_TOKEN: FailureKind.FIRST_TOKEN,
    Scenario.STALL: FailureKind.IDLE,
    Scenario.PINGS: FailureKind.IDLE,
    Scenario.CUT: FailureKind.CUT,
    Scenario.UNFINISHED: FailureKind.CUT,
    Scenario.DROPPED: FailureKind.CONNECT,
    Scenario.REFUSED: FailureKind.CONNECT,
    Scenario.RATE_LIMITED: FailureKind.RATE_LIMITED,
    Scenario.SERVER_ERROR: FailureKind.SERVER,
    Scenario.ERROR_EVENT: FailureKind.SERVER,
    Scenario.WAKING: FailureKind.SERVER,
    Scenario.ENDLESS_WHITESPACE: FailureKind.BAD_ANSWER,
    Scenario.HUGE_ANSWER: FailureKind.BAD_ANSWER,
    Scenario.GARBAGE: FailureKind.BAD_ANSWER,
    Scenario.REASONING_ONLY: FailureKind.EMPTY,
    Scenario.EMPTY: FailureKind.EMPTY,
    Scenario.UNAUTHORIZED: FailureKind.AUTH,
    Scenario.NOT_FOUND: FailureKind.NOT_FOUND,
    Scenario.BAD_REQUEST: FailureKind.REFUSED,
}
WAITED_FOR = {
    Scenario.SLOW_FIRST_TOKEN: {"first_token_s": 0.5},
    Scenario.STALL: {"idle_s": 0.5},
    Scenario.PINGS: {"idle_s": 0.5},
}
"""Limits that these scenarios run into."""
UNAVAILABLE = {FailureKind.AUTH, FailureKind.NOT_FOUND}
WHOLE = [
    Scenario.GOOD,
    Scenario.CHANNEL_LEAK,
    Scenario.REASONING,
    Scenario.THINK_TAGS,
    Scenario.HARMONY,
]


class Way(NamedTuple):
    """One way to the model."""

    name: str
    open: Callable[..., HfInferenceBackend | OpenAICompatibleBackend]
    ask: Callable[..., FrozenPrompt | EditablePrompt]


@pytest.fixture(params=["completions", "chat", "hf_inference"])
def way(
    request: pytest.FixtureRequest,
    frozen: Callable[..., FrozenPrompt],
    editable: Callable[..., EditablePrompt],
    identity: ModelIdentity,
    patient: Limits,
) -> Way:
    name = request.param
    if name == "hf_inference":
        pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")

    def opened(server: FaultServer, limits: Limits = patient) -> HfInferenceBackend | OpenAICompatibleBackend:
        if name == "hf_inference":
            return open_hf_inference(
                identity=identity, base_url=server.base_url, model="m", key=SecretStr("hf_x"), limits=limits
            )
        return open_openai_compatible(
            identity=identity, base_urls=(server.base_url,), model="m", wire=name, limits=limits
        )

    return Way(name, opened, frozen if name == "completions" else editable)


def generate(backend: TextGenerator, way: Way, heard: list[str] | None = None) -> Completion:
    return backend.generate(GenerationRequest(prompt=way.ask(USER)), on_text=None if heard is None else heard.append)


@pytest.mark.parametrize("scenario", FAILURES, ids=str)
def test_a_failure_is_told_apart_in_time_and_leaves_nothing(way: Way, scenario: Scenario, patient: Limits) -> None:
    limits = patient.model_copy(update=WAITED_FOR.get(scenario, {}))
    before = threading.active_count()
    with fault_server(scenario, pace=PACE) as server:
        with way.open(server, limits) as backend:
            started = time.monotonic()
            with pytest.raises(GenerationError) as caught:
                generate(backend, way)
            assert time.monotonic() - started < 0.5 + MARGIN_S
        assert caught.value.kind is FAILURES[scenario]
        assert isinstance(caught.value, ModelUnavailableError) or caught.value.kind not in UNAVAILABLE
        assert str(caught.value).count(". ") >= 1  # what was got, and what to do
        assert server.wait_idle(MARGIN_S)
    assert threading.active_count() == before


@pytest.mark.parametrize("scenario", WHOLE, ids=str)
def test_what_a_model_thinks_aloud_is_never_shown(way: Way, scenario: Scenario) -> None:
    heard: list[str] = []
    with fault_server(scenario) as server, way.open(server) as backend:
        completion = generate(backend, way, heard)
    assert completion.finish_reason is FinishReason.STOP
    assert completion.text == "".join(heard) == ANSWER
    assert (completion.reasoning_tokens > 0) == (scenario is not Scenario.GOOD)
    assert completion.completion_tokens >= len(ANSWER.split())


@pytest.mark.parametrize("scenario", [Scenario.WRONG_SCHEMA, Scenario.TRUNCATED_JSON], ids=str)
def test_an_answer_of_the_wrong_form_comes_through_for_the_desk_to_turn_down(way: Way, scenario: Scenario) -> None:
    with fault_server(scenario) as server, way.open(server) as backend:
        assert generate(backend, way).finish_reason is FinishReason.STOP


def test_a_length_cut_answer_says_so(way: Way) -> None:
    with fault_server(Scenario.LENGTH) as server, way.open(server) as backend:
        assert generate(backend, way).finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("scenario", [Scenario.RATE_LIMITED, Scenario.WAKING], ids=str)
def test_when_to_come_back_is_told(way: Way, scenario: Scenario) -> None:
    with (
        fault_server(scenario, pace=Pace(retry_after="7")) as server,
        way.open(server) as backend,
        pytest.raises(GenerationError) as caught,
    ):
        generate(backend, way)
    assert caught.value.retry_after_s == 7.0
    assert is_waking(caught.value) == (scenario is Scenario.WAKING)


def test_the_total_limit_ends_an_answer_that_goes_on(
    frozen: Callable[..., FrozenPrompt], identity: ModelIdentity, patient: Limits
) -> None:
    limits = patient.model_copy(update={"total_s": 0.4})
    with (
        fault_server(Scenario.STEADY, pace=Pace(between_s=0.02)) as server,
        open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", limits=limits) as backend,
        pytest.raises(GenerationError) as caught,
    ):
        backend.generate(GenerationRequest(prompt=frozen(USER, max_tokens=2000)))
    assert caught.value.kind is FailureKind.TOTAL


def test_a_line_without_an_end_is_not_read_to_its_end(
    frozen: Callable[..., FrozenPrompt], identity: ModelIdentity, patient: Limits
) -> None:
    limits = patient.model_copy(update={"line_bytes": 100_000})
    with (
        fault_server(Scenario.HUGE_LINE, pace=PACE) as server,
        open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", limits=limits) as backend,
    ):
        with pytest.raises(GenerationError) as caught:
            backend.generate(GenerationRequest(prompt=frozen(USER)))
        assert server.wait_idle()
    assert caught.value.kind is FailureKind.BAD_ANSWER


def test_a_body_without_an_end_is_not_read_to_its_end(
    frozen: Callable[..., FrozenPrompt], identity: ModelIdentity, patient: Limits
) -> None:
    limits = patient.model_copy(update={"body_bytes": 100_000, "answer_chars": 10_000_000})
    with (
        fault_server(Scenario.HUGE_ANSWER, pace=PACE) as server,
        open_openai_compatible(identity=identity, base_urls=(server.base_url,), model="m", limits=limits) as backend,
        pytest.raises(GenerationError, match="100000 bytes") as caught,
    ):
        backend.generate(GenerationRequest(prompt=frozen(USER)))
    assert caught.value.kind is FailureKind.BAD_ANSWER


def test_a_cancelled_call_frees_the_server_at_once(way: Way) -> None:
    cancel = threading.Event()
    with fault_server(Scenario.STEADY, pace=Pace(between_s=0.02)) as server, way.open(server) as backend:
        request = GenerationRequest(prompt=way.ask(USER, max_tokens=2000))
        completion = backend.generate(request, cancel=cancel, on_text=lambda _: cancel.set())
        assert completion.finish_reason is FinishReason.CANCELLED
        assert server.wait_idle(0.2 + MARGIN_S)
        assert server.counts.abandoned == 1


def test_a_call_can_be_cancelled_before_the_first_token(way: Way) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.1, cancel.set)
    with fault_server(Scenario.SLOW_FIRST_TOKEN, pace=PACE) as server, way.open(server) as backend:
        timer.start()
        started = time.monotonic()
        completion = backend.generate(GenerationRequest(prompt=way.ask(USER)), cancel=cancel)
        assert time.monotonic() - started < 0.3 + MARGIN_S
        assert completion.finish_reason is FinishReason.CANCELLED
        assert server.wait_idle(0.2 + MARGIN_S)
    timer.join()


def test_an_error_while_text_is_heard_ends_the_call_and_frees_the_server(way: Way) -> None:
    def fail(_: str) -> None:
        raise KeyError("the listener")

    with fault_server(Scenario.STEADY, pace=Pace(between_s=0.02)) as server, way.open(server) as backend:
        with pytest.raises(KeyError, match="the listener"):
            backend.generate(GenerationRequest(prompt=way.ask(USER, max_tokens=2000)), on_text=fail)
        assert server.wait_idle(0.2 + MARGIN_S)


def test_many_calls_at_once_are_not_mixed(way: Way) -> None:
    count = 10 if way.name == "hf_inference" else 50  # each call of the Hub's client reads its certificates anew
    texts: dict[int, str] = {}
    with fault_server(pace=Pace(between_s=0.002)) as server, way.open(server) as backend:

        def ask(number: int) -> None:
            request = GenerationRequest(prompt=way.ask(f"Name three risks. Mark: tok-{number:05d}."))
            texts[number] = backend.generate(request).text

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {number: f"tok-{number:05d}" in text and text.count("tok-") == 1 for number, text in texts.items()} == (
        dict.fromkeys(range(count), True)
    )
