"""The events of a generation, as they are stored, replayed and streamed.

`event:` names the type, `id:` counts from 1 within the generation, `data:` is one of these records as JSON. After a
`delta` of one attempt, another attempt is preceded by `void`: text of two models is never spliced.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from proofkit_core.packet import FallbackReason, Writer
from proofkit_serve.wire.problem import AttemptProblem, Problem


class QueuedEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The work waits: for a thread of the server, or for a free place at the model."""

    type: Literal["queued"] = "queued"
    part: str = ""
    """What is being written, such as `section.risks` or `post`; empty for the generation as a whole."""
    position: int = Field(ge=0)
    """How many are before it; 0 as its turn comes."""


class AttemptEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A model is being asked."""

    type: Literal["attempt"] = "attempt"
    part: str = ""
    number: int = Field(ge=1)
    backend: str
    """Id of the model; empty where the template writes."""
    name: str
    """Name to show."""
    prompt_set: str
    mark: str = ""
    """Why this model is asked although it was not trained on these prompts."""


class DeltaEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A piece of text, not checked yet."""

    type: Literal["delta"] = "delta"
    part: str = ""
    text: str


class VoidEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """All text of an attempt is taken back; drop what is shown."""

    type: Literal["void"] = "void"
    part: str = ""
    attempt: int = Field(ge=1)
    reason: FallbackReason


class FallbackEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A model was given up for this text; the next one, or the template, takes over."""

    type: Literal["fallback"] = "fallback"
    part: str = ""
    from_model: str
    to: str
    reason: FallbackReason
    user_message: str
    """One plain sentence for the person."""


class ValidatedEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The text passed every check."""

    type: Literal["validated"] = "validated"
    part: str = ""
    attempt: int = Field(ge=0)
    """The last attempt; 0 where no model was asked."""
    writer: Writer


class ResultEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A piece of the session is ready."""

    type: Literal["result"] = "result"
    part: str = ""
    event: str
    """The session's event that holds it, such as `section_drafted`."""
    applied: bool
    """False where what it was made from changed meanwhile: the session does not hold it, and it is offered here."""
    revision: int = Field(ge=0)
    """The session's revision after it."""
    text: str = ""
    """Of a section, a revision or the post: the text itself."""
    message: str = ""
    """What the person should know, such as why a revision was turned down or a result is outdated."""


class ProblemEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The generation failed, was cancelled or was interrupted."""

    type: Literal["problem"] = "problem"
    part: str = ""
    problem: Problem


class DoneEvent(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The last event."""

    type: Literal["done"] = "done"
    part: str = ""
    status: Literal["done", "failed", "cancelled", "interrupted"]
    revision: int = Field(ge=0)
    """The session's revision then."""


GenerationEventBody = Annotated[
    QueuedEvent
    | AttemptEvent
    | DeltaEvent
    | VoidEvent
    | FallbackEvent
    | ValidatedEvent
    | ResultEvent
    | ProblemEvent
    | DoneEvent,
    Field(discriminator="type"),
]

_BODIES: TypeAdapter[GenerationEventBody] = TypeAdapter(GenerationEventBody)


def read_event_body(text: str | bytes) -> GenerationEventBody:
    """Read an event's data back.

    Raises:
        pydantic.ValidationError: It is no event.
    """
    return _BODIES.validate_json(text)


class GenerationOutcome(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What came of a generation, kept with it."""

    results: tuple[ResultEvent, ...] = ()
    attempts: tuple[AttemptProblem, ...] = ()
    """Models that were asked in vain on the way."""
    problem: Problem | None = None
