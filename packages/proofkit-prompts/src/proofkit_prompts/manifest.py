"""What the data files of a contract may say."""

from enum import StrEnum

from pydantic import BaseModel, Field, PositiveInt

from proofkit_prompts.prompt import OutputKind


class LabelKind(StrEnum):
    """What a label takes: one text, or a list of texts."""

    TEXT = "text"
    LIST = "list"


class Label(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """One label of the grammar."""

    key: str = Field(pattern=r"^[a-z][a-z_]*$")
    """Field name that callers use."""
    label: str = Field(pattern=r"^[A-Z][A-Za-z ]*$")
    """What the prompt says before the colon."""
    kind: LabelKind
    cap: PositiveInt
    """Characters that the value may have after escaping."""
    ordinary: bool = False
    """Whether good prose may well start a line with this label."""


class EscapeRules(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """How a value becomes one harmless line; `escape.toml` explains each rule."""

    normalization: str
    newline: str
    list_separator: str
    ellipsis: str
    newlines: tuple[str, ...]
    spaces: tuple[str, ...]
    delete: tuple[str, ...]
    joiners: tuple[str, ...]
    special_openers: str
    special_tokens: tuple[str, ...]
    colons: str
    label_break: str
    boundaries: str
    decoration: str
    closing: str


class TaskSpec(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """One task: what it takes and the shape of its completion."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    description: str
    output: OutputKind
    max_tokens: PositiveInt
    required: tuple[str, ...] = Field(min_length=1)
    optional: tuple[str, ...] = ()
    caps: dict[str, PositiveInt] = {}
    """Caps that replace those of the grammar in this task."""


class Manifest(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """`contract.toml`: the tasks and what they share."""

    version: str = Field(pattern=r"^v[0-9]+(\.[0-9]+)*$")
    interpreter: int
    """Number of the interpreter that gives these data their bytes."""
    description: str
    stop: tuple[str, ...] = Field(min_length=1)
    task: tuple[TaskSpec, ...] = Field(min_length=1)


class Grammar(BaseModel, frozen=True, strict=True, extra="forbid", defer_build=True):
    """`labels.toml`: every label, in the order of rendering."""

    label: tuple[Label, ...] = Field(min_length=1)
