"""What the guard says where a model gives no answer. These sentences are kept with the text, and leave with it."""

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_serve.chain.breaker import Resting
from proofkit_serve.chain.limits import TryLimits

__all__ = ["overdue", "resting", "told_plainly", "too_late"]

_STAGES = {
    FailureKind.QUEUE: "gave no free place within {limits.queue_s:g} s",
    FailureKind.FIRST_TOKEN: "wrote nothing within {limits.first_token_s:g} s",
    FailureKind.IDLE: "stopped writing for {limits.idle_s:g} s",
    FailureKind.TOTAL: "did not finish in the time that was left",
}

_TOLD = {
    FailureKind.CONNECT: "cannot be reached. Expected its server to answer. Try again later, or choose another model.",
    FailureKind.QUEUE: "has too many requests before this one. Try again later, or choose another model.",
    FailureKind.FIRST_TOKEN: "took too long to begin. Try again later, or choose another model.",
    FailureKind.IDLE: "stopped in the middle and did not go on. Try again later, or choose another model.",
    FailureKind.TOTAL: "did not finish in time. Try again later, or choose another model.",
    FailureKind.RATE_LIMITED: "takes no more requests for now. Try again later, or choose another model.",
    FailureKind.SERVER: "had an error while it worked on the request. Try again later, or choose another model.",
    FailureKind.AUTH: "got no key that it accepts. Whoever runs this service has to look after that.",
    FailureKind.NOT_FOUND: "was not found where it is configured. Whoever runs this service has to look after that.",
    FailureKind.REFUSED: "does not take this request. Shorten what is asked, or choose another model.",
    FailureKind.EMPTY: "answered without any text. Try again, or choose another model.",
    FailureKind.CUT: "broke off in the middle of its answer. Try again, or choose another model.",
    FailureKind.BAD_ANSWER: "sent something that is no answer. Whoever runs this service has to look after that.",
    FailureKind.BREAKER_OPEN: "is left alone for a while after failures. Try again later, or choose another model.",
    FailureKind.UNKNOWN: "gave no answer. Try again, or choose another model.",
}
_NOT_USABLE = (
    "may not be asked for this, as it is configured. Whoever runs this service has to look after that: `proofkit-serve "
    "doctor` says what is wrong."
)


_NOT_YOURS = (
    "got no token of yours that it accepts. Expected one in the header `X-Model-Token`. Check it, or choose another "
    "model."
)


def told_plainly(name: str, error: GenerationError, *, own_token: bool = False) -> GenerationError:
    """Return the same failure without addresses, paths and a server's own words.

    Only those who run the service should read these; they find them in the model's state.

    Args:
        name: The model, as it is shown.
        error: What the backend said.
        own_token: Whether the caller brought the token.
    """
    as_a_whole = isinstance(error, ModelUnavailableError)
    plain = ModelUnavailableError if as_a_whole else GenerationError
    told = _NOT_USABLE if as_a_whole and error.kind is FailureKind.REFUSED else _TOLD[error.kind]
    if own_token and error.kind is FailureKind.AUTH:
        told = _NOT_YOURS
    return plain(f"{name} {told}", kind=error.kind, retry_after_s=error.retry_after_s)


def overdue(name: str, stage: FailureKind, limits: TryLimits) -> GenerationError:
    """Return the error for a stage that took too long."""
    told = _STAGES[stage].format(limits=limits)
    return GenerationError(
        f"{name} {told}. Expected an answer sooner. Try again later, or choose another model.", kind=stage
    )


def too_late(name: str, reserve_s: float) -> GenerationError:
    """Return the error for a model that is not asked because the time is used up."""
    return GenerationError(
        f"No time was left to ask {name}. Expected more than {reserve_s:g} s. Raise the time limit.",
        kind=FailureKind.TOTAL,
    )


def resting(name: str, rest: Resting) -> GenerationError:
    """Return the error for a model that is left alone."""
    why = f" ({rest.last_failure.value.replace('_', ' ')})" if rest.last_failure else ""
    if rest.broken:
        return ModelUnavailableError(
            f"{name} failed{why} and is left alone until its configuration changes. Whoever runs this service has to "
            f"look after that: `proofkit-serve doctor` says what is wrong.",
            kind=FailureKind.BREAKER_OPEN,
        )
    return GenerationError(
        f"{name} failed several times{why} and is left alone for {rest.rests_for_s:.0f} s. Try again after that, or "
        f"choose another model.",
        kind=FailureKind.BREAKER_OPEN,
        retry_after_s=rest.rests_for_s,
    )
