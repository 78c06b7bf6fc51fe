import threading
import time
from collections.abc import Callable

import pytest

from proofkit_core.errors import GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve import LlamaCppBackend, open_llama_cpp

pytestmark = pytest.mark.model
MakePrompt = Callable[..., FrozenPrompt]

LONG = "Tell a very long story about a lighthouse, in many chapters."
FILLER = "The keeper walked up the stairs and looked at the sea. "
PROMISED_S = 0.2
MARGIN_S = 0.3
"""The machine under test may be busy with other work."""


class CancelledAt:
    def __init__(self) -> None:
        self.at: float | None = None

    def set(self) -> None:
        self.at = time.perf_counter()

    def is_set(self) -> bool:
        return self.at is not None


def test_a_cancelled_completion_ends_at_once_and_the_backend_goes_on(
    backend: LlamaCppBackend, make_prompt: MakePrompt
) -> None:
    cancel = CancelledAt()

    seen: list[str] = []

    def cancel_at_the_third_piece(piece: str) -> None:
        seen.append(piece)
        if len(seen) == 3:
            cancel.set()

    request = GenerationRequest(prompt=make_prompt(LONG, max_tokens=1500))
    completion = backend.generate(request, cancel=cancel, on_text=cancel_at_the_third_piece)
    assert cancel.at is not None
    assert time.perf_counter() - cancel.at < PROMISED_S + MARGIN_S
    assert completion.finish_reason is FinishReason.CANCELLED
    assert completion.text == "".join(seen)
    again = backend.generate(GenerationRequest(prompt=make_prompt("Say hello.", max_tokens=10)))
    assert again.text


def test_a_prompt_under_evaluation_can_be_cancelled(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    cancel = CancelledAt()
    timer = threading.Timer(0.3, cancel.set)
    request = GenerationRequest(prompt=make_prompt(FILLER * 200, max_tokens=10))
    timer.start()
    completion = backend.generate(request, cancel=cancel)
    assert cancel.at is not None
    assert time.perf_counter() - cancel.at < PROMISED_S + MARGIN_S
    assert completion.finish_reason is FinishReason.CANCELLED
    assert completion.completion_tokens == 0
    timer.join()


def test_what_was_evaluated_before_a_cancel_is_not_lost(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    cancel = CancelledAt()
    timer = threading.Timer(0.3, cancel.set)
    prompt = make_prompt("Count the keepers. " + FILLER * 40, max_tokens=4)
    timer.start()
    backend.generate(GenerationRequest(prompt=prompt), cancel=cancel)
    timer.join()
    assert backend.generate(GenerationRequest(prompt=prompt)).reused_tokens > 0


def test_the_deadline_is_kept(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    request = GenerationRequest(prompt=make_prompt(LONG, max_tokens=2000), time_limit_s=2.0)
    completion = backend.generate(request)
    assert completion.finish_reason is FinishReason.DEADLINE
    assert completion.total_s < 2.0 + MARGIN_S
    assert completion.text


def test_a_waiting_call_can_be_cancelled_or_time_out(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    busy, release = threading.Event(), CancelledAt()
    long = GenerationRequest(prompt=make_prompt(LONG, max_tokens=2000))
    first = threading.Thread(target=lambda: backend.generate(long, cancel=release, on_text=lambda _: busy.set()))
    first.start()
    assert busy.wait(10)
    cancelled = CancelledAt()
    cancelled.set()
    short = make_prompt("Say hello.", max_tokens=4)
    started = time.perf_counter()
    assert backend.generate(GenerationRequest(prompt=short), cancel=cancelled).finish_reason is FinishReason.CANCELLED
    late = backend.generate(GenerationRequest(prompt=short, time_limit_s=0.1))
    assert late.finish_reason is FinishReason.DEADLINE
    assert time.perf_counter() - started < 1.0
    assert first.is_alive()
    release.set()
    first.join()


def test_a_full_queue_refuses_the_next_call(make_prompt: MakePrompt) -> None:
    release = CancelledAt()
    with open_llama_cpp(adapter=None, context_tokens=1024, max_waiting=0) as backend:
        busy = threading.Event()
        long = GenerationRequest(prompt=make_prompt(LONG, max_tokens=800))
        first = threading.Thread(target=lambda: backend.generate(long, cancel=release, on_text=lambda _: busy.set()))
        first.start()
        assert busy.wait(10)
        with pytest.raises(GenerationError, match="already wait"):
            backend.generate(long)
        release.set()
        first.join()


def test_closing_ends_what_runs_and_refuses_what_comes(make_prompt: MakePrompt) -> None:
    before = _owner_threads()
    ended: list[FinishReason] = []
    busy = threading.Event()
    backend = open_llama_cpp(adapter=None, context_tokens=1024)
    long = GenerationRequest(prompt=make_prompt(LONG, max_tokens=800))
    first = threading.Thread(
        target=lambda: ended.append(backend.generate(long, on_text=lambda _: busy.set()).finish_reason)
    )
    first.start()
    assert busy.wait(10)
    backend.close()
    first.join(5)
    assert ended == [FinishReason.CANCELLED]
    with pytest.raises(GenerationError, match="was closed"):
        backend.generate(long)
    backend.close()
    assert _owner_threads() == before


def _owner_threads() -> int:
    return sum(thread.name == "proofkit-llama" for thread in threading.enumerate())
