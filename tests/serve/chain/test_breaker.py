"""The breaker's rules, one by one; `test_breaker_machine.py` tries them in any order."""

import threading
from collections.abc import Callable
from typing import Protocol

import pytest

from proofkit_core.errors import FailureKind
from proofkit_serve.chain import Breaker, BreakerPhase, BreakerRules
from proofkit_serve.chain.breaker import Resting, Ticket


class Clock(Protocol):
    now: float

    def __call__(self) -> float: ...


def admitted(breaker: Breaker) -> Ticket:
    ticket = breaker.admit()
    assert isinstance(ticket, Ticket)
    return ticket


def fail(breaker: Breaker, kind: FailureKind, times: int = 1, retry_after_s: float | None = None) -> None:
    for _ in range(times):
        breaker.failed(admitted(breaker), kind, retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    ("kind", "opens_after"),
    [
        (FailureKind.CONNECT, 3),
        (FailureKind.SERVER, 3),
        (FailureKind.CUT, 3),
        (FailureKind.IDLE, 3),
        (FailureKind.TOTAL, 3),
        (FailureKind.RATE_LIMITED, 3),
        (FailureKind.UNKNOWN, 3),
        (FailureKind.FIRST_TOKEN, 2),
    ],
)
def test_failures_and_slowness_open_it(clock: Clock, kind: FailureKind, opens_after: int) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, kind, opens_after - 1)
    assert breaker.state().phase is BreakerPhase.CLOSED
    fail(breaker, kind)
    assert breaker.state().phase is BreakerPhase.OPEN
    assert isinstance(breaker.admit(), Resting)


@pytest.mark.parametrize(
    "kind",
    [FailureKind.EMPTY, FailureKind.BAD_ANSWER, FailureKind.QUEUE, FailureKind.REFUSED, FailureKind.BREAKER_OPEN],
)
def test_what_says_nothing_about_the_server_never_opens_it(clock: Clock, kind: FailureKind) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, kind, 50)
    assert breaker.state().phase is BreakerPhase.CLOSED


def test_failures_more_than_a_minute_apart_do_not_add_up(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    for _ in range(20):
        fail(breaker, FailureKind.CONNECT)
        clock.now += 31
    assert breaker.state().phase is BreakerPhase.CLOSED


def test_a_few_failures_among_many_answers_are_no_outage(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    for _ in range(10):
        for _ in range(9):
            breaker.succeeded(admitted(breaker))
        fail(breaker, FailureKind.SERVER)
    assert breaker.state().phase is BreakerPhase.CLOSED


def test_each_failed_test_doubles_the_rest_up_to_ten_minutes(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, FailureKind.CONNECT, 3)
    rests: list[float] = []
    for _ in range(9):
        rests.append(breaker.state().rests_for_s)
        clock.now += rests[-1]
        fail(breaker, FailureKind.CONNECT)
    assert rests == [10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_one_answer_closes_it_and_the_next_rest_is_short_again(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, FailureKind.CONNECT, 3)
    clock.now += 10
    fail(breaker, FailureKind.CONNECT)
    clock.now += 20
    breaker.succeeded(admitted(breaker))
    assert breaker.state().phase is BreakerPhase.CLOSED
    fail(breaker, FailureKind.CONNECT, 3)
    assert breaker.state().rests_for_s == 10


def test_half_open_lets_exactly_one_of_many_threads_through(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, FailureKind.CONNECT, 3)
    clock.now += 10
    gate = threading.Barrier(32)
    got: list[Ticket | Resting] = []

    def ask() -> None:
        gate.wait()
        got.append(breaker.admit())

    threads = [threading.Thread(target=ask) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(each, Ticket) for each in got) == 1
    assert len(got) == 32


def test_a_test_that_was_dropped_is_made_by_the_next_request(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, FailureKind.CONNECT, 3)
    clock.now += 10
    breaker.dropped(admitted(breaker))
    breaker.succeeded(admitted(breaker))
    assert breaker.state().phase is BreakerPhase.CLOSED


def test_an_answer_from_before_it_opened_does_not_close_it(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    early = admitted(breaker)
    fail(breaker, FailureKind.CONNECT, 3)
    breaker.succeeded(early)
    assert breaker.state().phase is BreakerPhase.OPEN
    clock.now += 10
    test = admitted(breaker)
    breaker.failed(early, FailureKind.CONNECT)
    assert breaker.state().phase is BreakerPhase.HALF_OPEN
    breaker.succeeded(test)
    assert breaker.state().phase is BreakerPhase.CLOSED


@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.NOT_FOUND])
def test_a_wrong_key_or_name_opens_it_until_something_is_changed(clock: Clock, kind: FailureKind) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, kind)
    clock.now += 1e9
    resting = breaker.admit()
    assert isinstance(resting, Resting)
    assert resting.broken
    assert breaker.state().phase is BreakerPhase.BROKEN
    breaker.reset()
    admitted(breaker)


@pytest.mark.parametrize("kind", [FailureKind.RATE_LIMITED, FailureKind.SERVER])
def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(clock: Clock, kind: FailureKind) -> None:
    breaker = Breaker(clock=clock)
    fail(breaker, kind, retry_after_s=4.0)
    assert breaker.state().announced
    clock.now += 3.9
    assert isinstance(breaker.admit(), Resting)
    clock.now += 0.1
    breaker.succeeded(admitted(breaker))
    assert not breaker.state().announced


def test_no_server_can_ask_for_more_than_the_longest_rest(clock: Clock) -> None:
    breaker = Breaker(BreakerRules(longest_rest_s=100.0), clock=clock)
    fail(breaker, FailureKind.RATE_LIMITED, retry_after_s=1e9)
    assert breaker.state().rests_for_s == 100


def test_threads_that_fail_at_once_open_it_once(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    tickets = [admitted(breaker) for _ in range(16)]
    work: list[Callable[[], None]] = [
        lambda ticket=ticket: breaker.failed(ticket, FailureKind.CONNECT) for ticket in tickets
    ]
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = breaker.state()
    assert (state.phase, state.opened, state.rests_for_s) == (BreakerPhase.OPEN, 1, 10)
