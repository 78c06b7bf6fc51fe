"""What a thread hands over: the first piece at once, those that follow quickly together, and all of it in order."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_serve.jobs.outbox import BATCH_S, Outbox


def delivered(fill: Callable[[Outbox[str]], None], *, wait_s: float = 3 * BATCH_S) -> list[list[str]]:
    """Return what arrived in the event loop, by delivery, after a thread filled an outbox."""
    batches: list[list[str]] = []

    def deliver(items: Sequence[str]) -> None:
        assert threading.current_thread() is threading.main_thread()
        batches.append(list(items))

    async def listen() -> None:
        outbox = Outbox[str](asyncio.get_running_loop(), deliver)
        await asyncio.to_thread(fill, outbox)
        await asyncio.sleep(wait_s)

    asyncio.run(listen())
    return batches


def test_the_first_piece_goes_at_once_and_those_that_follow_quickly_go_together() -> None:
    async def write() -> None:
        batches: list[list[str]] = []
        outbox = Outbox[str](asyncio.get_running_loop(), lambda items: batches.append(list(items)))
        outbox.put_piece("I ")
        await asyncio.sleep(0)
        assert batches == [["I "]]
        for piece in ("would ", "start ", "there"):
            outbox.put_piece(piece)
            await asyncio.sleep(0)
        assert batches == [["I "]]
        await asyncio.sleep(2 * BATCH_S)
        assert batches == [["I "], ["would ", "start ", "there"]]
        await asyncio.sleep(2 * BATCH_S)
        outbox.put_piece("again")
        await asyncio.sleep(0)
        assert batches[2:] == [["again"]]

    asyncio.run(write())


def test_what_matters_waits_for_nothing_and_goes_behind_what_waits() -> None:
    async def write() -> None:
        batches: list[list[str]] = []
        outbox = Outbox[str](asyncio.get_running_loop(), lambda items: batches.append(list(items)))
        for piece in ("one", "two"):
            outbox.put_piece(piece)
            await asyncio.sleep(0)
        outbox.put("over")
        await asyncio.sleep(0)
        assert batches == [["one"], ["two", "over"]]
        outbox.put_piece("the first of another text")
        await asyncio.sleep(0)
        assert batches[2:] == [["the first of another text"]]

    asyncio.run(write())


def test_at_the_end_nothing_is_left_behind() -> None:
    async def write() -> None:
        batches: list[list[str]] = []
        outbox = Outbox[str](asyncio.get_running_loop(), lambda items: batches.append(list(items)))
        for piece in ("one", "two", "three"):
            outbox.put_piece(piece)
            await asyncio.sleep(0)
        outbox.flush()
        assert batches == [["one"], ["two", "three"]]
        outbox.flush()
        await asyncio.sleep(2 * BATCH_S)
        assert len(batches) == 2

    asyncio.run(write())


def test_a_thread_that_writes_without_a_pause_rarely_takes_the_loops_time() -> None:
    numbers = [str(number) for number in range(20_000)]

    def fill(outbox: Outbox[str]) -> None:
        for number in numbers:
            outbox.put_piece(number)

    batches = delivered(fill)
    assert [each for batch in batches for each in batch] == numbers
    assert len(batches) < len(numbers) / 20


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.0, BATCH_S / 3, 1.5 * BATCH_S])), max_size=8))
def test_nothing_is_lost_or_overtaken_whatever_the_pace(steps: list[tuple[bool, float]]) -> None:
    def fill(outbox: Outbox[str]) -> None:
        for number, (is_piece, pause_s) in enumerate(steps):
            (outbox.put_piece if is_piece else outbox.put)(str(number))
            threading.Event().wait(pause_s)

    assert [each for batch in delivered(fill) for each in batch] == [str(number) for number in range(len(steps))]


def test_several_threads_lose_nothing() -> None:
    def fill(outbox: Outbox[str]) -> None:
        def write(name: str) -> None:
            for number in range(500):
                outbox.put_piece(f"{name}{number}")

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = [each for batch in delivered(fill) for each in batch]
    for name in "abcd":
        assert [each for each in found if each.startswith(name)] == [f"{name}{number}" for number in range(500)]
