"""Looks for anything of the held-out prompts in the rows that a model was trained on."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from proofkit_core.errors import InputError
from proofkit_core.provenance import digest_bytes
from proofkit_eval.records import Prompt
from proofkit_prompts import load_contract

__all__ = ["RUN", "Leak", "TrainingRow", "find_leaks", "read_training_rows"]

LeakKind = Literal["prompt", "role", "persona", "text", "value"]
RUN = 8
"""So many words in a row that a person typed are no coincidence."""
_SHORTEST = 4
"""A note or answer of so many words counts when it stands there whole."""
_CALENDAR = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
"""There are only seven of them, so everybody says the same ones."""
_WORD = re.compile(r"\w+")


class TrainingRow(NamedTuple):
    """What counts of a row that a model was trained on."""

    id: str
    role: str
    case: str
    prompt: str
    completion: str
    said: tuple[str, ...] = ()
    """What the person said in it."""
    values: tuple[str, ...] = ()
    """Rare words of that person."""


class Leak(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Something of a held-out prompt that training met."""

    kind: LeakKind
    prompt_id: str
    row_id: str
    what: str


def read_training_rows(path: Path) -> Iterator[TrainingRow]:
    """Yield the rows of a file that the data set builder wrote.

    Args:
        path: A file such as `train.jsonl`.

    Raises:
        InputError: It cannot be read, or a line is no row.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield _row(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The training rows {str(path)!r} cannot be read: {error}. Expected the `train.jsonl` that "
            "`proofkit-train data build` wrote."
        ) from error


def find_leaks(prompts: Sequence[Prompt], rows: Iterable[TrainingRow]) -> tuple[Leak, ...]:
    """Return what training met of the held-out prompts; each thing once for a prompt.

    The same prompt, a role, a person, a run of words that somebody typed, or one of a person's rare words.

    Args:
        prompts: The held-out prompts.
        rows: The rows that a model was trained on.
    """
    watch = _Watch(prompts)
    found: dict[tuple[str, str, str], Leak] = {}
    for row in rows:
        for leak in watch.leaks(row):
            found.setdefault((leak.kind, leak.prompt_id, leak.what), leak)
    return tuple(found.values())


class _Watch:
    """The held-out prompts, ready to be looked for in row after row."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._digests = {digest: prompt.id for prompt in prompts for digest in _digests(prompt)}
        self._roles = _by(prompts, lambda prompt: (prompt.scene.role_id,))
        self._cases = _by(prompts, lambda prompt: (prompt.persona.partition("/")[0],))
        self._values = _by(prompts, lambda prompt: tuple(value.casefold() for value in prompt.values))
        self._runs = _runs(prompts)

    def leaks(self, row: TrainingRow) -> Iterator[Leak]:
        asked = digest_bytes(row.prompt.encode())
        if asked in self._digests:
            yield Leak(kind="prompt", prompt_id=self._digests[asked], row_id=row.id, what="the whole prompt")
        yield from self._of(row, "role", self._roles, (row.role,))
        yield from self._of(row, "persona", self._cases, (row.case,))
        yield from self._of(row, "value", self._values, self._said(row))
        for text in (row.prompt, row.completion):
            words = _words(text)
            for at in range(len(words) - _SHORTEST + 1):
                for run, prompt_id in self._runs.get(tuple(words[at : at + _SHORTEST]), ()):
                    if tuple(words[at : at + len(run)]) == run:
                        yield Leak(kind="text", prompt_id=prompt_id, row_id=row.id, what=" ".join(run))

    def _said(self, row: TrainingRow) -> Iterator[str]:
        """Yield the watched values that a row's person says."""
        known = {value.casefold() for value in row.values}
        said = " ".join(_words("\n".join(row.said)))
        for value in self._values:
            if value in _CALENDAR:
                continue
            # A bare number stands in many texts; it counts where it is the word that tells this person from others.
            if value in known or (not value.isdigit() and f" {' '.join(_words(value))} " in f" {said} "):
                yield value

    def _of(
        self, row: TrainingRow, kind: LeakKind, watched: dict[str, list[str]], met: Iterable[str]
    ) -> Iterator[Leak]:
        for what in met:
            for prompt_id in watched.get(what, ()):
                yield Leak(kind=kind, prompt_id=prompt_id, row_id=row.id, what=what)


def _by(prompts: Sequence[Prompt], names: Callable[[Prompt], Iterable[str]]) -> dict[str, list[str]]:
    watched: dict[str, list[str]] = {}
    for prompt in prompts:
        for name in names(prompt):
            watched.setdefault(name, []).append(prompt.id)
    return watched


def _runs(prompts: Sequence[Prompt]) -> dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]]:
    """Return the runs of words that people typed, by their first words."""
    runs: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}
    for prompt in prompts:
        brief = prompt.brief
        spoken = [*brief.notes, *brief.answers.values()]
        for entry in (brief.background, *spoken):
            words = tuple(_words(entry))
            whole = [words] if _SHORTEST <= len(words) < RUN and entry in spoken else []
            for run in (*whole, *(words[at : at + RUN] for at in range(len(words) - RUN + 1))):
                runs.setdefault(run[:_SHORTEST], {}).setdefault(run, prompt.id)
    return {start: list(found.items()) for start, found in runs.items()}


def _digests(prompt: Prompt) -> Iterator[str]:
    contract = load_contract()
    for fields in (prompt.fields, *((prompt.swap.fields,) if prompt.swap else ())):
        yield digest_bytes(contract.render(prompt.task, fields).text.encode())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _row(path: Path, number: int, line: str) -> TrainingRow:
    try:
        row: dict[str, Any] = json.loads(line)
        return TrainingRow(
            id=row["id"],
            role=row["role"],
            case=row["case"],
            prompt=row["prompt"],
            completion=row["completion"],
            said=tuple(row.get("must_keep", ())),
            values=tuple(row.get("anchors", ())),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name}, line {number}: {error}. Expected a training row with id, role, case, prompt and completion; "
            "build the data set again."
        ) from error
