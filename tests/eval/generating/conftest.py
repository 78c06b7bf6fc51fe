"""A few prompts, the contract, and contestants that answer as they are told."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from proofkit_core.generation import PromptKind
from proofkit_eval.generating import Answer, Asked, Contestant
from proofkit_eval.heldout import load_set
from proofkit_eval.records import ModelRef, Prompt
from proofkit_prompts import Contract, load_contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return the frozen prompts."""
    return load_contract()


@pytest.fixture(scope="session")
def prompts() -> tuple[Prompt, ...]:
    """Return one prompt of each family and a few more."""
    return load_set("smoke-v1").prompts


@pytest.fixture
def now() -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: datetime(2026, 1, 2, tzinfo=UTC)


class Told:
    """A contestant's answers: what it is told to say, and what it was asked."""

    def __init__(self, name: str = "told", digest: str = "1" * 64, says: str = "An answer.") -> None:
        self.asked: list[Asked] = []
        self.says = says
        self.contestant = Contestant(
            ref=ModelRef(
                id=name, name=name, artifact_digest=digest, family="any", backend="told", prompt_set="frozen-v1"
            ),
            kind=PromptKind.FROZEN,
            decoding={"temperature": 0.0},
            answer=self.answer,
        )

    def answer(self, asked: Asked) -> Answer | None:
        self.asked.append(asked)
        return Answer(self.says, "stop", 10, 5, 0.1)


@pytest.fixture
def answering() -> type[Told]:
    """Make contestants from their name, digest and answer."""
    return Told
