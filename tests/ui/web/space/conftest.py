"""The folder that `proofkit space` writes, and its `app.py` as a process of its own."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from proofkit_ui.cli import main

_START_S = 120.0


WATCH = """
import json, sys

def _watch(event, given):
    host = None
    if event == "socket.connect" and isinstance(given[1], tuple):
        host = given[1][0]
    elif event == "socket.getaddrinfo":
        host = given[0]
    if host is not None:
        with open({path!r}, "a") as out:
            out.write(json.dumps(host if isinstance(host, str) else host.decode()) + chr(10))

sys.addaudithook(_watch)
"""


class Space:
    """A Space on this computer's loopback address. Its settings are those of a real one, but for where it listens."""

    def __init__(self, folder: Path, environment: dict[str, str], log: Path) -> None:
        self.folder = folder
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self.watched = log.with_suffix(".asked")
        (log.parent / "sitecustomize.py").write_text(WATCH.format(path=str(self.watched)), encoding="utf-8")
        around = {
            **environment,
            "PROOFKIT_HOST": "127.0.0.1",
            "PROOFKIT_PORT": str(self.port),
            "PROOFKIT_API_KEYS": "on",
            "PROOFKIT_DATA_DIR": str(log.with_suffix("")),
            "PYTHONPATH": str(log.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with log.open("ab") as out:
            command = [sys.executable, str(folder / "app.py")]
            self.process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=around)
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log)
            time.sleep(0.1)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class StartSpace(Protocol):
    def __call__(self, folder: Path, **environment: str) -> Space: ...


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a Space on a processor."""
    pytest.importorskip("gradio", reason="needs the extra `proofkit-ui[space]`")
    folder = tmp_path_factory.mktemp("space") / "files"
    assert main(["space", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def start_space(apart: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSpace]:
    running: list[Space] = []

    def start(folder: Path, **environment: str) -> Space:
        space = Space(folder, {**apart, **environment}, tmp_path_factory.mktemp("log") / "space.log")
        running.append(space)
        return space

    yield start
    for space in running:
        space.stop()


@pytest.fixture(scope="module")
def space(written: Path, start_space: StartSpace) -> Space:
    return start_space(written, PROOFKIT_DEFAULT_MODEL="template")


CARD_APP = """
import spaces

import json, os
from collections.abc import Generator
from pathlib import Path

from proofkit_serve.backends.llama_cpp import open_llama_cpp
from proofkit_serve.backends.zero_gpu import Failed, Piece, ZeroGpuBackend, seconds_wanted
from proofkit_ui.space.server import run_space

HERE = Path(__file__).parent
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
model = open_llama_cpp()

@spaces.GPU(duration=seconds_wanted)
def stream(request) -> Generator[Piece | Failed, None, None]:
    from gradio.context import LocalContext
    asked = LocalContext.request.get(None)
    with (HERE / "asked.txt").open("a") as out:
        out.write((asked.headers.get("x-ip-token") or "nobody") + "\\n")
    if (HERE / "spent").exists():
        import gradio
        raise gradio.Error("You have exceeded your free ZeroGPU quota", title="ZeroGPU quota exceeded")
    done = model.generate(request)
    half = len(done.text) // 2
    yield Piece(done.text[:half], done.prompt_tokens, 0, 1)
    yield Piece(done.text[half:], done.prompt_tokens, 0, done.completion_tokens, done.finish_reason)

if __name__ == "__main__":
    card = ZeroGpuBackend(stream, model.identity, model.training)
    run_space(HERE / "proofkit.toml", card=card)
"""
CARD_MODELS = """
[[model]]
id = "card"
name = "The model on the card"
backend = "zero_gpu"

[[model]]
id = "template"
backend = "template"
"""


@pytest.fixture(scope="module")
def with_card(tmp_path_factory: pytest.TempPathFactory, start_space: StartSpace) -> Space:
    """A Space whose card is played by the embedded model: everything else is as on ZeroGPU, Gradio's queue included."""
    pytest.importorskip("gradio", reason="needs the extra `proofkit-ui[space]`")
    folder = tmp_path_factory.mktemp("card")
    (folder / "app.py").write_text(CARD_APP, encoding="utf-8")
    (folder / "models.toml").write_text(CARD_MODELS, encoding="utf-8")
    (folder / "proofkit.toml").write_text(f"models = {json.dumps('models.toml')}\n", encoding="utf-8")
    return start_space(folder)
