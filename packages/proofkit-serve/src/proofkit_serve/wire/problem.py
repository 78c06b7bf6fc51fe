"""The one shape of every error that the service answers with (RFC 9457)."""

from pydantic import BaseModel, Field

PROBLEM_TYPE = "urn:proofkit:problem:"
"""What the `type` of every problem begins with."""


class FieldProblem(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One field of a request that cannot be used. What stood in it is not repeated."""

    field: str
    """Where it stands, such as `body.goal.target_role` or `query.after`."""
    message: str


class AttemptProblem(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One model that was asked in vain."""

    number: int
    model: str
    """Name to show."""
    prompt_set: str
    reason: str = ""
    """Id of the reason, such as `time` or `integrity`."""
    message: str = ""


class OpenAIError(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The same error in the shape that OpenAI-compatible clients read."""

    message: str
    type: str
    code: str
    param: str | None = None


class Problem(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Why a request was not fulfilled: for a program its `type`, for a person its `detail`."""

    type: str = Field(examples=["urn:proofkit:problem:session-not-found"])
    """A URN that stays the same; the page on the HTTP API lists all."""
    title: str
    """The same for every problem of this type."""
    status: int
    detail: str
    """What was got, what was expected and what to do next."""
    instance: str = Field(default="", examples=["urn:proofkit:request:0f8c6f1d2b7e4a51"])
    """Names this one request; the server's log has it too."""
    errors: tuple[FieldProblem, ...] = Field(default=(), strict=False)
    """Each field that cannot be used."""
    attempts: tuple[AttemptProblem, ...] = Field(default=(), strict=False)
    """Each model that was asked, where a text could not be made."""
    retry_after_s: float | None = None
    """Seconds after which it makes sense to ask again."""
    error: OpenAIError | None = None
    """Only at the OpenAI-compatible addresses."""
