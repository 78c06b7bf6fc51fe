"""Turns ProofKit's errors into problems."""

from collections.abc import Sequence

from proofkit_core import errors as core
from proofkit_prompts.errors import ContractError
from proofkit_serve import errors as serve
from proofkit_serve.uploads.errors import UploadBrokenError, UploadTooLargeError, UploadTypeError
from proofkit_serve.wire.kinds import Kind, ProblemError

_INTERNAL = (
    "The server failed while it worked on this request. Ask again; if it fails again, tell the operator the name of "
    "this request, which stands in `instance`."
)
_AWAY = "The store cannot be reached, so nothing was read or written. Ask again in a few seconds."
_FULL = "The store has no room left, so nothing was written. Tell the operator; what is stored can still be read."
_READ_ONLY = "The store takes no writes, so nothing was written. Tell the operator; what is stored can still be read."

_KINDS: Sequence[tuple[type[core.ProofKitError], Kind]] = (
    (serve.SessionNotFoundError, Kind.SESSION_NOT_FOUND),
    (serve.RevisionNotFoundError, Kind.REVISION_NOT_FOUND),
    (serve.GenerationNotFoundError, Kind.GENERATION_NOT_FOUND),
    (serve.NotFoundError, Kind.NOT_FOUND),
    (serve.RevisionConflictError, Kind.CONFLICT),
    (serve.OutdatedResultError, Kind.CONFLICT),
    (serve.EventRefusedError, Kind.NOT_READY),
    (serve.PersonFileError, Kind.UNREADABLE_FILE),
    (core.BriefError, Kind.INVALID_BRIEF),
    (UploadTypeError, Kind.UNSUPPORTED_TYPE),
    (UploadTooLargeError, Kind.TOO_LARGE),
    (UploadBrokenError, Kind.UNREADABLE_FILE),
    (core.ExportRefusedError, Kind.EXPORT_REFUSED),
    (core.InputError, Kind.INVALID_REQUEST),
    (core.GenerationError, Kind.GENERATION_FAILED),
    (ContractError, Kind.INVALID_REQUEST),
)
"""The first that fits; the message of these errors is written for the caller."""


def as_problem(error: core.ProofKitError) -> ProblemError:
    """Return the problem for an error of ours.

    What the store and the program say about themselves stays in the log: it can name places and hosts.
    """
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, serve.StoreError):
        return _store_problem(error)
    for cause, kind in _KINDS:
        if isinstance(error, cause):
            return ProblemError(kind, str(error))
    return internal_problem()


def internal_problem() -> ProblemError:
    """Return the problem for a fault of ours; it says nothing of what happened."""
    return ProblemError(Kind.INTERNAL, _INTERNAL)


def _store_problem(error: serve.StoreError) -> ProblemError:
    if isinstance(error, serve.StoreUnavailableError):
        return ProblemError(Kind.STORE_UNAVAILABLE, _AWAY, retry_after_s=error.retry_after_s)
    if isinstance(error, serve.StoreFullError):
        return ProblemError(Kind.STORE_FULL, _FULL)
    if isinstance(error, serve.StoreReadOnlyError):
        return ProblemError(Kind.STORE_UNAVAILABLE, _READ_ONLY, retry_after_s=60.0)
    return internal_problem()
