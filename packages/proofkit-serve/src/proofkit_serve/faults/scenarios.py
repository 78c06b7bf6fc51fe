"""What can go wrong, by name, and how badly."""

from enum import StrEnum

from pydantic import BaseModel, Field

__all__ = ["Pace", "Scenario"]


class Scenario(StrEnum):
    """How one request goes."""

    GOOD = "good"
    """A whole answer."""
    STEADY = "steady"
    """Word after word up to `max_tokens`, at the pace that was set."""
    SLOW_FIRST_TOKEN = "slow-first-token"  # noqa: S105 - a stage of an answer, not a secret
    STALL = "stall"
    """A few words, then nothing, with the connection open."""
    PINGS = "pings"
    """A few words, then comments only, which keep a connection open."""
    CUT = "cut"
    """A few words, then the connection is closed."""
    UNFINISHED = "unfinished"
    """The stream ends in order, but nothing says why."""
    DROPPED = "dropped"
    """The connection is closed before any answer."""
    RATE_LIMITED = "rate-limited"
    """429 with `Retry-After`."""
    SERVER_ERROR = "server-error"
    ERROR_EVENT = "error-event"
    """200, a few words, then an error in the stream."""
    WAKING = "waking"
    """503 with `Retry-After`: a cold server."""
    WRONG_SCHEMA = "wrong-schema"
    TRUNCATED_JSON = "truncated-json"
    CHANNEL_LEAK = "channel-leak"
    """The name of a channel runs into the answer: `final{`."""
    ENDLESS_WHITESPACE = "endless-whitespace"
    HUGE_ANSWER = "huge-answer"
    HUGE_LINE = "huge-line"
    """One event that does not end."""
    REFUSED = "refused"
    """Nobody listens at the port; only for a whole server."""
    REASONING = "reasoning"
    """Thinking in a field of its own, then the answer."""
    THINK_TAGS = "think-tags"
    """Thinking in the text, between tags."""
    HARMONY = "harmony"
    """Thinking in the text, in channels."""
    REASONING_ONLY = "reasoning-only"
    EMPTY = "empty"
    LENGTH = "length"
    """Cut off at the cap."""
    UNSTREAMED = "unstreamed"
    """A good answer in one piece, although events were asked for."""
    GARBAGE = "garbage"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    BAD_REQUEST = "bad-request"
    NO_PROVIDER = "no-provider"
    """What Hugging Face's router says of a model that nobody serves."""
    REDIRECT = "redirect"


class Pace(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How slow, how long and how much."""

    first_token_s: float = Field(default=0.0, ge=0.0)
    between_s: float = Field(default=0.0, ge=0.0)
    slow_s: float = Field(default=30.0, ge=0.0)
    """How long `slow-first-token` waits, and how long `stall` and `pings` hold the connection."""
    retry_after: str = "2"
    huge_chars: int = Field(default=4_000_000, gt=0)
