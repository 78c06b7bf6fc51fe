"""Every problem the service can answer with, in one table, and how one is raised."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from proofkit_core.errors import ProofKitError
from proofkit_serve.wire.problem import PROBLEM_TYPE, AttemptProblem, FieldProblem, Problem


class Kind(StrEnum):
    """The last part of a problem's `type`."""

    MALFORMED_JSON = "malformed-json"
    MALFORMED_HEADER = "malformed-header"
    UNAUTHORIZED = "unauthorized"
    FOREIGN_PAGE = "foreign-page"
    OPERATOR_ONLY = "operator-only"
    NOT_FOUND = "not-found"
    SESSION_NOT_FOUND = "session-not-found"
    REVISION_NOT_FOUND = "revision-not-found"
    GENERATION_NOT_FOUND = "generation-not-found"
    MODEL_NOT_FOUND = "model-not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    REQUEST_TIMEOUT = "request-timeout"
    NOT_READY = "not-ready"
    CONFLICT = "conflict"
    IDEMPOTENCY_IN_PROGRESS = "idempotency-in-progress"
    REVISION_MISMATCH = "revision-mismatch"
    TOO_LARGE = "too-large"
    UNSUPPORTED_TYPE = "unsupported-type"
    INVALID_REQUEST = "invalid-request"
    INVALID_BRIEF = "invalid-brief"
    IDEMPOTENCY_MISMATCH = "idempotency-mismatch"
    UNREADABLE_FILE = "unreadable-file"
    EXPORT_REFUSED = "export-refused"
    REVISION_REQUIRED = "revision-required"
    RATE_LIMITED = "rate-limited"
    TOKENS_SPENT = "tokens-spent"
    SESSION_BUSY = "session-busy"
    INTERNAL = "internal"
    GENERATION_FAILED = "generation-failed"
    GENERATION_INTERRUPTED = "generation-interrupted"
    BUSY = "busy"
    STOPPING = "stopping"
    STORE_UNAVAILABLE = "store-unavailable"
    STORE_FULL = "store-full"


class Entry(NamedTuple):
    """What is the same for all problems of one kind."""

    status: int
    title: str


TABLE: Mapping[Kind, Entry] = {
    Kind.MALFORMED_JSON: Entry(400, "The body is not valid JSON"),
    Kind.MALFORMED_HEADER: Entry(400, "A header cannot be read"),
    Kind.UNAUTHORIZED: Entry(401, "An API key is needed"),
    Kind.FOREIGN_PAGE: Entry(403, "Pages of other sites may not call this server"),
    Kind.OPERATOR_ONLY: Entry(403, "Only those who run this server may do that"),
    Kind.NOT_FOUND: Entry(404, "There is nothing at this address"),
    Kind.SESSION_NOT_FOUND: Entry(404, "There is no such session"),
    Kind.REVISION_NOT_FOUND: Entry(404, "The session never had that revision"),
    Kind.GENERATION_NOT_FOUND: Entry(404, "There is no such generation"),
    Kind.MODEL_NOT_FOUND: Entry(404, "There is no such model"),
    Kind.METHOD_NOT_ALLOWED: Entry(405, "This address does not take that method"),
    Kind.REQUEST_TIMEOUT: Entry(408, "The body did not arrive in time"),
    Kind.NOT_READY: Entry(409, "Something else has to come first"),
    Kind.CONFLICT: Entry(409, "The session was changed in the meantime"),
    Kind.IDEMPOTENCY_IN_PROGRESS: Entry(409, "The first request with this key is still running"),
    Kind.REVISION_MISMATCH: Entry(412, "The session has another revision"),
    Kind.TOO_LARGE: Entry(413, "The body is too large"),
    Kind.UNSUPPORTED_TYPE: Entry(415, "The body is of a kind that is not read"),
    Kind.INVALID_REQUEST: Entry(422, "A field cannot be used"),
    Kind.INVALID_BRIEF: Entry(422, "The goal cannot be used"),
    Kind.IDEMPOTENCY_MISMATCH: Entry(422, "The key was used for another request"),
    Kind.UNREADABLE_FILE: Entry(422, "The file cannot be read"),
    Kind.EXPORT_REFUSED: Entry(422, "The packet may not leave as it is"),
    Kind.REVISION_REQUIRED: Entry(428, "Say which revision you change"),
    Kind.RATE_LIMITED: Entry(429, "Too many requests"),
    Kind.TOKENS_SPENT: Entry(429, "The tokens of the day are spent"),
    Kind.SESSION_BUSY: Entry(429, "The session has too many generations waiting"),
    Kind.INTERNAL: Entry(500, "The server failed"),
    Kind.GENERATION_FAILED: Entry(502, "The text could not be made"),
    Kind.GENERATION_INTERRUPTED: Entry(503, "The server stopped while the text was made"),
    Kind.BUSY: Entry(503, "The server is busy"),
    Kind.STOPPING: Entry(503, "The server is stopping"),
    Kind.STORE_UNAVAILABLE: Entry(503, "The store cannot be reached"),
    Kind.STORE_FULL: Entry(507, "The store is full"),
}


class ProblemError(ProofKitError):
    """A request is answered with a problem."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: tuple[FieldProblem, ...] = (),
        attempts: tuple[AttemptProblem, ...] = (),
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is wrong.

        Args:
            kind: Which entry of the table.
            detail: What was got, what was expected and what to do next; no body, secret or path.
            errors: The fields concerned.
            attempts: The models that were asked in vain.
            retry_after_s: When it makes sense to ask again.
            headers: Further headers of the answer.
        """
        super().__init__(detail)
        self.kind = kind
        self.errors = errors
        self.attempts = attempts
        self.retry_after_s = retry_after_s
        self.headers = dict(headers or {})


def problem_of(error: ProblemError, instance: str = "") -> Problem:
    """Return the problem as it is written into an answer or an event."""
    entry = TABLE[error.kind]
    return Problem(
        type=f"{PROBLEM_TYPE}{error.kind}",
        title=entry.title,
        status=entry.status,
        detail=str(error),
        instance=f"urn:proofkit:request:{instance}" if instance else "",
        errors=error.errors,
        attempts=error.attempts,
        retry_after_s=error.retry_after_s,
    )


def problem_json(problem: Problem) -> str:
    """Return a problem as JSON, without the members that say nothing."""
    return problem.model_dump_json(exclude_defaults=True)
