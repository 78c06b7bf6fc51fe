"""What one model is asked: each prompt and its counterfactual twin as exact bytes, under the key of the answer."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind
from proofkit_core.provenance import digest_bytes
from proofkit_eval.logs.keys import generation_key, length_prefixed
from proofkit_eval.records import Decoded, ModelRef, Prompt
from proofkit_prompts import Contract, EditablePrompt, FrozenPrompt, render_editable

__all__ = ["Asked", "Shard", "asked_bytes", "asks_of", "rendered", "shard_path"]

_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")


class Asked(NamedTuple):
    """One thing that a model is asked."""

    key: str
    prompt: Prompt
    swap: bool
    """Whether it is the counterfactual twin."""
    rendered: FrozenPrompt | EditablePrompt
    digest: str
    """SHA-256 (hex) of the bytes that are asked."""


class Shard(NamedTuple):
    """A part of a run, so that several programs share the work: prompt by prompt in turn, twins together."""

    number: int = 1
    """From 1."""
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a shard as it is typed, such as `2/4`.

        Raises:
            InputError: It is none.
        """
        found = _SHARD.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise InputError(f"Got the shard {text!r}; expected its number and how many there are, such as 2/4.")
        return cls(int(found[1]), int(found[2]))

    def part(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        """Return this shard's prompts."""
        return prompts[self.number - 1 :: self.of]


def shard_path(log: Path, shard: Shard) -> Path:
    """Return the file of a shard: a run in one piece has the log itself.

    Args:
        log: The log of the whole run.
        shard: The part.
    """
    if shard.of == 1:
        return log
    return log.with_name(f"{log.stem}.{shard.number}-of-{shard.of}{log.suffix}")


def asks_of(
    prompts: Sequence[Prompt],
    *,
    model: ModelRef,
    kind: PromptKind,
    decoding: Decoded,
    seed: int,
    contract: Contract,
) -> Iterator[Asked]:
    """Yield what a model is asked, each twin behind its prompt.

    Args:
        prompts: The held-out prompts.
        model: Who is asked.
        kind: With which set of prompts.
        decoding: How its tokens are chosen.
        seed: The seed of that choice.
        contract: The contract that renders.

    Raises:
        FieldError: A prompt's fields do not fit the contract.
    """
    for prompt in prompts:
        for swap in (False, True) if prompt.swap else (False,):
            text = rendered(prompt, kind, contract, swap=swap)
            asked = asked_bytes(text)
            key = generation_key(asked, contract_digest=contract.digest, model=model, decoding=decoding, seed=seed)
            yield Asked(key, prompt, swap, text, digest_bytes(asked))


def rendered(
    prompt: Prompt, kind: PromptKind, contract: Contract, *, swap: bool = False
) -> FrozenPrompt | EditablePrompt:
    """Return a prompt, or its twin, as a model of some kind is asked.

    Args:
        prompt: The prompt.
        kind: Which of the two sets of prompts.
        contract: The contract that renders.
        swap: Take the twin, which there has to be.

    Raises:
        FieldError: The fields do not fit the contract.
    """
    fields = prompt.swap.fields if swap and prompt.swap else prompt.fields
    if kind is PromptKind.FROZEN:
        return contract.render(prompt.task, fields)
    return render_editable(prompt.task, fields, contract=contract)


def asked_bytes(prompt: FrozenPrompt | EditablePrompt) -> bytes:
    """Return the bytes that stand for a prompt: its whole text, or a digest of all parts of a chat."""
    if isinstance(prompt, FrozenPrompt):
        return prompt.text.encode()
    parts = (prompt.prompt_set, prompt.system, prompt.user, str(prompt.max_tokens))
    return length_prefixed(*(part.encode() for part in parts)).encode()
