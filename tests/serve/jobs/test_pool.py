"""The pool is bounded and fair, and tells each who waits their place."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_serve.jobs.pool import FairPool
from proofkit_serve.wire.kinds import Kind, ProblemError


def hold(gate: threading.Event) -> None:
    """Work until the gate opens."""
    gate.wait(10)


def untold(_place: int) -> None:
    """Nobody listens."""


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30), st.integers(1, 4))
def test_all_work_is_done_once_in_the_order_of_each_session_and_never_twice_at_once(
    keys: list[str], threads: int
) -> None:
    pool = FairPool(threads=threads, most_waiting=100, most_waiting_each=100)
    lock = threading.Lock()
    done: list[tuple[str, int]] = []
    running: list[str] = []
    clashes: list[str] = []

    def work(key: str, number: int) -> None:
        with lock:
            if key in running or len(running) >= threads:
                clashes.append(key)
            running.append(key)
        with lock:
            running.remove(key)
            done.append((key, number))

    for number, key in enumerate(keys):
        pool.submit(key, lambda key=key, number=number: work(key, number), untold)
    while pool.waiting or pool.running:
        time.sleep(0.001)
    assert pool.close(5.0)
    assert clashes == []
    assert sorted(done) == sorted((key, number) for number, key in enumerate(keys))
    for key in "abcd":
        mine = [number for each, number in done if each == key]
        assert mine == sorted(mine)


def test_one_who_asks_for_much_does_not_keep_the_others_waiting() -> None:
    pool = FairPool(threads=1, most_waiting=100, most_waiting_each=100)
    gate = threading.Event()
    order: list[str] = []
    pool.submit("first", lambda: hold(gate), untold)
    while not pool.running:
        time.sleep(0.001)
    for number in range(5):
        pool.submit("greedy", lambda number=number: order.append(f"greedy {number}"), untold)
    pool.submit("modest", lambda: order.append("modest"), untold)
    gate.set()
    assert _idle(pool)
    assert order.index("modest") == 1
    assert pool.close(5.0)


def test_places_count_down_to_the_start() -> None:
    pool = FairPool(threads=1, most_waiting=100, most_waiting_each=100)
    gates = [threading.Event() for _ in range(3)]
    places: list[int] = []
    for number, gate in enumerate(gates):
        pool.submit(f"session {number}", lambda gate=gate: hold(gate), untold)
    while not pool.running:
        time.sleep(0.001)
    pool.submit("mine", lambda: None, places.append)
    for gate in gates:
        gate.set()
        time.sleep(0.05)
    assert _idle(pool)
    assert places == [3, 2, 1, 0]
    assert pool.close(5.0)


def test_what_starts_at_once_is_never_told_that_somebody_is_before_it() -> None:
    pool = FairPool(threads=2, most_waiting=100, most_waiting_each=100)
    gate = threading.Event()
    first: list[int] = []
    second: list[int] = []
    pool.submit("one", lambda: hold(gate), first.append)
    pool.submit("two", lambda: hold(gate), second.append)
    while pool.running < 2:
        time.sleep(0.001)
    assert (first, second) == ([0], [0])
    gate.set()
    assert _idle(pool)
    assert pool.close(5.0)


def test_what_waits_can_be_taken_back_and_what_runs_cannot() -> None:
    pool = FairPool(threads=1, most_waiting=10, most_waiting_each=10)
    gate = threading.Event()
    started = threading.Event()
    done: list[str] = []

    def hold_and_tell() -> None:
        started.set()
        gate.wait(10)

    running = pool.submit("a", hold_and_tell, untold)
    waiting = pool.submit("a", lambda: done.append("b"), untold)
    assert started.wait(10)
    assert pool.withdraw(waiting)
    assert not pool.withdraw(waiting)
    assert not pool.withdraw(running)
    gate.set()
    assert _idle(pool)
    assert done == []
    assert pool.close(5.0)


def test_what_need_not_wait_is_taken_although_nothing_may_wait() -> None:
    pool = FairPool(threads=2, most_waiting=0, most_waiting_each=1)
    gate = threading.Event()
    pool.submit("a", lambda: hold(gate), untold)
    pool.submit("b", lambda: hold(gate), untold)
    with pytest.raises(ProblemError) as full:
        pool.submit("c", lambda: None, untold)
    assert full.value.kind is Kind.BUSY
    gate.set()
    assert _idle(pool)
    assert pool.close(5.0)


def test_no_more_than_allowed_may_wait() -> None:
    pool = FairPool(threads=1, most_waiting=3, most_waiting_each=2)
    gate = threading.Event()
    pool.submit("x", lambda: hold(gate), untold)
    while not pool.running:
        time.sleep(0.001)
    for _ in range(2):
        pool.submit("a", lambda: None, untold)
    with pytest.raises(ProblemError) as one:
        pool.submit("a", lambda: None, untold)
    assert one.value.kind is Kind.SESSION_BUSY
    pool.submit("b", lambda: None, untold)
    with pytest.raises(ProblemError) as everybody:
        pool.submit("c", lambda: None, untold)
    assert everybody.value.kind is Kind.BUSY
    gate.set()
    assert _idle(pool)
    assert pool.close(5.0)
    with pytest.raises(ProblemError) as closed:
        pool.submit("a", lambda: None, untold)
    assert closed.value.kind is Kind.STOPPING


def _idle(pool: FairPool) -> bool:
    ends = time.monotonic() + 10
    while pool.waiting or pool.running:
        if time.monotonic() > ends:
            return False
        time.sleep(0.001)
    return True
