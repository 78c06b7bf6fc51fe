from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import gguf
import numpy as np  # noqa: TID253 - a test may wait for it
import pytest
from numpy.typing import NDArray  # noqa: TID253 - the same

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


@pytest.fixture(scope="session")
def embedded(model_cache: Path) -> str:
    """The model that comes along with its adapter, as an entry in a file of models."""
    return f'[[model]]\nid = "embedded"\nbackend = "llama_cpp"\ncache = "{model_cache.as_posix()}"\n'


class GgufWriter(Protocol):
    def __call__(
        self,
        path: Path,
        keys: Mapping[str, str | int | float | list[str]],
        tensors: Mapping[str, tuple[NDArray[np.float32], str]],
    ) -> Path: ...


def _write_gguf(
    path: Path,
    keys: Mapping[str, str | int | float | list[str]],
    tensors: Mapping[str, tuple[NDArray[np.float32], str]],
) -> Path:
    """Write a GGUF file for the family llama; each tensor comes with the name of the type that stores it."""
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in keys.items():
        match value:
            case str():
                writer.add_string(key, value)
            case int():
                writer.add_uint32(key, value)
            case float():
                writer.add_float32(key, value)
            case list():
                writer.add_array(key, value)
    for name, (weights, stored) in tensors.items():
        kind = gguf.GGMLQuantizationType[stored]
        writer.add_tensor(name, gguf.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def write_gguf() -> GgufWriter:
    return _write_gguf
