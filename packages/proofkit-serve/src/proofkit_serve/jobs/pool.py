"""A bounded pool of threads that is fair: sessions take turns, and each has one piece of work running at a time."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

from proofkit_serve.wire.kinds import Kind, ProblemError

OnPlace = Callable[[int], None]
_LATER_S = 5.0


class Ticket:
    """One piece of work that waits or runs."""

    def __init__(self, key: str, work: Callable[[], None], on_place: OnPlace) -> None:
        """Remember what to do.

        Args:
            key: Whose it is; work of one key runs one after the other.
            work: Called in a thread of the pool.
            on_place: Called with how many are before it, whenever that changes; 0 as it starts. It must not wait for
                anything, nor call the pool.
        """
        self.key = key
        self.work = work
        self.on_place = on_place
        self.place = -1


class FairPool:
    """Runs work in at most `threads` threads, in turn by key."""

    def __init__(self, *, threads: int, most_waiting: int, most_waiting_each: int) -> None:
        """Open the pool; a thread is started when it is first needed.

        Args:
            threads: How much runs at once.
            most_waiting: How much waits, of all.
            most_waiting_each: How much waits of one key.
        """
        self._threads: list[threading.Thread] = []
        self._most_threads = threads
        self._most_waiting = most_waiting
        self._most_waiting_each = most_waiting_each
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, key: str, work: Callable[[], None], on_place: OnPlace) -> Ticket:
        """Take a piece of work.

        Args:
            key: Whose it is.
            work: What to call; it must not raise.
            on_place: Told its place in the queue.

        Raises:
            ProblemError: Too much waits already, or the pool is closed.
        """
        ticket = Ticket(key, work, on_place)
        with self._changed:
            self._require_room(key)
            self._waiting.setdefault(key, deque()).append(ticket)
            idle = len(self._threads) - len(self._running)
            if len(self._threads) < self._most_threads and idle < self._startable():
                thread = threading.Thread(target=self._serve, name=f"draft-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._tell()
            self._changed.notify()
        return ticket

    def withdraw(self, ticket: Ticket) -> bool:
        """Take back what has not started; return whether it had not."""
        with self._changed:
            queue = self._waiting.get(ticket.key)
            if queue is None or ticket not in queue:
                return False
            queue.remove(ticket)
            if not queue:
                del self._waiting[ticket.key]
            self._tell()
        return True

    @property
    def waiting(self) -> int:
        """Return how much waits."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    @property
    def running(self) -> int:
        """Return how much runs."""
        with self._changed:
            return len(self._running)

    def close(self, timeout_s: float) -> bool:
        """Take nothing more, drop what waits, and wait for what runs.

        Args:
            timeout_s: How long to wait.

        Returns:
            Whether all threads have ended.
        """
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        ends = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def require_room(self, key: str) -> None:
        """Refuse what would not be taken, before anything is written down for it.

        Raises:
            ProblemError: Too much waits already, or the pool is closed.
        """
        with self._changed:
            self._require_room(key)

    def _require_room(self, key: str) -> None:
        if self._closed:
            told = "The server is stopping and takes no more generations. Ask again in a minute."
            raise ProblemError(Kind.STOPPING, told, retry_after_s=_LATER_S)
        if len(self._waiting.get(key, ())) >= self._most_waiting_each:
            count = self._most_waiting_each
            told = f"{count} generations of this session wait already. Wait for one to end, or cancel one."
            raise ProblemError(Kind.SESSION_BUSY, told, retry_after_s=_LATER_S)
        at_once = key not in self._running and key not in self._waiting
        if at_once and len(self._running) + self._startable() < self._most_threads:
            return  # a thread is free, so it does not wait
        if sum(map(len, self._waiting.values())) >= self._most_waiting:
            told = f"{self._most_waiting} generations wait already. Ask again in a few seconds."
            raise ProblemError(Kind.BUSY, told, retry_after_s=_LATER_S)

    def _startable(self) -> int:
        return sum(key not in self._running for key in self._waiting)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._startable())
                if self._closed:
                    return
                ticket = self._take()
                ticket.on_place(0)
                self._tell()
            try:
                ticket.work()
            finally:
                with self._changed:
                    self._running.discard(ticket.key)
                    self._changed.notify_all()

    def _take(self) -> Ticket:
        key = next(key for key in self._waiting if key not in self._running)
        queue = self._waiting[key]
        ticket = queue.popleft()
        del self._waiting[key]
        if queue:
            self._waiting[key] = queue  # at the end: the others come first now
        self._running.add(key)
        return ticket

    def _tell(self) -> None:
        """Tell each who waits its place, if that changed: those that start before it, and at least one that runs.

        What finds a free thread is only told that it starts, as it does.
        """
        free = self._most_threads - len(self._running)
        starting = [key for key in self._waiting if key not in self._running][:free]
        at_once = {self._waiting[key][0] for key in starting}
        waiting = [ticket for ticket in self._in_turn() if ticket not in at_once]
        for place, ticket in enumerate(waiting, start=1):
            if place != ticket.place:
                ticket.place = place
                ticket.on_place(place)

    def _in_turn(self) -> Iterator[Ticket]:
        queues = list(self._waiting.values())
        for depth in range(max(map(len, queues), default=0)):
            yield from (queue[depth] for queue in queues if len(queue) > depth)
