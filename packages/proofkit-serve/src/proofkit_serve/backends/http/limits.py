"""How long one try at an answer may take at each stage, and how much of it is read."""

from pydantic import BaseModel, Field

from proofkit_core.errors import FailureKind

__all__ = ["Deadlines", "Limits"]

ENDING_GRACE_S = 1.0
"""How long a server may take to end its stream after the last token; the answer is whole by then."""


class Limits(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Limits of one try."""

    connect_s: float = Field(default=3.0, gt=0.0)
    first_token_s: float = Field(default=15.0, gt=0.0)
    """From the call to the first token, the connection included."""
    idle_s: float = Field(default=10.0, gt=0.0)
    """Between two tokens."""
    total_s: float = Field(default=45.0, gt=0.0)
    """From the call to the last token; the request's own limit holds where it is shorter."""
    answer_chars: int = Field(default=32_000, gt=0)
    """A longer answer is cut off and counts as none."""
    blank_chars: int = Field(default=200, gt=0)
    """More blanks in a row than these are a model that lost its way."""
    line_bytes: int = Field(default=1 << 20, gt=0)
    """Longest line of the stream."""
    body_bytes: int = Field(default=16 << 20, gt=0)
    """Most bytes of one response."""


class Deadlines:
    """When the stage at hand has to end, and what it means if it does not."""

    def __init__(self, limits: Limits, *, time_limit_s: float, started_at: float) -> None:
        """Start with the wait for the first token.

        Args:
            limits: The limits of the try.
            time_limit_s: The request's own limit.
            started_at: `time.monotonic` at the call.
        """
        self._idle_s = limits.idle_s
        self._request_ends_at = started_at + time_limit_s
        self._total_ends_at = started_at + limits.total_s
        self._stage_ends_at = started_at + limits.first_token_s
        self._stage: FailureKind | None = FailureKind.FIRST_TOKEN

    @property
    def at(self) -> float:
        """Return the next moment at which something runs out."""
        return min(self._stage_ends_at, self._total_ends_at, self._request_ends_at)

    def token(self, now: float) -> None:
        """Take in that a token came."""
        if self._stage is not None:
            self._stage, self._stage_ends_at = FailureKind.IDLE, now + self._idle_s

    def last_token(self, now: float) -> None:
        """Take in that the answer is whole; what follows is for the books only."""
        self._stage, self._stage_ends_at = None, now + ENDING_GRACE_S

    @property
    def whole(self) -> bool:
        """Return whether the answer is whole, so that running out of time costs nothing."""
        return self._stage is None

    @property
    def ran_out(self) -> FailureKind | None:
        """Return which limit `at` stands for; None for the request's own."""
        if self._request_ends_at <= self.at:
            return None
        return FailureKind.TOTAL if self._total_ends_at <= self.at else self._stage
