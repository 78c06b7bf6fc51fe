"""How many threads to decode with while other programs want the same cores.

llama.cpp's threads wait for each other many times a token, and they wait by spinning. Where another program takes
one of their cores, a token that takes 10 ms alone can take two seconds with all threads, but 20 ms with half of them.
"""

__all__ = ["Pace"]

STALL_FACTOR = 4.0
STALL_S = 0.05
"""A stall takes this many times, and this much longer than, the shortest time seen for as many tokens."""
SHORTEST_PAUSE, LONGEST_PAUSE = 32, 512
"""Evaluations to go slow for after a stall; twice as many each time that trying again ends in a stall soon."""


class Pace:
    """Goes down to half of the threads after a stall, and tries all of them again later."""

    def __init__(self, threads: int) -> None:
        """Start with all threads."""
        self.threads = threads
        self._all = threads
        self._shortest: dict[int, float] = {}
        self._pause = SHORTEST_PAUSE
        self._left = 0
        self._calm = 0

    def note(self, tokens: int, seconds: float) -> None:
        """Take in how long an evaluation took, and set `threads` for the next one."""
        shortest = self._shortest[tokens] = min(seconds, self._shortest.get(tokens, seconds))
        if self._left:
            self._left -= 1
            if not self._left:
                self.threads, self._calm = self._all, 0
        elif seconds > STALL_FACTOR * shortest and seconds - shortest > STALL_S:
            self.threads, self._left = max(1, self._all // 2), self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        else:
            self._calm += 1
            if self._calm >= SHORTEST_PAUSE:
                self._pause = SHORTEST_PAUSE
