"""ProofKit's error tree above the prompt contract.

    ProofKitError (proofkit_prompts.errors)
    ├── InputError                what a person handed in cannot be used; nothing was written
    │   ├── BriefError            the brief is missing, broken or breaks a rule
    │   ├── OutputPathError       the place to write to cannot be used
    │   └── PacketFileError       a packet file cannot be read back
    ├── DataError                 a record shipped with ProofKit breaks its own schema
    │   └── StaleIndexError       an index was built from other records than the ones at hand
    ├── GenerationError           a backend gave no usable completion
    │   ├── ModelUnavailableError the model file or server is missing, corrupt or refused
    │   └── GenerationCancelledError  the caller asked to stop
    └── ExportRefusedError        a carrier breaks the integrity policy; nothing was written

Rule for adding one: a new class only where a caller would act differently on it. Every message says what was
got, what was expected and what to do next.
"""

from enum import StrEnum

from proofkit_prompts.errors import ProofKitError

__all__ = [
    "BriefError",
    "DataError",
    "ExportRefusedError",
    "FailureKind",
    "GenerationCancelledError",
    "GenerationError",
    "InputError",
    "ModelUnavailableError",
    "OutputPathError",
    "PacketFileError",
    "ProofKitError",
    "StaleIndexError",
]


class InputError(ProofKitError):
    """What a person handed in cannot be used; nothing was written."""


class BriefError(InputError):
    """The brief is missing, broken or breaks a rule."""


class OutputPathError(InputError):
    """The place to write to cannot be used."""


class PacketFileError(InputError):
    """A packet file cannot be read back."""


class DataError(ProofKitError):
    """A record shipped with ProofKit breaks its own schema."""


class StaleIndexError(DataError):
    """An index was built from other records than the ones at hand."""


class FailureKind(StrEnum):
    """What went wrong between the request and a whole answer, for those who decide by it: chain, breaker, figures."""

    CONNECT = "connect"
    """Nothing answers at that address."""
    QUEUE = "queue"
    """No free place in time, or the queue is full."""
    FIRST_TOKEN = "first_token"  # noqa: S105 - a stage of an answer, not a secret
    """No first token in time."""
    IDLE = "idle"
    """The answer stopped coming in the middle."""
    TOTAL = "total"
    """The whole answer took too long."""
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    """The server failed while it worked on the request."""
    AUTH = "auth"
    NOT_FOUND = "not_found"
    """The server knows no such model."""
    REFUSED = "refused"
    """The request is not taken: too long, an unfit prompt, or a model that this program may not use."""
    EMPTY = "empty"
    """An answer without text, or with nothing but reasoning."""
    CUT = "cut"
    """The connection ended in the middle of the answer."""
    BAD_ANSWER = "bad_answer"
    """What came back is not what this interface promises."""
    BREAKER_OPEN = "breaker_open"
    """The model failed several times in a row and is left alone for a while."""
    UNKNOWN = "unknown"


class GenerationError(ProofKitError):
    """A backend gave no usable completion."""

    def __init__(
        self, message: str, *, kind: FailureKind = FailureKind.UNKNOWN, retry_after_s: float | None = None
    ) -> None:
        """Say what went wrong.

        Args:
            message: What was got, what was expected, what to do next.
            kind: What went wrong, for programs.
            retry_after_s: Seconds after which the server said it can be asked again.
        """
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s


class ModelUnavailableError(GenerationError):
    """The model file or server is missing, corrupt or refused."""


class GenerationCancelledError(GenerationError):
    """The caller asked to stop."""


class ExportRefusedError(ProofKitError):
    """A carrier breaks the integrity policy; nothing was written."""
