"""Whose turn it is: requesters take turns, so that one who asks for much does not hold up one who asks for little.

Before an item is taken, every other requester gets at most one answer, counted from when the item is the first of its
own requester. The answer that is being written at that moment counts.
"""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

__all__ = ["FairLine"]

T = TypeVar("T")


class FairLine(Generic[T]):
    """Items that wait, by requester, and the one that is being answered. Not thread-safe."""

    def __init__(self) -> None:
        """Start empty."""
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()
        self._answered: str | None = None
        self._aside: deque[T] = deque()
        """What else the requester who is being answered waits for; it stands behind everybody."""

    def __len__(self) -> int:
        """Return how many items wait."""
        return sum(map(len, self._lines.values())) + len(self._aside)

    @property
    def busy(self) -> bool:
        """True while an item is being answered."""
        return self._answered is not None

    def waiting_of(self, requester: str) -> int:
        """Return how many items of one requester wait."""
        return len(self._aside if requester == self._answered else self._lines.get(requester, ()))

    def put(self, requester: str, item: T) -> None:
        """Add an item behind the requester's others, and a new requester behind all others."""
        if requester == self._answered:
            self._aside.append(item)
        else:
            self._lines.setdefault(requester, deque()).append(item)

    def take(self) -> T | None:
        """Return the next item, which is being answered until `finish`; None where none waits."""
        if not self._lines:
            return None
        self._answered, self._aside = self._lines.popitem(last=False)
        return self._aside.popleft()

    def finish(self) -> None:
        """End the answer; its requester goes behind all others."""
        if self._answered is not None and self._aside:
            self._lines[self._answered] = self._aside
        self._answered, self._aside = None, deque()

    def drop(self, item: T) -> bool:
        """Remove an item that waits; False where it does not."""
        for requester, line in self._turns():
            if item in line:
                line.remove(item)
                if not line:
                    self._lines.pop(requester, None)
                return True
        return False

    def drain(self) -> list[T]:
        """Remove and return everything that waits."""
        items = [item for _, line in self._turns() for item in line]
        self._lines.clear()
        self._aside.clear()
        return items

    def place(self, item: T) -> int | None:
        """Return how many answers come before an item, the present one included; None where it does not wait."""
        turns = self._turns()
        for turn, (_, line) in enumerate(turns):
            if item in line:
                own = line.index(item)
                others = sum(min(len(o), own + (at < turn)) for at, (_, o) in enumerate(turns) if at != turn)
                return own + others + self.busy
        return None

    def _turns(self) -> list[tuple[str, deque[T]]]:
        """Return requesters and what they wait for, in the order of their turns."""
        last = [(self._answered, self._aside)] if self._answered is not None else []
        return [*self._lines.items(), *last]
