"""Many callers before one engine: each gets its own answer, in fair turns, and nothing is left behind.

The engine here writes back what stands between the marks of the prompt, a byte a token, from a context that it keeps
as a list: an answer that mixed two prompts, or went on from another one's copy, would be seen.
"""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import numpy as np  # noqa: TID253 - scores are NumPy arrays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import FrozenPrompt, OutputKind
from proofkit_serve.backends.decoding.engine import Saved, Vocabulary
from proofkit_serve.backends.decoding.warming import WarmUp
from proofkit_serve.backends.decoding.worker import Worker, start_worker
from proofkit_serve.backends.local import LocalBackend

MARK, END = ord("|"), 256
IDENTITY = ModelIdentity(id="echo", name="Echo", artifact_digest="0" * 64)
SYSTEM = "You give back what you are given. "


@dataclass
class Echo:
    """An engine that writes the words between two marks, and then ends."""

    chunk: int = 4
    context_tokens: int = 400
    model_bytes: int = 7
    context_bytes: int = 11
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    held: list[int] = field(default_factory=list[int])
    order: list[str] = field(default_factory=list[str])
    evaluated: int = 0
    step_s: float = 0.0
    gate: threading.Event | None = None
    closed: bool = False
    forgets: bool = False
    """Like a model that keeps one state instead of keys and values for each token."""

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(END + 1, frozenset({END}), END, np.array([], dtype=np.intp))

    def tokenize(self, text: str, *, special: bool = True) -> list[int]:
        del special
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def token_table(self) -> Generator[None, None, object]:
        yield
        raise GenerationError("No schemas here.")

    def evaluate(self, tokens: Sequence[int]) -> None:
        assert len(tokens) <= self.chunk
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.step_s:
            time.sleep(self.step_s)
        self.evaluated += len(tokens)
        self.held.extend(tokens)

    def logits(self) -> NDArray[np.float32]:
        text = bytes(self.held)
        start = text.index(MARK) + 1
        words, _, written = text[start:].partition(b"|")
        if not written:
            self.order.append(words.decode())
        scores = np.zeros(END + 1, dtype=np.float32)
        scores[words[len(written)] if len(written) < len(words) else END] = 1.0
        return scores

    def rewind(self, length: int) -> bool:
        kept = not length or length == len(self.held) or not self.forgets
        self.held = self.held[:length] if kept else []
        return kept

    def save(self) -> Saved:
        return Saved(list(self.held), len(self.held))

    def restore(self, saved: Saved) -> bool:
        self.held = list(cast("list[int]", saved.state))
        return True

    def close(self) -> None:
        self.closed = True


@contextmanager
def opened(
    engine: Echo, *, prefix_bytes: int = 600, max_waiting: int = 100, max_waiting_each: int = 100
) -> Generator[tuple[LocalBackend, Worker]]:
    worker, wait = start_worker(
        lambda: engine,
        name="proofkit-echo",
        prefix_bytes=prefix_bytes,
        max_waiting=max_waiting,
        max_waiting_each=max_waiting_each,
    )
    assert wait() == {}
    with LocalBackend(worker, IDENTITY) as backend:
        yield backend, worker
    assert engine.closed
    assert not [thread for thread in threading.enumerate() if thread.name == "proofkit-echo"]


def request(words: str, *, before: str = SYSTEM, time_limit_s: float = 20.0) -> GenerationRequest:
    prompt = FrozenPrompt(
        contract="test",
        contract_digest="0" * 64,
        task="test",
        task_digest="0" * 64,
        system="",
        user="",
        text=f"{before}|{words}|",
        stop=(),
        output=OutputKind.MARKDOWN,
        output_schema=None,
        max_tokens=60,
    )
    return GenerationRequest(prompt=prompt, time_limit_s=time_limit_s)


def together(calls: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


WORDS = st.text("abc", min_size=1, max_size=9)


@settings(max_examples=25, deadline=None)
@given(
    sessions=st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=6),
    prefix_bytes=st.integers(0, 400),
    forgets=st.booleans(),
)
def test_every_call_of_many_threads_gets_its_own_words_back(
    *, sessions: list[list[str]], prefix_bytes: int, forgets: bool
) -> None:
    got: dict[int, list[str]] = {number: [] for number in range(len(sessions))}

    def ask(number: int) -> None:
        session = backend.for_requester(f"session {number}")
        for words in sessions[number]:
            mine = f"{number}{words}"
            before = f"{SYSTEM}{number % 3} "
            pieces: list[str] = []
            completion = session.generate(request(mine, before=before), on_text=pieces.append)
            assert "".join(pieces) == completion.text
            got[number].append(completion.text)

    engine = Echo(forgets=forgets)
    with opened(engine, prefix_bytes=prefix_bytes) as (backend, _):
        together([partial(ask, number) for number in range(len(sessions))])
        assert backend.memory().prefixes <= prefix_bytes
        assert backend.reuse().prompts == sum(map(len, sessions))
    assert got == {number: [f"{number}{words}" for words in asked] for number, asked in enumerate(sessions)}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["stay", "leave", "late"])), min_size=1, max_size=14))
def test_calls_that_leave_while_they_wait_take_nothing_with_them(calls: list[tuple[int, str]]) -> None:
    gate = threading.Event()
    engine = Echo(gate=gate)
    left = threading.Event()
    got: dict[int, Completion] = {}

    def ask(number: int, requester: int, how: str) -> None:
        limit = 0.01 if how == "late" else 20.0
        got[number] = backend.generate(
            request(f"{number:02}", time_limit_s=limit),
            cancel=left if how == "leave" else None,
            requester=f"{requester}",
        )

    with opened(engine) as (backend, worker):
        holder = threading.Thread(target=lambda: backend.generate(request("first"), requester="first"))
        holder.start()
        _until(lambda: worker.standing().busy)
        threads = [threading.Thread(target=ask, args=(number, *call)) for number, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        left.set()
        leaving = [thread for thread, call in zip(threads, calls, strict=True) if call[1] != "stay"]
        for thread in leaving:
            thread.join(5)
            assert not thread.is_alive()
        assert worker.standing().waiting == sum(how == "stay" for _, how in calls)  # nobody's place is kept
        gate.set()
        for thread in [*threads, holder]:
            thread.join(10)
    expected = {"stay": FinishReason.STOP, "leave": FinishReason.CANCELLED, "late": FinishReason.DEADLINE}
    for number, (_, how) in enumerate(calls):
        assert got[number].finish_reason is expected[how]
        assert got[number].text == (f"{number:02}" if how == "stay" else "")
        assert 0 <= got[number].queued_s <= got[number].total_s


def test_requesters_take_turns_and_each_is_told_its_place() -> None:
    gate = threading.Event()
    engine = Echo(gate=gate)
    places: dict[str, list[int]] = {}

    def ask(requester: str, words: str) -> None:
        seen = places.setdefault(words, [])
        backend.generate(request(words), requester=requester, on_place=seen.append)

    with opened(engine) as (backend, _):
        threads: list[threading.Thread] = []
        for requester, words in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("b", "b2")]:
            threads.append(threading.Thread(target=ask, args=(requester, words)))
            threads[-1].start()
            _until(lambda words=words: bool(places.get(words)))
        _until(lambda: places["a2"][-1] == 3)  # two others came, who had asked for less
        gate.set()
        for thread in threads:
            thread.join(10)
    assert engine.order == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert places["a1"] == [0]
    assert places["a2"][0] == 1
    assert all(seen[-1] == 0 for seen in places.values())
    assert all(0 < place <= 5 for seen in places.values() for place in seen[:-1])


def test_a_full_line_refuses_at_once_and_takes_calls_again_when_there_is_room() -> None:
    gate = threading.Event()
    with opened(Echo(gate=gate), max_waiting=2, max_waiting_each=1) as (backend, worker):
        threads = [threading.Thread(target=partial(backend.generate, request(name), requester=name)) for name in "abc"]
        for count, thread in enumerate(threads):
            thread.start()
            _until(lambda count=count: worker.standing() == (True, count))
        for requester, said in (("d", "2 calls already wait"), ("c", "already wait")):
            started = time.perf_counter()
            with pytest.raises(GenerationError, match=said) as caught:
                backend.generate(request("more"), requester=requester)
            assert caught.value.kind is FailureKind.QUEUE
            assert time.perf_counter() - started < 0.1
        gate.set()
        for thread in threads:
            thread.join(10)
        assert backend.generate(request("again"), requester="d").text == "again"


def test_one_requester_cannot_fill_the_whole_line() -> None:
    gate = threading.Event()
    with opened(Echo(gate=gate), max_waiting=9, max_waiting_each=2) as (backend, worker):
        threads = [
            threading.Thread(target=lambda: backend.generate(request("much"), requester="much")) for _ in range(3)
        ]
        for count, thread in enumerate(threads):
            thread.start()
            _until(lambda count=count: worker.standing() == (True, count))
        with pytest.raises(GenerationError, match="2 calls of this requester already wait"):
            backend.generate(request("more"), requester="much")
        other = threading.Thread(target=lambda: backend.generate(request("little"), requester="little"))
        other.start()
        _until(lambda: worker.standing().waiting == 3)
        gate.set()
        for thread in [*threads, other]:
            thread.join(10)


def test_one_call_after_the_other_never_meets_a_full_line() -> None:
    with opened(Echo(), max_waiting=0) as (backend, _):
        for _ in range(50):
            assert backend.generate(request("on")).text == "on"


def test_closing_turns_away_those_who_wait() -> None:
    gate = threading.Event()
    errors: list[GenerationError] = []

    def ask() -> None:
        try:
            backend.generate(request("x"))
        except GenerationError as error:
            errors.append(error)

    engine = Echo(gate=gate)
    with opened(engine) as (backend, worker):
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        _until(lambda: worker.standing() == (True, 2))
        threading.Timer(0.1, gate.set).start()
        backend.close()
        for thread in threads:
            thread.join(5)
    assert len(errors) == 2  # the third was being answered, and ends as cancelled
    assert {error.kind for error in errors} == {FailureKind.CONNECT}


def test_an_error_of_the_engine_reaches_the_one_caller_and_the_next_is_answered() -> None:
    with opened(Echo()) as (backend, _):
        with pytest.raises(ValueError, match="not found"):
            backend.generate(request("x").model_copy(update={"prompt": _without_marks()}))
        assert backend.generate(request("next")).text == "next"


def test_an_answer_without_a_word_is_an_error() -> None:
    with opened(Echo()) as (backend, _):
        with pytest.raises(GenerationError, match="without a word") as caught:
            backend.generate(request(""))
        assert caught.value.kind is FailureKind.EMPTY


def test_a_warm_up_keeps_how_prompts_begin_and_a_call_in_between_comes_first() -> None:
    engine = Echo(step_s=0.01)
    with opened(engine) as (backend, worker):
        done = worker.warm_up(WarmUp((SYSTEM * 8,), ()))
        time.sleep(0.05)
        answer = backend.generate(request("hello", before="Else. "))
        assert answer.queued_s < 0.1
        assert not done.is_set()
        assert done.wait(10)
        assert backend.generate(request("x", before=SYSTEM * 8)).reused_tokens >= len(SYSTEM) * 8 - 4
        assert backend.memory().prefixes > 0


@pytest.mark.parametrize("forgets", [False, True])
def test_a_beginning_that_was_kept_is_there_after_any_number_of_others(*, forgets: bool) -> None:
    engine = Echo(forgets=forgets)
    with opened(engine, prefix_bytes=150) as (backend, worker):
        assert worker.warm_up(WarmUp((SYSTEM,), ())).wait(10)
        for number in range(8):
            backend.generate(request("other", before=f"{number}" * 60))
        assert backend.generate(request("x")).reused_tokens == 32


def test_a_warm_up_that_fails_is_told_and_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with opened(Echo()) as (backend, worker):
        assert worker.warm_up(WarmUp((), ({"type": "object"},))).wait(10)
        assert "No schemas here" in caplog.text
        assert backend.generate(request("x")).text == "x"


def _without_marks() -> FrozenPrompt:
    prompt = request("x").prompt
    assert isinstance(prompt, FrozenPrompt)
    return replace(prompt, text="nothing")


def _until(true: Callable[[], bool]) -> None:
    ends = time.perf_counter() + 5
    while not true():
        assert time.perf_counter() < ends
        time.sleep(0.002)
