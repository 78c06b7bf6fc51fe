"""One decorated function on ZeroGPU; elsewhere no decorator, no `spaces`, no card.

The package `spaces` is not installed here. A stand-in does what its source does on the platform: it runs the function
in a forked process, pickles what goes in and comes out, loses the class of errors, and stops after a piece when the
consumer stopped.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.backends.zero_gpu import ZeroGpuBackend, gpu_function, open_zero_gpu, seconds_wanted

MakePrompt = Callable[..., FrozenPrompt]
POST = load_contract().render(
    "linkedin_post", {"target_role": "Bell founder", "company": "Larkmoor", "work_sample": "Plan"}
)

STAND_IN = """
import inspect, multiprocessing, os, pickle, sys
reserved = []
def tell(line):
    sys.stdout.write(line + "\\n")
    sys.stdout.flush()
def GPU(task=None, *, duration=None):
    if task is None:
        return lambda given: GPU(given, duration=duration)
    assert inspect.isgeneratorfunction(task)
    context = multiprocessing.get_context("fork")
    def handler(*args):
        reserved.append(duration(*args))
        if os.environ.get("NO_QUOTA"):
            raise RuntimeError("You have exceeded your GPU quota")
        results, stop = context.Queue(), context.Event()
        def work(data):
            stream = task(*pickle.loads(data))
            while True:
                try:
                    piece = next(stream)
                except StopIteration:
                    break
                except Exception as error:
                    results.put(("error", type(error).__name__))
                    break
                if stop.is_set():
                    stream.close()
                    break
                results.put(("piece", pickle.dumps(piece)))
            results.put(("end", os.getpid()))
        process = context.Process(target=work, args=(pickle.dumps(args),), daemon=True)
        process.start()
        try:
            while True:
                kind, value = results.get()
                if kind == "error":
                    raise RuntimeError(value)
                if kind == "end":
                    tell(f"worked apart: {value != os.getpid()}")
                    return
                try:
                    yield pickle.loads(value)
                except GeneratorExit:
                    stop.set()
                    tell("stopped")
                    raise
        finally:
            process.join(5)
    return handler
"""

PROGRAM = """
import sys, threading, time
from dataclasses import replace
from pathlib import Path
from proofkit_core.errors import GenerationError
from proofkit_core.generation import Decoding, GenerationRequest
from proofkit_prompts import load_contract
from proofkit_serve.backends.zero_gpu import open_zero_gpu
backend = open_zero_gpu(Path(sys.argv[1]), context_tokens=900, card="cpu")
post = load_contract().render("linkedin_post", {"target_role": "Bell founder", "company": "L", "work_sample": "Plan"})
def tell(line):
    sys.stdout.write(line + "\\n")  # at once: two processes write here
    sys.stdout.flush()
def ask(max_tokens, on_text=None, cancel=None):
    request = GenerationRequest(prompt=replace(post, max_tokens=max_tokens), decoding=Decoding(temperature=1.0, seed=1))
    try:
        done = backend.generate(request, on_text=on_text, cancel=cancel)
        tell(f"{done.finish_reason.value} {done.completion_tokens > 0} {done.prompt_tokens > 100}")
    except GenerationError as error:
        tell(f"{error.kind.value} {str(error)[:90]}")
ask(5)
ask(2000)
cancel = threading.Event()
ask(500, on_text=lambda _: cancel.set(), cancel=cancel)
time.sleep(1)
import spaces
print(spaces.reserved)
"""


def run(tmp_path: Path, folder: Path, program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "spaces.py").write_text(environ.pop("SPACES_SOURCE", STAND_IN), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), **environ},
    )


def test_on_zero_gpu_the_function_runs_in_its_own_process_and_stops_when_nobody_listens(
    tmp_path: Path, folder: Path
) -> None:
    done = run(tmp_path, folder, PROGRAM, SPACES_ZERO_GPU="true")
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines.count("worked apart: True") == 2
    assert [line[:22] for line in lines if not line.startswith("worked")] == [
        "length True True",
        "refused The prompt has",
        "cancelled True True",
        "stopped",
        "[5, 45, 24]",
    ]


def test_a_spent_quota_is_told_as_such(tmp_path: Path, folder: Path) -> None:
    program = PROGRAM.partition("ask(2000)")[0]
    done = run(tmp_path, folder, program, SPACES_ZERO_GPU="1", NO_QUOTA="1")
    assert done.stdout.startswith("rate_limited The graphics card could not be used: You have exceeded your GPU quota")


def test_off_zero_gpu_neither_spaces_nor_a_card_is_touched(tmp_path: Path, folder: Path) -> None:
    program = (
        PROGRAM.partition("cancel = threading")[0]
        + "import torch\nprint(torch.cuda.is_initialized(), 'spaces' in sys.modules)\n"
    )
    done = run(tmp_path, folder, program, SPACES_SOURCE="raise SystemExit('imported')", SPACES_ZERO_GPU="")
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "False False"
    assert done.stdout.startswith("length True True")


@pytest.fixture(scope="module")
def here(folder: Path) -> ZeroGpuBackend:
    return open_zero_gpu(folder, context_tokens=900, environ={})


def test_it_writes_what_the_transformers_backend_writes(
    here: ZeroGpuBackend, tiny: LocalBackend, ask: MakePrompt
) -> None:
    for schema in (None, {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}):
        request = GenerationRequest(prompt=ask("Name the risks.", schema=schema))
        pieces: list[str] = []
        places: list[int] = []
        one, other = here.generate(request, on_text=pieces.append, on_place=places.append), tiny.generate(request)
        assert (one.text, one.finish_reason) == (other.text, other.finish_reason)
        assert "".join(pieces) == one.text
        assert places == [0]
        assert one.model == other.model


def test_cancel_and_deadline_end_the_call_at_once(
    here: ZeroGpuBackend, ask: MakePrompt, endless: dict[str, Any]
) -> None:
    cancel = threading.Event()
    request = GenerationRequest(prompt=ask("x", schema=endless, max_tokens=850), decoding=Decoding(temperature=1.0))
    done = here.generate(request, cancel=cancel, on_text=lambda _: cancel.set())
    assert done.finish_reason is FinishReason.CANCELLED
    assert done.text
    done = here.generate(request.model_copy(update={"time_limit_s": 0.2}))
    assert done.finish_reason is FinishReason.DEADLINE
    assert done.total_s < 0.9


def test_calls_of_several_threads_are_answered_one_by_one(here: ZeroGpuBackend, ask: MakePrompt) -> None:
    requests = [GenerationRequest(prompt=ask(f"Question {number}?", max_tokens=8)) for number in range(3)]
    alone = [here.generate(request).text for request in requests]
    together: dict[int, str] = {}

    def call(which: int) -> None:
        together[which] = here.generate(requests[which]).text

    threads = [threading.Thread(target=call, args=(which,)) for which in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [together[which] for which in range(3)] == alone


def test_an_error_inside_keeps_its_words_and_its_kind(here: ZeroGpuBackend, ask: MakePrompt) -> None:
    with pytest.raises(GenerationError, match="the 900 of this context") as caught:
        here.generate(GenerationRequest(prompt=ask("word " * 900)))
    assert caught.value.kind is FailureKind.REFUSED


def test_off_zero_gpu_the_decorator_is_none_at_all() -> None:
    def function(request: GenerationRequest) -> int:
        return request.prompt.max_tokens

    assert gpu_function(seconds_wanted, environ={})(function) is function


def test_seconds_follow_the_tokens_and_never_pass_the_time_limit() -> None:
    short, long = (GenerationRequest(prompt=replace(POST, max_tokens=tokens)) for tokens in (50, 400))
    assert seconds_wanted(short) == 6
    assert seconds_wanted(long) == 20
    assert seconds_wanted(long.model_copy(update={"time_limit_s": 8.5})) == 9
