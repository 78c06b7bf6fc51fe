"""A contestant: whoever answers prompts, under the digests it is known by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from proofkit_core.generation import Decoding, PromptKind
from proofkit_eval.generating.asking import Asked
from proofkit_eval.records import Decoded, ModelRef

__all__ = ["Answer", "Contestant", "decoded", "family_of"]

_FAMILIES = {
    "smollm": "smollm",
    "qwen": "qwen",
    "llama": "llama",
    "gemma": "gemma",
    "gemini": "gemini",
    "mistral": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "phi": "phi",
    "gpt": "gpt",
    "claude": "claude",
    "deepseek": "deepseek",
    "granite": "granite",
    "falcon": "falcon",
    "olmo": "olmo",
}


class Answer(NamedTuple):
    """What came back."""

    text: str
    finish_reason: str
    """`stop`, `length`, `empty`, or what the source says."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the board, ready to answer."""

    ref: ModelRef
    kind: PromptKind
    """Which set of prompts it is asked with."""
    decoding: Decoded
    answer: Callable[[Asked], Answer | None]
    """Answers one prompt; None where this contestant writes nothing for it, which lowers its coverage. Raises
    `GenerationError` where it could not answer this time, which is asked again when the run goes on."""
    seed: int = 0


def decoded(decoding: Decoding) -> Decoded:
    """Return how tokens are chosen as it stands in the log; the seed stands beside it."""
    return {"temperature": decoding.temperature, "repeat_penalty": decoding.repeat_penalty}


def family_of(name: str) -> str:
    """Return who made a model first, as far as its name tells; otherwise the name.

    Args:
        name: The model's id or name.
    """
    plain = name.casefold()
    return next((family for start, family in _FAMILIES.items() if start in plain), plain)
