"""What a task is, apart from its texts: what it takes and the shape of its completion."""

from dataclasses import dataclass, field
from enum import StrEnum

from proofkit_prompts.prompt import OutputKind


class LabelKind(StrEnum):
    """What a label takes: one text, or a list of texts."""

    TEXT = "text"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task: what it takes and the shape of its completion."""

    name: str
    description: str
    output: OutputKind
    max_tokens: int
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    caps: dict[str, int] = field(default_factory=dict[str, int])
    """Caps that replace those of the grammar in this task."""
