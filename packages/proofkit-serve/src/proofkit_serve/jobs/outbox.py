"""Hands what a thread makes to the event loop: what matters at once, and pieces that follow quickly together.

A call into the event loop for each token takes a core from the thread that decodes, again and again.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["BATCH_S", "Outbox"]

BATCH_S = 0.05
"""Pieces that come faster than this are handed over together; the first one goes at once."""
_Item = TypeVar("_Item")


class Outbox(Generic[_Item]):
    """Takes items in any thread, and delivers them in order in the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Sequence[_Item]], None]) -> None:
        """Start empty.

        Args:
            loop: Where items are delivered.
            deliver: Called there with one or more items.
        """
        self._loop = loop
        self._deliver = deliver
        self._lock = threading.Lock()
        self._items: list[_Item] = []
        self._is_called = False
        """Whether the loop was asked to deliver and has not yet."""
        self._rests = False
        """Whether a piece was delivered less than a moment ago, so that the next one waits."""
        self._ends_with_piece = False
        self._timer: asyncio.TimerHandle | None = None

    def put(self, item: _Item) -> None:
        """Take an item that is delivered at once, behind what waits; the next piece is delivered at once, too."""
        self._add(item, is_piece=False)

    def put_piece(self, item: _Item) -> None:
        """Take an item that may wait for a moment for others of its kind."""
        self._add(item, is_piece=True)

    def flush(self) -> None:
        """Deliver what waits; called in the event loop."""
        with self._lock:
            items, self._items = self._items, []
            self._is_called = False
            self._rests = rests = bool(items) and self._ends_with_piece
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(BATCH_S, self.flush) if rests else None
        if items:
            self._deliver(items)

    def _add(self, item: _Item, *, is_piece: bool) -> None:
        with self._lock:
            self._items.append(item)
            self._ends_with_piece = is_piece
            if self._is_called or (is_piece and self._rests):
                return
            self._is_called = True
        self._loop.call_soon_threadsafe(self.flush)
