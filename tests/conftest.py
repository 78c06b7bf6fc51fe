"""What stands in for a model in front of the real program, and which tests are tried again when they fail."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex, build_index
from proofkit_prompts.prompt import EditablePrompt, FreePrompt, FrozenPrompt

Answer = Callable[[GenerationRequest], str]

TIMED = (
    "architecture",
    "docs",
    "eval/commands",
    "eval/judging",
    "eval/statistics",
    "export",
    "integrity/test_speed.py",
    "prompts/test_render.py",
    "roles",
    "serve",
    "train/sft",
    "ui",
)
"""Tests that wait for a clock, a process, a server or a browser. A machine with other work makes one of some thousands
late now and then, so each gets two more tries, and the summary names those that needed one."""
TRIES_MORE = 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let tests that depend on how busy the machine is try again; all others have to pass at once."""
    if not config.pluginmanager.hasplugin("rerunfailures"):  # `-p no:rerunfailures`: one try for all
        return
    here = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(here)
        if any(path.is_relative_to(timed) for timed in TIMED):
            item.add_marker(pytest.mark.flaky(reruns=TRIES_MORE))


class Scripted:
    """A backend that answers as it is told, however wrong; everything around it is the real program."""

    def __init__(self, answer: Answer, finish: FinishReason = FinishReason.STOP, name: str = "scripted") -> None:
        self.identity = ModelIdentity(id=name, name=name.capitalize(), artifact_digest="0" * 64)
        self.answer = answer
        self.finish = finish
        self.prompts: list[FrozenPrompt | EditablePrompt | FreePrompt] = []

    @property
    def tasks(self) -> list[str]:
        return [prompt.task for prompt in self.prompts]

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        del cancel, on_place
        self.prompts.append(request.prompt)
        text = self.answer(request)
        if on_text is not None:
            for piece in re.findall(r"\S+\s*|\s+", text):
                on_text(piece)
        return Completion(
            text=text,
            finish_reason=self.finish,
            model=self.identity,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=max(1, len(text.split())),
            first_token_s=0.0,
            total_s=0.0,
        )


@pytest.fixture(scope="session")
def scripted() -> type[Scripted]:
    """Makes backends from what they answer and, where it is not a whole answer, how it ends."""
    return Scripted


def _good_section(request: GenerationRequest) -> str:
    if not request.prompt.task.endswith("_section"):
        return ""
    lines = dict(line.split(": ", 1) for line in request.prompt.user.splitlines() if ": " in line)
    return (
        f"At {lines['Fictional company']} I would take the careful way. What weighs most here is this: "
        f"{lines['Decision']} The facts that carry it are {lines['Scenario facts']}. "
        f"My own points belong here too. {lines.get('User points', 'None of them fits.')}."
    )


@pytest.fixture(scope="session")
def good_section() -> Answer:
    """A section in the words of its own prompt: the company, the facts, the decision and the person's points.

    The other tasks are answered with nothing.
    """
    return _good_section


@pytest.fixture(scope="session")
def role_index() -> RoleIndex:
    return build_index(load_catalogue())


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one run of the tests keeps merged models, instead of in the folder of whoever runs it."""
    return tmp_path_factory.mktemp("caches") / "proofkit" / "models"


@pytest.fixture(scope="session")
def apart(model_cache: Path) -> dict[str, str]:
    """An environment for programs under test that makes them keep merged models there."""
    return {**os.environ, "XDG_CACHE_HOME": str(model_cache.parents[1])}
