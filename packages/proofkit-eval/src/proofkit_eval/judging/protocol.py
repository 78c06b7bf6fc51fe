"""What a judge is handed, what it says, and what any judge can do."""

from typing import Protocol

from pydantic import BaseModel

from proofkit_eval.records import JudgeRef, Prompt

__all__ = ["Judge", "JudgeItem", "RawVerdict"]


class JudgeItem(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer to judge."""

    key: str
    """The generation's key; bookkeeping, never shown to a judge."""
    alias: str
    """The only name of the answer that a judge may see."""
    prompt: Prompt
    """What was asked; a judge is shown the exercise and what the person typed, never a contract's bytes."""
    answer: str
    """The text after screening, raw; whoever writes a judge's prompt neutralises it."""
    order: int = 0
    """The place at which this judge sees it among the answers to the same prompt."""
    repeat: int = 0
    """0 for the first time."""


class RawVerdict(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a judge said of one answer. Without axes and without a told item it is unscored."""

    axes: dict[str, int] | None = None
    """A grade from 1 to 5 for each axis of the rubric."""
    items: dict[str, bool | None] = {}
    """By item; None where it could not be told or does not apply."""
    reason: str = ""
    """Why it is unscored; empty where it is scored."""
    tokens: int = 0
    """Of prompt and reply together."""
    cost_usd: float | None = None
    seconds: float = 0.0


class Judge(Protocol):
    """Anything that judges answers one at a time."""

    @property
    def ref(self) -> JudgeRef:
        """Return who judges."""
        ...

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Judge one answer; a failure is a verdict with a reason, never an exception about the answer."""
        ...
