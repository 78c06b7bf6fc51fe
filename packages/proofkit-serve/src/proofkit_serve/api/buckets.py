"""Token buckets: how much each caller may still ask for."""

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CALLERS = 20_000
"""Buckets kept; the one not asked for the longest is forgotten, and so is full again."""


class Buckets:
    """One bucket a caller; each fills up again at an even pace. Only used from the event loop."""

    def __init__(self, *, size: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Make the buckets.

        Args:
            size: What a full one holds.
            per_second: What flows back.
            clock: Seconds that only go forward.
        """
        self._size = size
        self._per_second = per_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, caller: str, amount: float = 1.0) -> float:
        """Return the seconds until so much can be taken; 0 now. Without a size, there is no limit."""
        if self._size <= 0:
            return 0.0
        missing = min(amount, self._size) - self._level(caller)
        return max(0.0, missing / self._per_second)

    def take(self, caller: str, amount: float = 1.0) -> None:
        """Take so much, below zero too: what was spent was spent."""
        if self._size <= 0:
            return
        self._levels[caller] = (self._level(caller) - amount, self._clock())
        self._levels.move_to_end(caller)
        while len(self._levels) > _MOST_CALLERS:
            self._levels.popitem(last=False)

    def _level(self, caller: str) -> float:
        level, at = self._levels.get(caller, (self._size, self._clock()))
        return min(self._size, level + (self._clock() - at) * self._per_second)
