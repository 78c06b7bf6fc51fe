"""Prompts, identities and limits for backends that are reached over HTTP."""

from typing import Any, Protocol

import pytest

from proofkit_core.generation import ModelIdentity
from proofkit_prompts import EditablePrompt, FrozenPrompt, OutputKind
from proofkit_serve.backends.http.limits import Limits
from proofkit_serve.faults.running import render_chatml

IDENTITY = ModelIdentity(id="faulty", name="Faulty 1", artifact_digest="faulty-1")
SYSTEM = "You write short, honest work samples."


class FrozenMaker(Protocol):
    def __call__(self, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int = 48) -> FrozenPrompt: ...


class EditableMaker(Protocol):
    def __call__(self, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int = 48) -> EditablePrompt: ...


def make_frozen(user: str, *, schema: dict[str, Any] | None = None, max_tokens: int = 48) -> FrozenPrompt:
    return FrozenPrompt(
        contract="test",
        contract_digest="0" * 64,
        task="test",
        task_digest="0" * 64,
        system=SYSTEM,
        user=user,
        text=render_chatml(SYSTEM, user),
        stop=("<|im_end|>",),
        output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
        output_schema=schema,
        max_tokens=max_tokens,
    )


def make_editable(user: str, *, schema: dict[str, Any] | None = None, max_tokens: int = 48) -> EditablePrompt:
    return EditablePrompt(
        prompt_set="test-1",
        task="test",
        system=SYSTEM,
        user=user,
        output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
        output_schema=schema,
        max_tokens=max_tokens,
    )


@pytest.fixture(scope="session")
def frozen() -> FrozenMaker:
    return make_frozen


@pytest.fixture(scope="session")
def editable() -> EditableMaker:
    return make_editable


@pytest.fixture(scope="session")
def identity() -> ModelIdentity:
    return IDENTITY


@pytest.fixture(scope="session")
def patient() -> Limits:
    """Limits that a machine under load keeps to; those that a test waits for are made short by that test."""
    return Limits(connect_s=20.0, first_token_s=20.0, idle_s=20.0, total_s=40.0, answer_chars=4000)
