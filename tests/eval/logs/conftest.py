"""Rows of a log to write and read."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from proofkit_eval.logs import length_prefixed
from proofkit_eval.records import Generation, ModelRef

MODEL = ModelRef(id="small", name="Small", artifact_digest="a" * 64, family="any", backend="file", prompt_set="any-1")


def made(number: int, text: str = "An answer — with a dash.", **changed: object) -> Generation:
    """Return the answer to a numbered prompt."""
    return Generation(
        key=length_prefixed(str(number).encode()),
        prompt_id=f"p{number}",
        prompt_digest="b" * 64,
        contract_digest="c" * 64,
        task_digest="d" * 64,
        model=MODEL,
        decoding={"temperature": 0.0, "repeat_penalty": 1.1},
        seed=0,
        text=text,
        finish_reason="stop",
        prompt_tokens=700,
        completion_tokens=90,
        seconds=1.5,
        swap=False,
        made_at=datetime(2026, 1, 2, tzinfo=UTC),
    ).model_copy(update=changed)


@pytest.fixture
def row() -> Callable[..., Generation]:
    """Makes rows from a number, a text and what else is other than usual."""
    return made
