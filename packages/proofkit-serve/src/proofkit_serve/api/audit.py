"""The audit log: who did what to which session, never what was said. Written beside the answers, in order.

Once a person has their data deleted, the log keeps what they did until then, but no longer that it was they.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from proofkit_serve.api.envelope import Seen
from proofkit_serve.errors import StoreError, log_line
from proofkit_serve.store.protocol import Store
from proofkit_serve.store.records import AuditEntry

_LOG = logging.getLogger("proofkit_serve.audit")
_MOST_WAITING = 10_000
_READS = frozenset({"read_export", "export_me"})
"""Reads that are written down too: data leaves with them."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSED = frozenset({401, 403})
_BAD = 400


class Audit:
    """Takes requests as they end, and writes them down in the background."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember where to write.

        Args:
            store: Where.
            clock: Seconds that only go forward.
        """
        self._store = store
        self._clock = clock
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(_MOST_WAITING)
        self._writing = asyncio.Lock()
        self._forgotten: dict[str, float] = {}
        """When each person's data were deleted."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write())

    def on_seen(self, seen: Seen) -> None:
        """Take a request, if it changed something, took data along, or was turned away."""
        if seen.method in _SAFE and seen.name not in _READS and seen.status not in _REFUSED:
            return
        outcome = str(seen.status) if seen.status >= _BAD else "ok"
        entry = AuditEntry(action=seen.name or "other", owner=seen.owner, subject=seen.subject, outcome=outcome)
        try:
            self._waiting.put_nowait(_Waiting(entry, begun=self._clock() - seen.seconds))
        except asyncio.QueueFull:
            _LOG.error("the audit log cannot keep up; one entry was lost: %s", entry.action)

    async def forget(self, owner: str) -> None:
        """Leave a person out of all entries about requests that began before now; call it before their data go.

        The store takes them out of what is written already; this is for what waits, and for requests still under way.
        """
        self._forgotten[owner] = self._clock()
        async with self._writing:  # what is being written at this moment is in the store then
            return

    async def close(self) -> None:
        """Write down what waits, and end."""
        if self._task is not None:
            try:
                async with asyncio.timeout(5.0):
                    await self._waiting.join()
            except TimeoutError:
                _LOG.error("%d audit entries were not written", self._waiting.qsize())
            self._task.cancel()

    async def _write(self) -> None:
        while True:
            waiting = await self._waiting.get()
            try:
                async with self._writing:
                    entry = self._nameless(waiting)
                    await self._store.record_audit(entry)
            except StoreError as error:
                _LOG.error("an audit entry was not written: %s (%s)", waiting.entry.action, log_line(error))
            finally:
                self._waiting.task_done()

    def _nameless(self, waiting: "_Waiting") -> AuditEntry:
        entry = waiting.entry
        if entry.owner is None or waiting.begun > self._forgotten.get(entry.owner, -1.0):
            return entry
        return entry.model_copy(update={"owner": None, "subject": ""})


class _Waiting(NamedTuple):
    """An entry that is not written yet."""

    entry: AuditEntry
    begun: float
    """When its request began."""
