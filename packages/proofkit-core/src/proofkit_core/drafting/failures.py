"""What it means for the person, and for the chain, that a model gave no answer."""

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_core.packet import Fallback, FallbackReason

_TOLD: dict[FailureKind, tuple[FallbackReason, str]] = {
    FailureKind.CONNECT: (FallbackReason.MODEL_UNAVAILABLE, "the model could not be reached"),
    FailureKind.QUEUE: (FallbackReason.BUSY, "the model was busy with other requests"),
    FailureKind.FIRST_TOKEN: (FallbackReason.TIME, "the model took too long to begin"),
    FailureKind.IDLE: (FallbackReason.TIME, "the model stopped in the middle and did not go on"),
    FailureKind.TOTAL: (FallbackReason.TIME, "the model took too long"),
    FailureKind.RATE_LIMITED: (FallbackReason.RATE_LIMITED, "the model's server takes no more requests for now"),
    FailureKind.SERVER: (FallbackReason.FAILED, "the model's server had an error"),
    FailureKind.AUTH: (FallbackReason.MODEL_UNAVAILABLE, "the model's server did not accept the key"),
    FailureKind.NOT_FOUND: (FallbackReason.MODEL_UNAVAILABLE, "the model was not found"),
    FailureKind.REFUSED: (FallbackReason.REFUSED, "the model could not take this request"),
    FailureKind.EMPTY: (FallbackReason.EMPTY, "the model wrote nothing"),
    FailureKind.CUT: (FallbackReason.CUT_OFF, "the connection to the model broke off in the middle"),
    FailureKind.BAD_ANSWER: (FallbackReason.BAD_FORMAT, "the model's server sent something else than an answer"),
    FailureKind.BREAKER_OPEN: (
        FallbackReason.MODEL_UNAVAILABLE,
        "the model failed several times in a row and is left alone for a while",
    ),
    FailureKind.UNKNOWN: (FallbackReason.FAILED, "the model gave no answer"),
}


def no_answer(error: GenerationError) -> Fallback:
    """Return the fall back for a call that ended in an error."""
    reason, message = _TOLD[error.kind]
    # A model that is refused as a whole: the request has nothing to do with it.
    if isinstance(error, ModelUnavailableError) and error.kind in {FailureKind.UNKNOWN, FailureKind.REFUSED}:
        reason, message = FallbackReason.MODEL_UNAVAILABLE, "the model could not be used"
    return Fallback(reason=reason, message=message, detail=str(error))


def may_ask_again(error: GenerationError) -> bool:
    """Say whether the same model may do better when it is asked once more: it did answer, but with nothing."""
    return error.kind is FailureKind.EMPTY
