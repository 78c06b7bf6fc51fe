"""What a failure says about the backend it came from."""

from enum import StrEnum

from proofkit_core.errors import FailureKind

__all__ = ["Verdict", "verdict_on"]


class Verdict(StrEnum):
    """What a failure says about the backend."""

    FAILED = "failed"
    """It is down, or too slow to wait for."""
    BROKEN = "broken"
    """It will go on failing until somebody changes the configuration."""
    ANSWERED = "answered"
    """It works; what it wrote was no use. Counted apart."""
    NOTHING = "nothing"
    """Says nothing about it: the request was at fault, or never got there."""


_VERDICTS = {
    FailureKind.CONNECT: Verdict.FAILED,
    FailureKind.FIRST_TOKEN: Verdict.FAILED,
    FailureKind.IDLE: Verdict.FAILED,
    FailureKind.TOTAL: Verdict.FAILED,
    FailureKind.RATE_LIMITED: Verdict.FAILED,
    FailureKind.SERVER: Verdict.FAILED,
    FailureKind.CUT: Verdict.FAILED,
    FailureKind.UNKNOWN: Verdict.FAILED,
    FailureKind.AUTH: Verdict.BROKEN,
    FailureKind.NOT_FOUND: Verdict.BROKEN,
    FailureKind.EMPTY: Verdict.ANSWERED,
    FailureKind.BAD_ANSWER: Verdict.ANSWERED,
    # A full queue means that the model works as much as it can; leaving it alone would only empty the queue.
    FailureKind.QUEUE: Verdict.NOTHING,
    FailureKind.REFUSED: Verdict.NOTHING,
    FailureKind.BREAKER_OPEN: Verdict.NOTHING,
}


def verdict_on(kind: FailureKind) -> Verdict:
    """Return what a kind of failure says about the backend."""
    return _VERDICTS[kind]
