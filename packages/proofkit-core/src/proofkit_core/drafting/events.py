"""What can be told while a text is being drafted, as it happens.

Text of two models is never spliced: once a piece of attempt n was told as `Delta`, anything but its acceptance is
preceded by `Void(n)`, and whoever shows the text drops what it has.
"""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from proofkit_core.generation import ModelIdentity
from proofkit_core.packet import FallbackReason, Writer


class Queued(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The request waits for a free place at the model."""

    type: Literal["queued"] = "queued"
    position: int = Field(ge=0)
    """How many are before it; 0 as its turn comes."""


class Attempt(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A model is being asked."""

    type: Literal["attempt"] = "attempt"
    number: int = Field(ge=1)
    """Counts through the whole chain of this text, from 1."""
    model: ModelIdentity | None
    prompt_set: str
    """`frozen v1` or the name of the editable set."""
    mark: str = ""
    """Why this model is asked although it was not trained on these prompts."""


class Delta(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A piece of text of the attempt under way. It is not checked yet. Only tasks that write Markdown tell any."""

    type: Literal["delta"] = "delta"
    text: str


class Void(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All text of an attempt is taken back."""

    type: Literal["void"] = "void"
    attempt: int = Field(ge=1)
    reason: FallbackReason


class FellBack(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A model is given up for this text; the next one, or the template, takes over."""

    type: Literal["fell_back"] = "fell_back"
    reason: FallbackReason
    message: str
    """One plain sentence for the person."""
    from_model: str
    """Name to show."""
    to: str
    """Name to show of what is used instead."""


class Validated(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The text is settled."""

    type: Literal["validated"] = "validated"
    attempt: int = Field(ge=0)
    """The last attempt; 0 where no model was asked."""
    writer: Writer


DraftEvent = Annotated[Queued | Attempt | Delta | Void | FellBack | Validated, Field(discriminator="type")]
OnDraftEvent = Callable[[DraftEvent], None]
