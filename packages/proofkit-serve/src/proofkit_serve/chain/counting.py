"""Counts what happened at one model, for the figures a service shows."""

import threading
from collections import Counter
from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.errors import FailureKind
from proofkit_core.packet import FallbackReason

__all__ = ["Counting", "Counts", "Outcome"]


class Outcome(StrEnum):
    """How one request to the guard ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    RESTING = "resting"
    """The breaker let nothing through."""
    CANCELLED = "cancelled"
    RETRIED = "retried"
    """A second try was made; counted beside how it ended."""


class Counts(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What happened at one model since the start."""

    answered: int = 0
    failed: int = 0
    resting: int = 0
    cancelled: int = 0
    retried: int = 0
    failures: dict[FailureKind, int] = {}
    """Tries that failed, by kind."""
    quality: dict[FallbackReason, int] = {}
    """Answers that came and were turned down, by reason. They never open the breaker."""
    completion_tokens: int = 0
    prompt_tokens: int = 0
    busy: int = 0
    """Requests under way now."""


class Counting:
    """Counts for one model. Any thread may add to them."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.last_failure: FailureKind | None = None
        """Why the last failed try failed."""
        self.last_error = ""
        """What it said."""
        self._lock = threading.Lock()
        self._outcomes: Counter[Outcome] = Counter()
        self._failures: Counter[FailureKind] = Counter()
        self._quality: Counter[FallbackReason] = Counter()
        self._tokens = [0, 0]
        self._busy = 0

    def ended(self, outcome: Outcome) -> None:
        """Count how a request ended."""
        with self._lock:
            self._outcomes[outcome] += 1

    def failed(self, kind: FailureKind, told: str) -> None:
        """Count a failed try, and keep what it said."""
        with self._lock:
            self._failures[kind] += 1
            self.last_failure, self.last_error = kind, told

    def turned_down(self, reason: FallbackReason) -> None:
        """Count an answer that came and could not be used."""
        with self._lock:
            self._quality[reason] += 1

    def wrote(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count the tokens of an answer."""
        with self._lock:
            self._tokens[0] += prompt_tokens
            self._tokens[1] += completion_tokens

    def work(self, change: int) -> None:
        """Count a request that began (1) or ended (-1)."""
        with self._lock:
            self._busy += change

    def forget_error(self) -> None:
        """Forget the last failed try; the counts stay."""
        with self._lock:
            self.last_failure, self.last_error = None, ""

    def snapshot(self) -> Counts:
        """Return the counts as they are now."""
        with self._lock:
            return Counts(
                answered=self._outcomes[Outcome.ANSWERED],
                failed=self._outcomes[Outcome.FAILED],
                resting=self._outcomes[Outcome.RESTING],
                cancelled=self._outcomes[Outcome.CANCELLED],
                retried=self._outcomes[Outcome.RETRIED],
                failures=dict(self._failures),
                quality=dict(self._quality),
                prompt_tokens=self._tokens[0],
                completion_tokens=self._tokens[1],
                busy=self._busy,
            )
