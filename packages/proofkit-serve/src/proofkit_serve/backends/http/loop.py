"""One thread that runs the event loop on which HTTP backends do their work."""

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, Self, TypeVar

from proofkit_core.errors import FailureKind, GenerationError

__all__ = ["LoopThread", "Work"]

NAME = "proofkit-http"
CLOSING_GRACE_S = 5.0
_T = TypeVar("_T")


class LoopThread:
    """An event loop in a thread of its own, started at once. Close it, or use it in a `with` statement."""

    def __init__(self) -> None:
        """Start the thread."""
        loop = asyncio.new_event_loop()
        # A daemon, so that a loop nobody closed cannot keep the program from ending.
        thread = threading.Thread(target=_run, args=(loop,), name=NAME, daemon=True)
        thread.start()
        self._loop = loop
        self._thread = thread
        self._close = weakref.finalize(self, _stop, loop, thread)

    @property
    def running(self) -> bool:
        """Return whether work can be handed in."""
        return self._close.alive and self._thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Return whether the caller runs on the loop's own thread."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Hand in work.

        Returns:
            What it will return or raise; cancelling it cancels the work.

        Raises:
            GenerationError: The loop was closed.
        """
        if self.running:
            try:
                return asyncio.run_coroutine_threadsafe(work, self._loop)
            except RuntimeError:  # closed by another thread, just now
                pass
        work.close()
        raise _closed()

    def close(self) -> None:
        """Cancel all work and end the thread; may be called again."""
        self._close()

    def __enter__(self) -> Self:
        """Return the running loop."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class Work:
    """What one backend has under way on a loop that others may share."""

    def __init__(self, loop: LoopThread | None, *, at_end: Callable[[], Awaitable[None]]) -> None:
        """Start with nothing under way.

        Args:
            loop: The loop to share; without it, one of its own.
            at_end: Run on the loop when this is closed.
        """
        self._loop = loop or LoopThread()
        self._owns_loop = loop is None
        self._at_end = at_end
        self._lock = threading.RLock()  # a forgotten backend is closed wherever memory happens to be tidied up
        self._under_way: set[Future[Any]] = set()
        self._open = True

    @property
    def running(self) -> bool:
        """Return whether work can be handed in."""
        return self._open and self._loop.running

    def submit(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Hand in work.

        Raises:
            GenerationError: This was closed.
        """
        with self._lock:
            if not self._open:
                work.close()
                raise _closed()
            future = self._loop.submit(work)
            self._under_way.add(future)
        future.add_done_callback(self._forget)
        return future

    def wait_for(self, work: Callable[[], Awaitable[_T]], *, timeout_s: float) -> _T:
        """Hand in something short, and wait for it.

        Raises:
            GenerationError: It took longer, or this was closed.
        """
        try:
            return self.submit(_limited(work, timeout_s)).result()
        except TimeoutError:
            raise GenerationError(
                f"The server did not answer within {timeout_s:g} s. Expected an answer. Try again, or look into its "
                f"log.",
                kind=FailureKind.TOTAL,
            ) from None

    def close(self) -> None:
        """Cancel what is under way; may be called again."""
        with self._lock:
            was_open, self._open = self._open, False
            under_way = tuple(self._under_way)
        for future in under_way:
            future.cancel()
        if was_open and self._loop.running:
            with suppress(GenerationError):  # the loop was closed meanwhile, and its connections with it
                ending = self._loop.submit(_limited(self._at_end, CLOSING_GRACE_S))
                if not self._loop.is_current:
                    wait([ending], timeout=CLOSING_GRACE_S)
        if self._owns_loop:
            self._loop.close()

    def _forget(self, future: "Future[Any]") -> None:
        with self._lock:
            self._under_way.discard(future)


async def _limited(work: Callable[[], Awaitable[_T]], timeout_s: float) -> _T:
    async with asyncio.timeout(timeout_s):
        return await work()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
    # A forgotten loop may be collected by whatever thread is running, its own included.
    if thread is not threading.current_thread():
        thread.join(CLOSING_GRACE_S)


def _closed() -> GenerationError:
    return GenerationError(
        "This backend was closed. Expected an open one. Open the model again.", kind=FailureKind.CONNECT
    )
