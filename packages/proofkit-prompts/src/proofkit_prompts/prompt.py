"""What a model is asked: kinds of prompt that must never be mistaken for each other."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from proofkit_prompts.errors import PromptKindError


class OutputKind(StrEnum):
    """The shape a task's completion has."""

    MARKDOWN = "markdown"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPrompt:
    """A prompt of the frozen contract, for models trained on exactly these bytes."""

    kind: Literal["frozen"] = "frozen"
    contract: str
    """Version of the contract, such as `v1`."""
    contract_digest: str
    """SHA-256 (hex) of the contract's canonical manifest."""
    task: str
    """Task name, such as `draft_section`."""
    task_digest: str
    """SHA-256 (hex) over everything that shapes this task's bytes."""
    system: str
    """The fixed system message."""
    user: str
    """The user turn: the fixed instruction and the `Label: value` lines."""
    text: str
    """The whole prompt under the contract's chat template, ready to be tokenized with special tokens parsed."""
    stop: tuple[str, ...]
    """Strings that end the completion."""
    output: OutputKind
    output_schema: dict[str, Any] | None
    """JSON schema of the completion for `OutputKind.JSON`, its properties in trained order; otherwise None."""
    max_tokens: int
    """The task's cap on completion tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditablePrompt:
    """A prompt of the editable set, for large general models reached through a chat interface."""

    kind: Literal["editable"] = "editable"
    prompt_set: str
    """Name and version of the editable set, such as `general-1`."""
    task: str
    system: str
    user: str
    output: OutputKind
    output_schema: dict[str, Any] | None
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePrompt:
    """A text that is no task at all: what somebody asks a model directly, with their own words.

    No model was trained on it, so there is no digest to compare, and whoever asks it marks the answer.
    """

    kind: Literal["free"] = "free"
    text: str
    """The whole prompt, ready to be tokenized with special tokens parsed."""
    stop: tuple[str, ...]
    """Strings that end the completion."""
    output: OutputKind
    output_schema: dict[str, Any] | None
    max_tokens: int
    system: str = ""
    """The system message in the text, where it has one."""
    user: str = ""
    """The last user turn in the text, where it has one."""
    task: Literal[""] = ""
    """There is none."""


def require_frozen(prompt: object) -> FrozenPrompt:
    """Return the prompt if it belongs to the frozen contract.

    Args:
        prompt: What a backend was handed.

    Raises:
        PromptKindError: It is anything else.
    """
    if isinstance(prompt, FrozenPrompt):
        return prompt
    if isinstance(prompt, EditablePrompt):
        raise PromptKindError(
            f"Got an editable prompt of the set {prompt.prompt_set!r} for task {prompt.task}; this backend takes "
            "frozen prompts only, because its model was trained on their exact bytes. "
            "Render it with `load_contract().render`."
        )
    if isinstance(prompt, FreePrompt):
        raise PromptKindError(
            "Got a free prompt; this backend takes prompts of the frozen contract only. Render one with "
            "`load_contract().render`, or ask a model in this process."
        )
    raise PromptKindError(
        f"Got {type(prompt).__name__}; expected a FrozenPrompt. Render it with `load_contract().render`."
    )


def require_rendered(prompt: object) -> FrozenPrompt | FreePrompt:
    """Return the prompt if its text is whole: of the frozen contract, or free.

    Args:
        prompt: What a backend was handed.

    Raises:
        PromptKindError: It is anything else.
    """
    return prompt if isinstance(prompt, FreePrompt) else require_frozen(prompt)
