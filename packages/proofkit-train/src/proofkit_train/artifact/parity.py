"""How far an exported file's answers are from the model that was trained, token by token, on frozen prompts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from proofkit_train.artifact.llama import open_llama
from proofkit_train.base.model import load_model
from proofkit_train.base.source import BaseSource
from proofkit_train.base.tokenizer import open_tokenizer
from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

__all__ = ["Parity", "Reference", "compare", "make_reference"]

_CONTEXT = 1024
_MOST_TOKENS = 192
"""Tokens of a prompt's end that are compared: the fields, not the system message that all prompts share."""


class Parity(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Distance from the trained model."""

    tokens: int
    mean_divergence: float
    """Mean Kullback-Leibler divergence of the next token's distribution, in nats."""
    same_best: float
    """Share of places where the likeliest token is the same."""


class Reference:
    """The scores of the trained model, in full precision."""

    def __init__(self, prompts: Sequence[tuple[str, list[int]]], scores: "list[NDArray[float64]]") -> None:
        """Take over; `make_reference` makes one."""
        self.prompts, self.scores = prompts, scores


def make_reference(source: BaseSource, adapter: Path, prompts: Sequence[str]) -> Reference:
    """Compute the scores of a base with its adapter in Transformers.

    Args:
        source: The base.
        adapter: The adapter's folder, as PEFT saved it.
        prompts: Whole prompts.
    """
    import torch
    from peft import PeftModel  # noqa: PLC0415 - brings torch

    tokenizer = open_tokenizer(source)
    model = cast("Any", PeftModel).from_pretrained(load_model(source), str(adapter)).eval()
    tokens = [(prompt, tokenizer.encode(prompt)[:_CONTEXT]) for prompt in prompts]
    with torch.no_grad():
        scores = [model(torch.tensor([ids])).logits[0, -_MOST_TOKENS:].double().numpy() for _, ids in tokens]
    return Reference(tokens, scores)


def compare(reference: Reference, model: Path, adapter: Path | None = None) -> Parity:
    """Compare a file with the trained model.

    Args:
        reference: The trained model's scores.
        model: A GGUF model.
        adapter: A GGUF adapter beside it.

    Raises:
        ModelFileError: llama.cpp reads a prompt as other tokens.
    """
    import numpy as np

    divergence, same, count = 0.0, 0, 0
    with open_llama(model, adapter=adapter, context_tokens=_CONTEXT) as opened:
        for (prompt, ids), expected in zip(reference.prompts, reference.scores, strict=True):
            if opened.tokenize(prompt)[:_CONTEXT] != ids:
                raise ModelFileError(
                    f"llama.cpp reads a prompt as other tokens with {str(model)!r} than the model was trained on. "
                    f"Expected the same. Report this with the base's name."
                )
            found = opened.scores(ids)[-_MOST_TOKENS:].astype(np.float64)[:, : expected.shape[-1]]
            ours, theirs = _log_softmax(expected), _log_softmax(found)
            divergence += float((np.exp(ours) * (ours - theirs)).sum())
            same += int((expected.argmax(-1) == found.argmax(-1)).sum())
            count += len(expected)
    return Parity(tokens=count, mean_divergence=round(divergence / count, 5), same_best=round(same / count, 4))


def _log_softmax(scores: "NDArray[float64]") -> "NDArray[float64]":
    import numpy as np

    shifted = scores - scores.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
