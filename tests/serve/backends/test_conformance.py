"""What every backend promises, asked of each in the same words."""

import importlib.util
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NamedTuple, Protocol, Self

import pytest
from pydantic import SecretStr

from proofkit_core.errors import GenerationError
from proofkit_core.generation import Completion, FinishReason, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_prompts import EditablePrompt, FrozenPrompt
from proofkit_prompts.errors import PromptKindError
from proofkit_prompts.schema import find_mismatch
from proofkit_serve import embedded_model_path, open_llama_cpp
from proofkit_serve.backends.hf_inference import open_hf_inference
from proofkit_serve.backends.openai_compatible import open_openai_compatible
from proofkit_serve.faults import Asked, Pace, fault_server, good_answer

PROMISED_S = 0.2
MARGIN_S = 0.8
"""The machine under test may be busy with other work."""
LONG = "Tell a very long story about a lighthouse, in many chapters."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 60},
        "ready": {"type": "string", "enum": ["yes", "no"]},
    },
    "required": ["title", "ready"],
    "additionalProperties": False,
}
LLAMA_SERVER = "PROOFKIT_TEST_LLAMA_SERVER"
"""Names a llama-server program, where there is one."""


class Backend(TextGenerator, Protocol):
    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Subject(NamedTuple):
    """A backend under test, and how it is asked."""

    name: str
    open: Callable[[], Backend]
    ask: Callable[..., FrozenPrompt | EditablePrompt]
    ask_wrongly: Callable[..., FrozenPrompt | EditablePrompt]
    long_tokens: int = 1500
    short_s: float = 0.6
    """In which it surely does not come to the end of a long answer."""


class Prompts(NamedTuple):
    frozen: Callable[..., FrozenPrompt]
    editable: Callable[..., EditablePrompt]
    identity: ModelIdentity


def answer_or_story(asked: Asked) -> str:
    return "and then the sea rose " * 400 if LONG in asked.prompt else good_answer(asked)


@contextmanager
def llama_cpp(prompts: Prompts, _: Path) -> Generator[Subject]:
    yield Subject("llama_cpp", partial(open_llama_cpp, adapter=None), prompts.frozen, prompts.editable)


@contextmanager
def transformers(prompts: Prompts, folder: Path) -> Generator[Subject]:
    pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    from proofkit_serve.backends.transformers import open_transformers  # noqa: PLC0415 - after the skip

    model = tiny_models().make_model(folder / "tiny-llama")
    opened = partial(open_transformers, model, context_tokens=900)
    yield Subject("transformers", opened, prompts.frozen, prompts.editable, long_tokens=600, short_s=0.15)


@contextmanager
def zero_gpu(prompts: Prompts, folder: Path) -> Generator[Subject]:
    pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    from proofkit_serve.backends.zero_gpu import open_zero_gpu  # noqa: PLC0415 - after the skip

    model = tiny_models().make_model(folder / "tiny-llama")
    opened = partial(open_zero_gpu, model, context_tokens=900, environ={})
    yield Subject("zero_gpu", opened, prompts.frozen, prompts.editable, long_tokens=600, short_s=0.15)


def tiny_models() -> ModuleType:
    """Return the module beside the tests of the Transformers backend that makes tiny models."""
    path = Path(__file__).parents[1] / "transformers" / "conftest.py"
    spec = importlib.util.spec_from_file_location("tiny_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def completions(prompts: Prompts, _: Path) -> Generator[Subject]:
    with fault_server(pace=Pace(between_s=0.01), answer=answer_or_story) as server:
        opened = partial(
            open_openai_compatible, identity=prompts.identity, base_urls=(server.base_url,), model="faulty-1"
        )
        yield Subject("completions", opened, prompts.frozen, prompts.editable)


@contextmanager
def chat(prompts: Prompts, _: Path) -> Generator[Subject]:
    with fault_server(pace=Pace(between_s=0.01), answer=answer_or_story) as server:
        opened = partial(
            open_openai_compatible,
            identity=prompts.identity,
            base_urls=(server.base_url,),
            model="faulty-1",
            wire="chat",
        )
        yield Subject("chat", opened, prompts.editable, prompts.frozen)


@contextmanager
def hf_inference(prompts: Prompts, _: Path) -> Generator[Subject]:
    pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")
    with fault_server(pace=Pace(between_s=0.01), answer=answer_or_story, key="hf_user") as server:
        opened = partial(
            open_hf_inference,
            identity=prompts.identity,
            base_url=server.base_url,
            model="faulty-1",
            key=SecretStr("hf_user"),
        )
        yield Subject("hf_inference", opened, prompts.editable, prompts.frozen)


@contextmanager
def llama_server(prompts: Prompts, _: Path) -> Generator[Subject]:
    program = os.environ.get(LLAMA_SERVER)
    if not program:
        pytest.skip(f"no llama-server: {LLAMA_SERVER} names none")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "-m", str(embedded_model_path()), "--port", str(port), "-c", "8192", "-np", "4", "-t", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/health")
            opened = partial(
                open_openai_compatible,
                identity=prompts.identity,
                base_urls=(f"http://127.0.0.1:{port}/v1",),
                model="smollm2",
                dialect="llama_server",
            )
            yield Subject("llama_server", opened, prompts.frozen, prompts.editable)
        finally:
            process.kill()


def wait_until_healthy(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - a server of this test
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"{url} did not get healthy")


SUBJECTS = [
    pytest.param(llama_cpp, id="llama_cpp", marks=pytest.mark.model),
    pytest.param(transformers, id="transformers", marks=pytest.mark.slow),
    pytest.param(zero_gpu, id="zero_gpu", marks=pytest.mark.slow),
    pytest.param(completions, id="openai_compatible-completions"),
    pytest.param(chat, id="openai_compatible-chat"),
    pytest.param(hf_inference, id="hf_inference"),
    pytest.param(llama_server, id="openai_compatible-llama_server", marks=pytest.mark.model),
]


@pytest.fixture(scope="module", params=SUBJECTS)
def subject(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    frozen: Callable[..., FrozenPrompt],
    editable: Callable[..., EditablePrompt],
    identity: ModelIdentity,
) -> Iterator[Subject]:
    with request.param(Prompts(frozen, editable, identity), tmp_path_factory.mktemp("subject")) as opened:
        yield opened


@pytest.fixture(scope="module")
def backend(subject: Subject) -> Iterator[Backend]:
    with ExitStack() as stack:
        yield stack.enter_context(subject.open())


class CancelledAt:
    """A cancel signal that knows when it was set."""

    def __init__(self) -> None:
        self.at: float | None = None

    def set(self) -> None:
        self.at = time.perf_counter()

    def is_set(self) -> bool:
        return self.at is not None


def request_of(
    subject: Subject,
    user: str,
    *,
    time_limit_s: float = 45.0,
    max_tokens: int = 48,
    schema: dict[str, Any] | None = None,
) -> GenerationRequest:
    prompt = subject.ask(user, schema=schema, max_tokens=max_tokens)
    return GenerationRequest(prompt=prompt, time_limit_s=time_limit_s)


def test_the_pieces_are_the_text(subject: Subject, backend: Backend) -> None:
    heard: list[str] = []
    completion = backend.generate(request_of(subject, "Name three risks."), on_text=heard.append)
    assert "".join(heard) == completion.text
    assert completion.text.strip()
    assert completion.completion_tokens > 0
    assert 0 < completion.first_token_s <= completion.total_s


def test_text_comes_while_it_is_written(subject: Subject, backend: Backend) -> None:
    at: list[float] = []
    backend.generate(request_of(subject, LONG, max_tokens=30), on_text=lambda _: at.append(time.perf_counter()))
    assert len(at) > 5
    assert max(later - earlier for earlier, later in pairwise(at)) < at[-1] - at[0]


def test_an_answer_with_a_schema_is_whole_and_meets_it(subject: Subject, backend: Backend) -> None:
    completion = backend.generate(request_of(subject, "Is the plan ready?", schema=SCHEMA, max_tokens=120))
    assert completion.finish_reason is FinishReason.STOP
    assert find_mismatch(json.loads(completion.text), SCHEMA) is None


def test_a_text_at_its_cap_ends_by_length(subject: Subject, backend: Backend) -> None:
    completion = backend.generate(request_of(subject, LONG, max_tokens=7))
    assert completion.finish_reason is FinishReason.LENGTH
    assert completion.completion_tokens == 7


def test_a_cancelled_call_ends_within_200_ms(subject: Subject, backend: Backend) -> None:
    cancel = CancelledAt()
    heard: list[str] = []

    def cancel_at_the_third(piece: str) -> None:
        heard.append(piece)
        if len(heard) == 3:
            cancel.set()

    request = request_of(subject, LONG, max_tokens=subject.long_tokens)
    completion = backend.generate(request, cancel=cancel, on_text=cancel_at_the_third)
    assert cancel.at is not None
    assert time.perf_counter() - cancel.at < PROMISED_S + MARGIN_S
    assert completion.finish_reason is FinishReason.CANCELLED
    assert completion.text == "".join(heard)


def test_a_call_cancelled_before_it_begins_writes_nothing(subject: Subject, backend: Backend) -> None:
    cancel = CancelledAt()
    cancel.set()
    heard: list[str] = []
    completion = backend.generate(request_of(subject, LONG), cancel=cancel, on_text=heard.append)
    assert completion.finish_reason is FinishReason.CANCELLED
    assert (completion.text, heard) == ("", [])


def test_the_time_limit_is_kept(subject: Subject, backend: Backend) -> None:
    request = request_of(subject, LONG, max_tokens=subject.long_tokens, time_limit_s=subject.short_s)
    completion = backend.generate(request)
    assert completion.finish_reason is FinishReason.DEADLINE
    assert completion.total_s < subject.short_s + MARGIN_S


def test_the_identity_stays_and_is_told_with_each_answer(subject: Subject, backend: Backend) -> None:
    before = backend.identity
    completion = backend.generate(request_of(subject, "Name a tool.", max_tokens=4))
    assert completion.model == before == backend.identity


def test_calls_of_many_threads_each_get_their_own_answer(subject: Subject, backend: Backend) -> None:
    users = [f"Repeat the mark tok-{number:04d} and name a tool." for number in range(6)]
    alone = [backend.generate(request_of(subject, user, max_tokens=24)).text for user in users]
    together: dict[int, str] = {}

    def ask(number: int) -> None:
        together[number] = backend.generate(request_of(subject, users[number], max_tokens=24)).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(users))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(len(users))] == alone


def test_a_prompt_of_the_other_kind_is_refused(subject: Subject, backend: Backend) -> None:
    with pytest.raises(PromptKindError):
        backend.generate(GenerationRequest(prompt=subject.ask_wrongly("Name a tool.")))


def test_a_closed_backend_refuses_and_leaves_no_thread(subject: Subject) -> None:
    before = set(threading.enumerate())
    backend = subject.open()
    backend.generate(request_of(subject, "Name a tool.", max_tokens=4))
    backend.close()
    with pytest.raises(GenerationError, match="was closed"):
        backend.generate(request_of(subject, "Name a tool."))
    backend.close()
    assert ours(set(threading.enumerate()) - before) == set()


def test_closing_ends_what_runs(subject: Subject) -> None:
    backend = subject.open()
    ended: list[Completion] = []
    busy = threading.Event()
    request = request_of(subject, LONG, max_tokens=subject.long_tokens)
    caller = threading.Thread(target=lambda: ended.append(backend.generate(request, on_text=lambda _: busy.set())))
    caller.start()
    assert busy.wait(10)
    backend.close()
    caller.join(5)
    assert [completion.finish_reason for completion in ended] == [FinishReason.CANCELLED]


def ours(threads: set[threading.Thread]) -> set[str]:
    """Return the names of those threads that are the program's own; engines keep some of theirs for the next time."""
    return {thread.name for thread in threads if thread.name.startswith(("proofkit", "asyncio"))}
