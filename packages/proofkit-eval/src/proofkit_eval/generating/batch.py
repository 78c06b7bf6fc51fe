"""Writes prompts as a batch file, for hosted models and `vllm run-batch` on a GPU; `from_file` reads the answers."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proofkit_core.errors import OutputPathError
from proofkit_core.generation import PromptKind
from proofkit_core.provenance import digest_bytes
from proofkit_eval.generating.asking import asked_bytes, rendered
from proofkit_eval.records import Decoded, Prompt
from proofkit_prompts import Contract, EditablePrompt, FrozenPrompt, OutputKind

__all__ = ["custom_id", "write_batch"]

_DIGITS = 16


def write_batch(
    prompts: Sequence[Prompt],
    path: Path,
    *,
    model: str,
    kind: PromptKind,
    contract: Contract,
    decoding: Decoded,
    seed: int = 0,
) -> int:
    """Write a batch file in OpenAI's form, with a line for each prompt and each twin, and return how many lines.

    Args:
        prompts: The held-out prompts.
        path: The file; one that is there already is replaced.
        model: The server's name of the model.
        kind: Which set of prompts; frozen ones are sent as whole texts, editable ones as messages.
        contract: The contract that renders.
        decoding: How tokens are chosen.
        seed: The seed of that choice.

    Raises:
        OutputPathError: The file cannot be written.
    """
    lines = [json.dumps(line, ensure_ascii=False) for line in _lines(prompts, model, kind, contract, decoding, seed)]
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputPathError(
            f"The batch file {str(path)!r} cannot be written: {error.strerror}. Expected a place that this program may "
            "write to. Name another one."
        ) from error
    return len(lines)


def custom_id(prompt: Prompt, rendered_prompt: FrozenPrompt | EditablePrompt, *, swap: bool) -> str:
    """Return the name of a line, with the digest of its prompt, so that no answer to other words is taken for it."""
    digest = digest_bytes(asked_bytes(rendered_prompt))[:_DIGITS]
    return f"{prompt.id}#{'twin' if swap else 'prompt'}#{digest}"


def _lines(
    prompts: Sequence[Prompt], model: str, kind: PromptKind, contract: Contract, decoding: Decoded, seed: int
) -> Iterator[dict[str, Any]]:
    for prompt in prompts:
        for swap in (False, True) if prompt.swap else (False,):
            text = rendered(prompt, kind, contract, swap=swap)
            name = custom_id(prompt, text, swap=swap)
            url, asked = _request(text)
            body = {"model": model, **asked, "max_tokens": text.max_tokens, "seed": seed, **_sampling(decoding)}
            yield {"custom_id": name, "method": "POST", "url": url, "body": body}


def _request(prompt: FrozenPrompt | EditablePrompt) -> tuple[str, dict[str, Any]]:
    if isinstance(prompt, FrozenPrompt):
        return "/v1/completions", {"prompt": prompt.text, "stop": list(prompt.stop), **_schema(prompt)}
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    return "/v1/chat/completions", {"messages": messages, **_schema(prompt)}


def _schema(prompt: FrozenPrompt | EditablePrompt) -> dict[str, Any]:
    if prompt.output is not OutputKind.JSON or prompt.output_schema is None:
        return {}
    schema = {"name": prompt.task, "schema": prompt.output_schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _sampling(decoding: Decoded) -> dict[str, Any]:
    """Return the settings under the names that servers know; a penalty of 1 changes nothing and is left out."""
    sent = dict(decoding)
    penalty = sent.pop("repeat_penalty", 1.0)
    return sent if penalty == 1.0 else {**sent, "repetition_penalty": penalty}
