"""What a backend really does, found out by asking it: for the doctor.

These work with any generator, whatever is behind it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from pydantic import BaseModel

from proofkit_core.generation import FinishReason, GenerationRequest, TextGenerator
from proofkit_prompts.prompt import EditablePrompt, FrozenPrompt, OutputKind

__all__ = ["CancelProbe", "SchemaProbe", "SpeedProbe", "probe_cancel", "probe_schema", "probe_speed"]

CANCELLED_WITHIN_S = 0.2
_WORD = "zebra-7431"
_ODD_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": [_WORD]}},
    "required": ["answer"],
    "additionalProperties": False,
}
"""A form that no model writes by itself, so that meeting it shows that it was enforced."""


class SchemaProbe(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Whether a schema is enforced, and not merely taken in."""

    enforced: bool
    got: str
    """The start of what was written."""


class CancelProbe(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Whether a call ends as soon as it is cancelled."""

    works: bool
    seconds: float
    """From the signal to the end of the call."""


class SpeedProbe(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How quick a model is."""

    first_token_s: float
    tokens_per_s: float
    completion_tokens: int


def probe_schema(
    generator: TextGenerator, prompt: FrozenPrompt | EditablePrompt, *, time_limit_s: float = 30.0
) -> SchemaProbe:
    """Ask for a form that has nothing to do with the prompt.

    Args:
        generator: The backend.
        prompt: Any prompt that it takes.
        time_limit_s: Seconds it may take.

    Raises:
        GenerationError: It gave no answer.
    """
    odd = replace(prompt, output=OutputKind.JSON, output_schema=_ODD_SCHEMA, max_tokens=60)
    text = generator.generate(GenerationRequest(prompt=odd, time_limit_s=time_limit_s)).text
    try:
        enforced = json.loads(text) == {"answer": _WORD}
    except ValueError:
        enforced = False
    return SchemaProbe(enforced=enforced, got=text[:80])


def probe_cancel(
    generator: TextGenerator,
    prompt: FrozenPrompt | EditablePrompt,
    *,
    time_limit_s: float = 30.0,
    clock: Callable[[], float] = monotonic,
) -> CancelProbe:
    """Cancel a long answer at its first word.

    Args:
        generator: The backend.
        prompt: A prompt whose answer is longer than a few words.
        time_limit_s: Seconds it may take.
        clock: Tells the time.

    Raises:
        GenerationError: It gave no answer.
    """
    cancel = _CancelledAt(clock)
    long = replace(prompt, output=OutputKind.MARKDOWN, output_schema=None, max_tokens=400)
    request = GenerationRequest(prompt=long, time_limit_s=time_limit_s)
    completion = generator.generate(request, cancel=cancel, on_text=cancel.note)
    seconds = clock() - cancel.at if cancel.at is not None else 0.0
    cancelled = completion.finish_reason is FinishReason.CANCELLED
    return CancelProbe(works=cancelled and seconds <= CANCELLED_WITHIN_S, seconds=seconds)


def probe_speed(
    generator: TextGenerator, prompt: FrozenPrompt | EditablePrompt, *, tokens: int = 64, time_limit_s: float = 60.0
) -> SpeedProbe:
    """Time one free answer.

    Args:
        generator: The backend.
        prompt: A prompt whose answer is long enough.
        tokens: Most tokens to ask for.
        time_limit_s: Seconds it may take.

    Raises:
        GenerationError: It gave no answer.
    """
    free = replace(prompt, output=OutputKind.MARKDOWN, output_schema=None, max_tokens=tokens)
    done = generator.generate(GenerationRequest(prompt=free, time_limit_s=time_limit_s))
    writing_s = done.total_s - done.first_token_s
    after_first = max(0, done.completion_tokens + done.reasoning_tokens - 1)
    return SpeedProbe(
        first_token_s=done.first_token_s,
        tokens_per_s=after_first / writing_s if writing_s > 0 else 0.0,
        completion_tokens=done.completion_tokens,
    )


class _CancelledAt:
    """A cancel signal that is set by the first text."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.at: float | None = None
        self._clock = clock

    def note(self, piece: str) -> None:
        if piece and self.at is None:
            self.at = self._clock()

    def is_set(self) -> bool:
        return self.at is not None
