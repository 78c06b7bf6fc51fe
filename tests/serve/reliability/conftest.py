"""Real server processes with a fault server as their model, looked at from outside."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from proofkit_prompts import load_contract
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.wire.requests import GoalInput, SessionInput

CONTRACT = load_contract()
PROC = Path("/proc")


class Remote(Protocol):
    def __call__(self, name: str, url: str, *, model: str = "", limits: str = "", more: str = "") -> str: ...


def _remote(name: str, url: str, *, model: str = "", limits: str = "total_s = 45.0", more: str = "") -> str:
    return f"""
[[model]]
id = "{name}"
backend = "openai_compatible"
base_urls = ["{url}"]
model = "{model or name}"
artifact_digest = "{"ab" * 32}"
contract = {{ version = "{CONTRACT.version}", digest = "{CONTRACT.digest}" }}
limits = {{ {limits} }}
{more}
"""


@pytest.fixture(scope="session")
def remote() -> Remote:
    """Return the entry of a file of models for one behind a server, which was trained on the prompts."""
    return _remote


def _goal(note: str = "night shift finds things out at the kettle", *, model: str = "") -> SessionInput:
    goal = GoalInput(
        target_role="Project manager (entry level)",
        background="Shift lead in a parcel depot for six years, nights and weekends.",
        notes=(note,),
    )
    return SessionInput(goal=goal, model=model)


@pytest.fixture(scope="session")
def with_goal() -> Callable[..., SessionInput]:
    """Makes a session's input from the person's point and a model."""
    return _goal


class Outside:
    """A server process as the operating system and its own figures show it."""

    def __init__(self, server: ServerProcess) -> None:
        self._url = server.url
        self._process = PROC / str(server.process.pid)

    @property
    def threads(self) -> int:
        return len(list((self._process / "task").iterdir()))

    @property
    def files(self) -> int:
        """Open files and connections."""
        return len(list((self._process / "fd").iterdir()))

    def figures(self, name: str) -> dict[str, float]:
        """Return the samples of a figure by their labels."""
        text = httpx.get(f"{self._url}/metrics", timeout=60.0).raise_for_status().text
        lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{")))
        return {labelled: float(value) for labelled, _, value in lines}

    @property
    def is_idle(self) -> bool:
        """Say whether nothing runs, nothing waits, and no model is asked."""
        names = ("proofkit_generations_running", "proofkit_generations_waiting", "proofkit_model_busy")
        return not any(value for name in names for value in self.figures(name).values())


@pytest.fixture(scope="session")
def outside() -> Callable[[ServerProcess], Outside]:
    """Looks at a server process from outside."""
    if not PROC.is_dir():
        pytest.skip("threads and files of a process are read from /proc")
    return Outside
