"""What the data files of a contract may say."""

from dataclasses import dataclass

from proofkit_prompts.prompt import OutputKind
from proofkit_prompts.shape import choice, flag, many, mapping, positive, record, text, whole
from proofkit_prompts.spec import LabelKind, TaskSpec

_NAME = "[a-z][a-z_]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of the grammar."""

    key: str
    """Field name that callers use."""
    label: str
    """What the prompt says before the colon."""
    kind: LabelKind
    cap: int
    """Characters that the value may have after escaping."""
    ordinary: bool = False
    """Whether good prose may well start a line with this label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscapeRules:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`contract.toml`: the tasks and what they share."""

    version: str
    interpreter: int
    """Number of the interpreter that gives these data their bytes."""
    description: str
    stop: tuple[str, ...]
    task: tuple[TaskSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """`labels.toml`: every label, in the order of rendering."""

    label: tuple[Label, ...]


_TEXT = text()
_TEXTS = many(_TEXT)

ESCAPE_RULES = record(
    EscapeRules,
    normalization=_TEXT,
    newline=_TEXT,
    list_separator=_TEXT,
    ellipsis=_TEXT,
    newlines=_TEXTS,
    spaces=_TEXTS,
    delete=_TEXTS,
    joiners=_TEXTS,
    special_openers=_TEXT,
    special_tokens=_TEXTS,
    colons=_TEXT,
    label_break=_TEXT,
    boundaries=_TEXT,
    decoration=_TEXT,
    closing=_TEXT,
)
"""The shape of `escape.toml`."""

MANIFEST = record(
    Manifest,
    version=text(r"v[0-9]+(\.[0-9]+)*"),
    interpreter=whole,
    description=_TEXT,
    stop=many(_TEXT, least=1),
    task=many(
        record(
            TaskSpec,
            name=text(_NAME),
            description=_TEXT,
            output=choice(OutputKind),
            max_tokens=positive,
            required=many(_TEXT, least=1),
            optional=_TEXTS,
            caps=mapping(positive),
        ),
        least=1,
    ),
)
"""The shape of `contract.toml`."""

GRAMMAR = record(
    Grammar,
    label=many(
        record(
            Label,
            key=text(_NAME),
            label=text("[A-Z][A-Za-z ]*"),
            kind=choice(LabelKind),
            cap=positive,
            ordinary=flag,
        ),
        least=1,
    ),
)
"""The shape of `labels.toml`."""
