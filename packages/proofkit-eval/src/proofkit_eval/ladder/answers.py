"""The known-good answers: written by hand, each for a prompt of its own, whole and honest."""

import json
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import DataError
from proofkit_eval.records import Prompt

__all__ = ["KnownGood", "Replacement", "load_answers", "written"]

_PAIRED = "talking_points"


class Replacement(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One edit of a text."""

    old: str
    new: str


class _Entry(BaseModel, frozen=True, extra="forbid"):
    prompt: str
    text: str = ""
    texts: tuple[str, ...] = ()
    better: Replacement
    undisclosed: tuple[Replacement, ...] = ()


class KnownGood(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A good answer, and how it is made better or stops to disclose."""

    prompt: Prompt
    texts: tuple[str, ...]
    """The text of a Markdown task, the bullets, or question and answer in turn."""
    better: Replacement
    undisclosed: tuple[Replacement, ...]
    """Empty where the text stays inside a document that discloses."""

    @property
    def is_paired(self) -> bool:
        """Say whether the texts are questions and answers."""
        return self.prompt.task == _PAIRED


def written(task: str, texts: Sequence[str]) -> str:
    """Return texts as the completion of a task.

    Args:
        task: A Markdown task, bullets or talking points.
        texts: The one text, the bullets, or question and answer in turn.
    """
    if task == "resume_bullets":
        return json.dumps({"bullets": list(texts)}, ensure_ascii=False)
    if task == _PAIRED:
        points = [{"question": q, "answer": a} for q, a in zip(texts[::2], texts[1::2], strict=True)]
        return json.dumps({"points": points}, ensure_ascii=False)
    return "\n".join(texts)


@cache
def load_answers() -> tuple[KnownGood, ...]:
    """Return the known-good answers with their prompts, in the order of the file.

    Raises:
        DataError: A file breaks its form, or an answer has no prompt.
    """
    folder = files("proofkit_eval.ladder").joinpath("data")
    try:
        lines = folder.joinpath("prompts.jsonl").read_text(encoding="utf-8").splitlines()
        prompts = {prompt.id: prompt for prompt in map(Prompt.model_validate_json, lines)}
        raw = tomllib.loads(folder.joinpath("answers.toml").read_text(encoding="utf-8"))["answer"]
        entries = [_Entry.model_validate(entry) for entry in raw]
    except (ValidationError, KeyError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"The ladder's data cannot be read: {error}. Restore proofkit_eval/ladder/data.") from error
    return tuple(_known_good(entry, prompts) for entry in entries)


def _known_good(entry: _Entry, prompts: dict[str, Prompt]) -> KnownGood:
    prompt = prompts.get(entry.prompt)
    texts = entry.texts or (entry.text.strip(),)
    whole = "\n".join(texts)
    edits = (entry.better, *entry.undisclosed)
    missing = next((edit.old for edit in edits if edit.old not in whole), None)
    if prompt is None or missing is not None:
        told = f"has no prompt {entry.prompt!r}" if prompt is None else f"does not hold {missing!r}"
        raise DataError(f"The ladder's answer to {entry.prompt!r} {told}. Put answers.toml and prompts.jsonl in step.")
    return KnownGood(prompt=prompt, texts=texts, better=entry.better, undisclosed=entry.undisclosed)
