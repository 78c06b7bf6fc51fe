"""The interpreter: fields in, exact bytes out, for any version of the contract."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from proofkit_prompts.errors import FieldError
from proofkit_prompts.escape import Escaper, cut_items, cut_text, escape_items, escape_text
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_prompts.spec import LabelKind, TaskSpec
from proofkit_prompts.template import ChatFrame, Surround

FieldValue = str | Sequence[str]
"""What a field may hold: one text, or for a list label the texts of its items."""


@dataclass(frozen=True, slots=True)
class TaskLabel:
    """One label as one task takes it."""

    key: str
    label: str
    kind: LabelKind
    cap: int
    """Characters that the value may have after escaping."""
    required: bool


@dataclass(frozen=True, slots=True)
class CompiledTask:
    """One task, ready to render."""

    contract: str
    contract_digest: str
    spec: TaskSpec
    labels: tuple[TaskLabel, ...]
    """The task's labels, in the order of rendering."""
    system: str
    template: Surround
    chat: ChatFrame
    escaper: Escaper
    rules_digest: str
    """SHA-256 (hex) of the escape rules."""
    stop: tuple[str, ...]
    schema: str | None
    """The output schema as JSON text; each prompt gets its own copy of the value."""
    digest: str
    output_digest: str


class Line(NamedTuple):
    """One rendered value."""

    key: str
    label: str
    value: str
    cut: bool
    """Whether the cap removed part of what the caller gave."""


def render_prompt(task: CompiledTask, fields: Mapping[str, FieldValue]) -> FrozenPrompt:
    """Render one prompt.

    Args:
        task: The task.
        fields: Values by field key; empty optional ones make no line.

    Raises:
        FieldError: A field is unknown, of the wrong kind, or required and empty.
    """
    lines = "\n".join(f"{line.label}: {line.value}" for line in render_lines(task, fields))
    user = f"{task.template.before}{lines}{task.template.after}"
    return FrozenPrompt(
        contract=task.contract,
        contract_digest=task.contract_digest,
        task=task.spec.name,
        task_digest=task.digest,
        system=task.system,
        user=user,
        text=f"{task.chat.before}{task.system}{task.chat.between}{user}{task.chat.after}",
        stop=task.stop,
        output=task.spec.output,
        output_schema=None if task.schema is None else json.loads(task.schema),
        max_tokens=task.spec.max_tokens,
    )


def render_lines(task: CompiledTask, fields: Mapping[str, FieldValue]) -> list[Line]:
    """Return the label lines of a prompt, in the order of the grammar.

    Args:
        task: The task.
        fields: Values by field key.

    Raises:
        FieldError: A field is unknown, of the wrong kind, or required and empty.
    """
    lines: list[Line] = []
    used = 0
    for label in task.labels:
        if label.key in fields:
            used += 1
            line = _render_line(task, label, fields[label.key])
            if line.value:
                lines.append(line)
                continue
        if label.required:
            raise FieldError(
                f"Got no text for the field {label.key!r} of task {task.spec.name}; expected a value for each of "
                f"{', '.join(task.spec.required)}. Add it to the fields."
            )
    if used != len(fields):
        _refuse_unknown(task, fields)
    return lines


def _render_line(task: CompiledTask, label: TaskLabel, value: object) -> Line:
    if label.kind is LabelKind.TEXT:
        if not isinstance(value, str):
            raise _wrong_kind(task, label, value, "a text")
        whole = escape_text(value, task.escaper)
        shown = cut_text(whole, label.cap, task.escaper)
        return Line(label.key, label.label, shown, shown != whole)
    items = _items(task, label, value)
    escaped = escape_items(items, task.escaper)
    shown = cut_items(escaped, label.cap, task.escaper)
    return Line(label.key, label.label, shown, shown != task.escaper.list_separator.join(escaped))


def _items(task: CompiledTask, label: TaskLabel, value: object) -> Sequence[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _wrong_kind(task, label, value, "a list of texts")
    items: list[str] = []
    for item in value:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(item, str):
            raise _wrong_kind(task, label, item, "a list of texts only")  # pyright: ignore[reportUnknownArgumentType]
        items.append(item)
    return items


def _wrong_kind(task: CompiledTask, label: TaskLabel, value: object, expected: str) -> FieldError:
    return FieldError(
        f"Got {type(value).__name__} for the field {label.key!r} of task {task.spec.name}; expected {expected}. "
        "Correct the field's type."
    )


def _refuse_unknown(task: CompiledTask, fields: Mapping[str, FieldValue]) -> None:
    known = [label.key for label in task.labels]
    unknown = sorted(str(key) for key in fields if key not in known)
    raise FieldError(
        f"Got the unknown field {unknown[0]!r} for task {task.spec.name}; expected only {', '.join(known)}. "
        "Remove it, or map it to one of these."
    )
