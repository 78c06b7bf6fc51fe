"""The frozen prompt contract of ProofKit, and the editable prompts for large general models."""

from proofkit_prompts.contract import Contract, Status, load_contract
from proofkit_prompts.digest import Tokenizer
from proofkit_prompts.editable_set import render_editable
from proofkit_prompts.errors import (
    ContractDriftError,
    ContractError,
    FieldError,
    OutputParseError,
    PromptKindError,
    ProofKitError,
    UnknownTaskError,
)
from proofkit_prompts.prompt import (
    EditablePrompt,
    FreePrompt,
    FrozenPrompt,
    OutputKind,
    require_frozen,
    require_rendered,
)
from proofkit_prompts.task import Task

__all__ = [
    "Contract",
    "ContractDriftError",
    "ContractError",
    "EditablePrompt",
    "FieldError",
    "FreePrompt",
    "FrozenPrompt",
    "OutputKind",
    "OutputParseError",
    "PromptKindError",
    "ProofKitError",
    "Status",
    "Task",
    "Tokenizer",
    "UnknownTaskError",
    "load_contract",
    "render_editable",
    "require_frozen",
    "require_rendered",
]
