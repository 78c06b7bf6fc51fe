"""A breaker: a model that failed several times in a row is left alone for a while, then tried with one request.

    closed ──3 failures, or 2 first tokens too late, within 60 s──► open ──rest over──► half-open ──answer──► closed
                                                                     ▲                      │
                                                                     └──failure: rest twice as long, to 10 min──┘
    any ──wrong key, no such model──► broken ──`reset`──► closed

Each request gets a ticket. A ticket of an earlier period changes nothing: what was asked before the breaker opened says
nothing about the request that tests whether the model is back.
"""

import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, Field

from proofkit_core.errors import FailureKind
from proofkit_serve.chain.verdict import Verdict, verdict_on

__all__ = ["Breaker", "BreakerPhase", "BreakerRules", "BreakerState", "Resting", "Ticket"]

Clock = Callable[[], float]
_MOST_ENDS = 512
"""More requests than these are not looked at, however busy the window was."""


class BreakerPhase(StrEnum):
    """Whether requests go through."""

    CLOSED = "closed"
    """All do."""
    OPEN = "open"
    """None does until the rest is over."""
    HALF_OPEN = "half_open"
    """One does, and decides."""
    BROKEN = "broken"
    """None does until the configuration changes."""


class BreakerRules(BaseModel, frozen=True, strict=True, extra="forbid"):
    """When a breaker opens, and for how long."""

    failures: int = Field(default=3, ge=1)
    slow_starts: int = Field(default=2, ge=1)
    """First tokens that came too late."""
    least_share: float = Field(default=0.2, ge=0.0, le=1.0)
    """Share of failures in the window below which it stays closed: under load, a few failures are no outage."""
    window_s: float = Field(default=60.0, gt=0.0)
    """Only failures of the last seconds count."""
    rest_s: float = Field(default=10.0, gt=0.0)
    """The first rest; each failed test doubles it."""
    longest_rest_s: float = Field(default=600.0, gt=0.0)


class BreakerState(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A breaker at one moment."""

    phase: BreakerPhase
    rests_for_s: float = 0.0
    """Seconds until a request may go through; 0 where one may now."""
    announced: bool = False
    """Whether the server itself said how long to wait, as one does that is starting up or has too many callers."""
    opened: int = 0
    """How often it opened."""
    last_failure: FailureKind | None = None


class Ticket(NamedTuple):
    """A request that went through."""

    period: int


class Resting(NamedTuple):
    """A request that did not."""

    broken: bool
    rests_for_s: float
    last_failure: FailureKind | None


class _End(NamedTuple):
    """How a request ended; no failure where it was answered."""

    at: float
    failure: FailureKind | None


class Breaker:
    """One model's breaker. Any thread may use it."""

    def __init__(self, rules: BreakerRules | None = None, *, clock: Clock) -> None:
        """Begin closed.

        Args:
            rules: When to open, and for how long.
            clock: Seconds that only go forward.
        """
        self._rules = rules or BreakerRules()
        self._clock = clock
        self._lock = threading.Lock()
        self._phase = BreakerPhase.CLOSED
        self._period = 0
        self._ended: deque[_End] = deque(maxlen=_MOST_ENDS)
        self._rest_s = self._rules.rest_s
        self._until = 0.0
        self._testing = False
        self._announced = False
        self._opened = 0
        self._last: FailureKind | None = None

    def admit(self) -> Ticket | Resting:
        """Let a request through, or say for how long none may."""
        with self._lock:
            now = self._clock()
            if self._phase is BreakerPhase.OPEN and now >= self._until:
                self._enter(BreakerPhase.HALF_OPEN)
            if self._phase is BreakerPhase.CLOSED:
                return Ticket(self._period)
            if self._phase is BreakerPhase.HALF_OPEN and not self._testing:
                self._testing = True
                return Ticket(self._period)
            return Resting(self._phase is BreakerPhase.BROKEN, self._rests_for(now), self._last)

    def succeeded(self, ticket: Ticket) -> None:
        """Take in that a request was answered in time, whatever the answer is worth."""
        with self._lock:
            if ticket.period != self._period:
                return
            if self._phase is BreakerPhase.HALF_OPEN:
                self._rest_s = self._rules.rest_s
                self._enter(BreakerPhase.CLOSED)
            self._ended.append(_End(self._clock(), None))

    def failed(self, ticket: Ticket, kind: FailureKind, *, retry_after_s: float | None = None) -> None:
        """Take in why a request was not answered.

        Args:
            ticket: The request.
            kind: Why.
            retry_after_s: When the server said that it can be asked again; it is not asked before.
        """
        verdict = verdict_on(kind)
        if verdict is Verdict.ANSWERED:
            self.succeeded(ticket)
            return
        if verdict is Verdict.NOTHING:
            self.dropped(ticket)
            return
        with self._lock:
            self._last = kind
            if ticket.period != self._period:
                return
            if verdict is Verdict.BROKEN:
                self._open(BreakerPhase.BROKEN, self._until)
            elif retry_after_s is not None:
                self._open(BreakerPhase.OPEN, self._clock() + min(retry_after_s, self._rules.longest_rest_s))
                self._announced = True
            else:
                self._count(kind)

    def dropped(self, ticket: Ticket) -> None:
        """Take in that a request ended without saying anything about the model; the next one may be the test."""
        with self._lock:
            if ticket.period == self._period:
                self._testing = False

    def reset(self) -> None:
        """Begin again, because the configuration changed or a person wants to try."""
        with self._lock:
            self._rest_s = self._rules.rest_s
            self._last = None
            self._enter(BreakerPhase.CLOSED)

    def state(self) -> BreakerState:
        """Return how the breaker stands now."""
        with self._lock:
            now = self._clock()
            phase = self._phase
            if phase is BreakerPhase.OPEN and now >= self._until:
                phase = BreakerPhase.HALF_OPEN
            return BreakerState(
                phase=phase,
                rests_for_s=self._rests_for(now),
                announced=self._announced,
                opened=self._opened,
                last_failure=self._last,
            )

    def _rests_for(self, now: float) -> float:
        return max(0.0, self._until - now) if self._phase is BreakerPhase.OPEN else 0.0

    def _count(self, kind: FailureKind) -> None:
        now = self._clock()
        if self._phase is BreakerPhase.HALF_OPEN:
            self._rest_s = min(2 * self._rest_s, self._rules.longest_rest_s)
            self._open(BreakerPhase.OPEN, now + self._rest_s)
            return
        self._ended.append(_End(now, kind))
        while now - self._ended[0].at > self._rules.window_s:
            self._ended.popleft()
        failures = [end.failure for end in self._ended if end.failure is not None]
        slow = failures.count(FailureKind.FIRST_TOKEN)
        many = len(failures) >= self._rules.failures or slow >= self._rules.slow_starts
        if many and len(failures) >= self._rules.least_share * len(self._ended):
            self._open(BreakerPhase.OPEN, now + self._rest_s)

    def _open(self, phase: BreakerPhase, until: float) -> None:
        self._until = until
        self._opened += 1
        self._enter(phase)

    def _enter(self, phase: BreakerPhase) -> None:
        self._phase = phase
        self._announced = False
        self._period += 1
        self._testing = False
        self._ended.clear()
