"""Answers from a file: of a hosted model's batch, of vLLM on a GPU, or written by hand."""

import json
from collections.abc import Collection, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, Field, ValidationError

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind
from proofkit_core.provenance import digest_bytes
from proofkit_eval.generating.asking import Asked
from proofkit_eval.generating.batch import custom_id
from proofkit_eval.generating.contestant import Answer, Contestant
from proofkit_eval.heldout.reading import SetName
from proofkit_eval.logs.lines import Line, Mistakes, iter_lines
from proofkit_eval.records import Decoded, ModelRef

__all__ = ["CompletionRow", "from_file", "hand_written"]


class CompletionRow(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer of a file of one's own."""

    prompt_id: str
    text: str
    swap: bool = False
    """Whether the counterfactual twin was asked."""
    finish_reason: str = "unknown"
    prompt_digest: str = ""
    """SHA-256 (hex) of the bytes that were asked; where it is given, it is compared."""
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    seconds: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)


_Found = tuple[Answer, str]
"""An answer, and what of a digest its line gives; empty for nothing."""


def from_file(
    path: Path,
    ref: ModelRef,
    *,
    kind: PromptKind = PromptKind.EDITABLE,
    decoding: Decoded | None = None,
    seed: int = 0,
    known: Collection[str] | None = None,
) -> Contestant:
    """Return a contestant whose answers stand in a file, one JSON object a line.

    A line is a `CompletionRow`, or one of a batch's results in OpenAI's form whose requests `write_batch` wrote.

    Args:
        path: The file.
        ref: Who answered. Where its digest is the name of a hosted model, take one with a date or version in it.
        kind: Which set of prompts was asked.
        decoding: How tokens were chosen, as far as that is known.
        seed: The seed of that choice.
        known: Ids of the prompts that there are; None where nobody knows them. An answer to another one would never
            be looked at, and its prompt would be missing from the coverage without a word.

    Raises:
        InputError: The file cannot be read, a line is no answer, a prompt is answered twice in two ways, or it is none
            of those that there are.
    """
    answers = _read(path, known)

    def answer(asked: Asked) -> Answer | None:
        return _find(path, answers, asked)

    return Contestant(ref=ref, kind=kind, decoding=decoding or {}, answer=answer, seed=seed)


def hand_written(name: SetName = "held-out-v1") -> Contestant:
    """Return the answers that were written by hand along with a set: what the training data holds up as good.

    There are none for the twins.

    Args:
        name: The set.
    """
    source = files("proofkit_eval.heldout").joinpath("data", f"{name}.hand-written.jsonl")
    with as_file(source) as path:
        ref = ModelRef(
            id="hand-written",
            name="Written by hand",
            artifact_digest=digest_bytes(source.read_bytes()),
            family="people",
            backend="file",
            prompt_set="frozen-v1",
        )
        return from_file(path, ref, kind=PromptKind.FROZEN)


def _read(path: Path, known: Collection[str] | None) -> dict[tuple[str, bool], _Found]:
    answers: dict[tuple[str, bool], _Found] = {}
    lines: dict[tuple[str, bool], int] = {}
    mistakes = Mistakes(path)
    for line in iter_lines(path):
        try:
            name, found = _row(line)
        except ValueError as error:
            mistakes.add(line.number, str(error))
            continue
        if name in answers and answers[name] != found:
            mistakes.add(line.number, f"it answers {name[0]!r} in another way than line {lines[name]}")
        if known is not None and name[0] not in known:
            mistakes.add(line.number, f"it answers {name[0]!r}, and the set has no such prompt")
        answers.setdefault(name, found)
        lines.setdefault(name, line.number)
    mistakes.settle()
    return answers


def _row(line: Line) -> tuple[tuple[str, bool], _Found]:
    """Return what a line answers, and how.

    Raises:
        ValueError: It is no answer.
    """
    value: Any = json.loads(line.content, parse_constant=_no_number)
    if isinstance(value, dict) and "custom_id" in value:
        return _batch_row(cast("dict[str, Any]", value))
    try:
        row = CompletionRow.model_validate_json(line.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")) from error
    answer = Answer(
        row.text,
        row.finish_reason if row.text.strip() else "empty",
        row.prompt_tokens,
        row.completion_tokens,
        row.seconds,
    )
    return (row.prompt_id, row.swap), (answer, row.prompt_digest)


def _batch_row(value: Mapping[str, Any]) -> tuple[tuple[str, bool], _Found]:
    prompt_id, which, digest = [*str(value["custom_id"]).split("#"), "", ""][:3]
    if which not in {"prompt", "twin"}:
        raise ValueError(f"the custom_id {value['custom_id']!r} is none that `write_batch` gave")
    response = _held(value, "response")
    body = _held(response, "body")
    choices: object = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"no answer: {json.dumps(value.get('error') or response, ensure_ascii=False)[:120]}")
    choice, usage = _fields(cast("list[object]", choices)[0]), _held(body, "usage")
    text = str(_held(choice, "message").get("content") or choice.get("text") or "")
    answer = Answer(
        text,
        str(choice.get("finish_reason") or "unknown") if text.strip() else "empty",
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
    )
    return (prompt_id, which == "twin"), (answer, digest)


def _held(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _fields(value.get(name))


def _fields(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _count(usage: Mapping[str, Any], name: str) -> int:
    count: object = usage.get(name)
    return count if isinstance(count, int) and count > 0 else 0


def _no_number(name: str) -> object:
    raise ValueError(f"it holds {name}, which is no number")


def _find(path: Path, answers: Mapping[tuple[str, bool], _Found], asked: Asked) -> Answer | None:
    found = answers.get((asked.prompt.id, asked.swap))
    if found is None:
        return None
    answer, digest = found
    name = custom_id(asked.prompt, asked.rendered, swap=asked.swap)
    if digest and not asked.digest.startswith(digest):
        raise InputError(
            f"{path.name} answers {asked.prompt.id!r} with the digest {digest[:12]}, and the prompt comes to "
            f"{asked.digest[:12]} ({name}). Expected answers to these very words: ask again with a new batch file."
        )
    return answer
