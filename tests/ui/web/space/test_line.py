"""Pieces of a completion pass Gradio's queue unchanged, and whoever stops to listen stops the work.

Gradio changes the process that it runs in, so it gets one of its own.
"""

import subprocess
import sys

import pytest

PROGRAM = """
import os, socket, threading, time
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
from contextlib import asynccontextmanager
import gradio
from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract
from proofkit_serve.backends.zero_gpu import Failed, Piece, ZeroGpuBackend
from proofkit_ui.space.line import NAME, line_to, queued

ended = threading.Event()

def stream(request):
    try:
        if "refused" in request.prompt.user:
            yield Failed("The prompt is too long.", FailureKind.REFUSED)
        elif "endless" in request.prompt.user:
            for number in range(10_000):
                time.sleep(0.05)
                yield Piece("x", 5, 0, number + 1)
        else:
            yield Piece("Grüße, “", 7, 2, 3)
            yield Piece("世界”\\n\\n", 7, 2, 4)
            yield Piece("", 7, 2, 4, FinishReason.STOP)
    finally:
        ended.set()

def ask(what, cancel=None, on_text=None):
    prompt = load_contract().render(
        "linkedin_post", {"target_role": what, "company": "Larkmoor", "work_sample": "Plan"}
    )
    return backend.generate(GenerationRequest(prompt=prompt, time_limit_s=30.0), cancel=cancel, on_text=on_text)

with socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
server = gradio.Server()
server.api(queued(stream), name=NAME, concurrency_limit=8, api_visibility="undocumented")
server.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, _frontend=False)
identity = ModelIdentity(id="m", name="M", artifact_digest="d")
backend = ZeroGpuBackend(stream, identity, None).by_way_of(line_to(lambda: ("127.0.0.1", port), "key"))

pieces = []
done = ask("Bell founder", on_text=pieces.append)
assert (done.text, pieces) == ("Grüße, “世界”\\n\\n", ["Grüße, “", "世界”\\n\\n"]), (done, pieces)
assert (done.prompt_tokens, done.reused_tokens, done.completion_tokens) == (7, 2, 4)
assert done.finish_reason is FinishReason.STOP
print("whole")
try:
    ask("refused")
except GenerationError as error:
    print(error.kind.value, error)
ended.clear()
cancel = threading.Event()
started = time.monotonic()
stopped = ask("endless", cancel=cancel, on_text=lambda _: cancel.set())
print(stopped.finish_reason.value, time.monotonic() - started < 5, ended.wait(15))
backend.close()
server.get_blocks().close(verbose=False)
try:
    ZeroGpuBackend(stream, identity, None).by_way_of(line_to(lambda: ("127.0.0.1", 1), "key")).generate(
        GenerationRequest(prompt=load_contract().render(
            "linkedin_post", {"target_role": "a", "company": "b", "work_sample": "c"}))
    )
except GenerationError as error:
    print(error.kind.value)
"""


@pytest.mark.slow
def test_what_passes_the_queue_is_what_was_written(apart: dict[str, str]) -> None:
    pytest.importorskip("gradio", reason="needs the extra `proofkit-ui[space]`")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=240, check=False, env=apart
    )
    assert done.stdout.splitlines() == [
        "whole",
        "refused The prompt is too long.",
        "cancelled True True",
        "cut",
    ], done.stderr
