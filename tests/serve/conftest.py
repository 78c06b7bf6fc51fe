from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from proofkit_prompts.prompt import FrozenPrompt, OutputKind
from proofkit_serve import LlamaCppBackend, open_llama_cpp

SYSTEM = (
    "You write short, honest work samples for people who change careers. Use only the facts given. "
    "Never invent an employer, a number or a result. Write in plain words and in the first person."
)


class PromptMaker(Protocol):
    def __call__(
        self,
        user: str,
        *,
        system: str = SYSTEM,
        schema: dict[str, Any] | None = None,
        max_tokens: int = 48,
        stop: tuple[str, ...] = ("<|im_end|>",),
    ) -> FrozenPrompt: ...


def _make_prompt(
    user: str,
    *,
    system: str = SYSTEM,
    schema: dict[str, Any] | None = None,
    max_tokens: int = 48,
    stop: tuple[str, ...] = ("<|im_end|>",),
) -> FrozenPrompt:
    return FrozenPrompt(
        contract="test",
        contract_digest="0" * 64,
        task="test",
        task_digest="0" * 64,
        system=system,
        user=user,
        text=(f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"),
        stop=stop,
        output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
        output_schema=schema,
        max_tokens=max_tokens,
    )


@pytest.fixture(scope="session")
def make_prompt() -> PromptMaker:
    return _make_prompt


@pytest.fixture(scope="session")
def backend() -> Iterator[LlamaCppBackend]:
    with open_llama_cpp(adapter=None) as opened:  # the tests ask what no tuned model was trained on
        yield opened
