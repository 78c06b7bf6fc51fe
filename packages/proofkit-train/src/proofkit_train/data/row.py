"""A row: a prompt as the app renders it, and the completion that a model should learn."""

import hashlib
from typing import Literal

from pydantic import BaseModel, Field

from proofkit_prompts import Contract
from proofkit_prompts.prompt import FrozenPrompt

Source = Literal["hand", "grown"]
"""Written by hand end to end, or grown from such a row by other choices."""


class Row(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One training row, in TRL's prompt-completion shape, with where it comes from."""

    id: str
    """`<case>/<variation>/<task>/<name>`"""
    task: str
    split: str = ""
    source: Source
    weight: float = Field(default=1.0, gt=0)
    """How often a row counts in training."""
    role: str
    case: str
    variation: int
    name: str
    """What of the task it is: a section's id, or the number of a review."""
    prompt: str
    """The whole rendered prompt; special tokens stand in it as text."""
    completion: str
    """The target and the stop string."""
    must_keep: tuple[str, ...] = ()
    """What the person said that the target has to hold, with every distinctive word."""
    anchors: tuple[str, ...] = ()
    """Rare words of this row's person that stand in the target."""
    contract: str
    """Digest of the contract."""
    task_digest: str
    render_digest: str
    """SHA-256 (hex) of the prompt."""

    @property
    def target(self) -> str:
        """Return the completion without its stop string."""
        return self.completion.partition("<|im_end|>")[0]


class Rejected(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A target that the app itself would have turned down."""

    id: str
    task: str
    source: Source
    reason: str
    """Short name of the check."""
    detail: str
    target: str


def make_row(  # noqa: PLR0913 - a row has many parts, all named by the caller
    prompt: FrozenPrompt,
    target: str,
    *,
    case: str,
    role: str,
    variation: int,
    name: str,
    must_keep: tuple[str, ...],
    anchors: tuple[str, ...],
    contract: Contract,
) -> Row:
    """Return a row.

    Args:
        prompt: As the app rendered it.
        target: What a model should write.
        case: Id of the case.
        role: Id of the role.
        variation: Number of the variation; 0 is the original.
        name: What of the task it is.
        must_keep: What the person said that the target holds.
        anchors: Rare words of this person in the target.
        contract: The contract of the prompt.
    """
    return Row(
        id=f"{case}/{variation}/{prompt.task}/{name}",
        task=prompt.task,
        source="grown" if variation else "hand",
        role=role,
        case=case,
        variation=variation,
        name=name,
        prompt=prompt.text,
        completion=target + prompt.stop[0],
        must_keep=must_keep,
        anchors=anchors,
        contract=contract.digest,
        task_digest=prompt.task_digest,
        render_digest=hashlib.sha256(prompt.text.encode()).hexdigest(),
    )
