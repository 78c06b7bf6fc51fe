"""The breaker in any order of events: what must hold after each of them, against a plain account of the rules."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule

from proofkit_core.errors import FailureKind
from proofkit_serve.chain import Breaker, BreakerPhase, BreakerRules
from proofkit_serve.chain.breaker import Ticket
from proofkit_serve.chain.verdict import Verdict, verdict_on

RULES = BreakerRules(failures=3, slow_starts=2, window_s=60.0, rest_s=10.0, longest_rest_s=600.0)
FAILED = [kind for kind in FailureKind if verdict_on(kind) is Verdict.FAILED]
BROKEN = [kind for kind in FailureKind if verdict_on(kind) is Verdict.BROKEN]
NOBODY: object = multiple()  # pyright: ignore[reportUnknownVariableType] - hypothesis leaves open of what
NEUTRAL = [kind for kind in FailureKind if verdict_on(kind) in {Verdict.ANSWERED, Verdict.NOTHING}]


class BreakerMachine(RuleBasedStateMachine):
    """Asks, answers, fails, waits; and keeps an account of its own."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(RULES, clock=lambda: self.now)
        self.phase = BreakerPhase.CLOSED
        self.until = 0.0
        self.rest = RULES.rest_s
        self.valid: set[int] = set()
        """Tickets of the account's own period, by their identity."""
        self.kept: list[Ticket] = []
        self.ends: list[tuple[float, FailureKind | None]] = []

    def enter(self, phase: BreakerPhase, until: float = 0.0) -> None:
        self.phase, self.until = phase, until
        self.valid, self.ends = set(), []

    @rule(seconds=st.sampled_from([0.0, 0.5, 5.0, 9.99, 10.0, 30.0, 61.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=tickets)
    def ask(self) -> object:
        if self.phase is BreakerPhase.OPEN and self.now >= self.until:
            self.enter(BreakerPhase.HALF_OPEN)
        got = self.breaker.admit()
        may = self.phase is BreakerPhase.CLOSED or (self.phase is BreakerPhase.HALF_OPEN and not self.valid)
        assert isinstance(got, Ticket) is may
        if not isinstance(got, Ticket):
            assert got.broken is (self.phase is BreakerPhase.BROKEN)
            assert got.rests_for_s <= RULES.longest_rest_s + 1e-6  # what is left is a difference of two floats
            return NOBODY
        self.kept.append(got)  # kept, so that no two have one identity
        self.valid.add(id(got))
        return got

    @rule(ticket=consumes(tickets))
    def answer(self, ticket: Ticket) -> None:
        self.breaker.succeeded(ticket)
        self.account_for_answer(ticket)

    @rule(ticket=consumes(tickets), kind=st.sampled_from(NEUTRAL))
    def say_nothing(self, ticket: Ticket, kind: FailureKind) -> None:
        self.breaker.failed(ticket, kind)
        if verdict_on(kind) is Verdict.ANSWERED:
            self.account_for_answer(ticket)
        else:
            self.valid.discard(id(ticket))

    @rule(ticket=consumes(tickets))
    def drop(self, ticket: Ticket) -> None:
        self.breaker.dropped(ticket)
        self.valid.discard(id(ticket))

    @rule(ticket=consumes(tickets), kind=st.sampled_from(FAILED))
    def fail(self, ticket: Ticket, kind: FailureKind) -> None:
        self.breaker.failed(ticket, kind)
        if id(ticket) not in self.valid:
            return
        self.valid.discard(id(ticket))
        if self.phase is BreakerPhase.HALF_OPEN:
            self.rest = min(2 * self.rest, RULES.longest_rest_s)
            self.enter(BreakerPhase.OPEN, self.now + self.rest)
            return
        self.ends.append((self.now, kind))
        recent = [each for at, each in self.ends if self.now - at <= RULES.window_s]
        failures = [each for each in recent if each]
        enough = len(failures) >= 3 or failures.count(FailureKind.FIRST_TOKEN) >= 2
        if enough and len(failures) >= RULES.least_share * len(recent):
            self.enter(BreakerPhase.OPEN, self.now + self.rest)

    @rule(ticket=consumes(tickets), kind=st.sampled_from(BROKEN))
    def break_down(self, ticket: Ticket, kind: FailureKind) -> None:
        self.breaker.failed(ticket, kind)
        if id(ticket) in self.valid:
            self.enter(BreakerPhase.BROKEN)

    @rule(ticket=consumes(tickets), seconds=st.sampled_from([0.0, 3.0, 30.0, 9000.0]))
    def ask_to_wait(self, ticket: Ticket, seconds: float) -> None:
        self.breaker.failed(ticket, FailureKind.RATE_LIMITED, retry_after_s=seconds)
        if id(ticket) in self.valid:
            self.enter(BreakerPhase.OPEN, self.now + min(seconds, RULES.longest_rest_s))

    @precondition(lambda self: self.phase is not BreakerPhase.CLOSED)
    @rule()
    def reset(self) -> None:
        self.breaker.reset()
        self.rest = RULES.rest_s
        self.enter(BreakerPhase.CLOSED)

    def account_for_answer(self, ticket: Ticket) -> None:
        if id(ticket) not in self.valid:
            return
        self.valid.discard(id(ticket))
        if self.phase is BreakerPhase.HALF_OPEN:
            self.rest = RULES.rest_s
            self.enter(BreakerPhase.CLOSED)
        self.ends.append((self.now, None))

    @invariant()
    def the_account_agrees(self) -> None:
        state = self.breaker.state()
        rest_is_over = self.phase is BreakerPhase.OPEN and self.now >= self.until
        assert state.phase is (BreakerPhase.HALF_OPEN if rest_is_over else self.phase)
        if self.phase is BreakerPhase.OPEN:
            assert state.rests_for_s == max(0.0, self.until - self.now)
        else:
            assert state.rests_for_s == 0.0

    @invariant()
    def at_most_one_request_tests_the_model(self) -> None:
        assert self.phase is not BreakerPhase.HALF_OPEN or len(self.valid) <= 1


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
