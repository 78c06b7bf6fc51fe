"""Runs one generation in a thread of the pool, and brings what comes of it back to the event loop."""

import asyncio
import itertools
import logging
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import SecretStr

from proofkit_core.drafting.events import DraftEvent
from proofkit_core.errors import GenerationCancelledError, ProofKitError
from proofkit_serve.errors import EventRefusedError, StoreError, log_line
from proofkit_serve.jobs.drafting import Bench, Put, draft
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.outbox import Outbox
from proofkit_serve.jobs.patience import PASSING, pause_of
from proofkit_serve.jobs.records import JobSettings
from proofkit_serve.jobs.tracing import generation_span
from proofkit_serve.sessions import Document, SessionEvent
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, GenerationEventBody, ResultEvent
from proofkit_serve.wire.kinds import problem_of
from proofkit_serve.wire.problem import AttemptProblem
from proofkit_serve.wire.translating import as_problem

_Answer = TypeVar("_Answer")
_LOG = logging.getLogger("proofkit_serve.jobs")
_LOOK_S = 1.0
"""How often a thread that waits for the store looks whether the event loop is still there."""
_WAIT_S = 60.0
"""How long a store is waited for that is away, full or read-only."""


class Outcome:
    """What a run has led to so far. Written by its thread, read once that is over."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._started = time.perf_counter()
        self.results: list[ResultEvent] = []
        self.attempts: list[AttemptProblem] = []
        self.tokens = 0
        self.revision = 0
        self.error: Exception | None = None
        self.status = GenerationStatus.DONE

    @property
    def seconds(self) -> float:
        """Return how long it has taken."""
        return time.perf_counter() - self._started

    def spent(self, attempts: tuple[AttemptProblem, ...], tokens: int) -> None:
        """Add what one piece of text took."""
        self.attempts.extend(attempts)
        self.tokens += tokens


class Run:
    """The work of one job, to be called in a thread."""

    def __init__(
        self,
        job: Job,
        given: JobSettings,
        loop: asyncio.AbstractEventLoop,
        on_over: Callable[[Job, Outcome], None],
        token: SecretStr | None = None,
    ) -> None:
        """Get ready.

        Args:
            job: What to work on.
            given: What to work with.
            loop: Where the job lives and the store is asked.
            on_over: Called in the loop when the work is over, however it went.
            token: The caller's own, for models that are asked with it.
        """
        self._job = job
        self._given = given
        self._loop = loop
        self._on_over = on_over
        self._token = token
        self._told = Outbox[GenerationEventBody](loop, lambda bodies: job.tell(*bodies))
        self._counted = Outbox[int](loop, lambda counts: given.on_tokens(job.owner, sum(counts)))
        self.outcome = Outcome()

    def __call__(self) -> None:
        """Do the work; whatever goes wrong is part of the outcome."""
        outcome = self.outcome
        try:
            self._draft()
        except GenerationCancelledError as error:
            outcome.error, outcome.status = error, GenerationStatus.CANCELLED
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the waiting caller is always told
            outcome.error, outcome.status = error, GenerationStatus.FAILED
            if not isinstance(error, ProofKitError):
                # The frames alone: an exception's text can hold what the person typed.
                frames = "".join(traceback.format_tb(error.__traceback__))
                _LOG.error("generation %s: %s\n%s", self._job.id, type(error).__name__, frames)
            elif isinstance(error, StoreError):
                _LOG.warning("generation %s: %s", self._job.id, log_line(error))
        with suppress(RuntimeError):  # the loop is closed: the server ended without waiting, and nobody is left to tell
            self._loop.call_soon_threadsafe(self._over)

    def _over(self) -> None:
        self._told.flush()
        self._counted.flush()
        self._on_over(self._job, self.outcome)

    def _draft(self) -> None:
        job, given = self._job, self._given
        token, self._token = self._token, None  # what is left of this run is kept a while longer than its work
        if job.cancel.is_set():
            raise GenerationCancelledError("Stopped before it began; nothing was written.")
        self._loop.call_soon_threadsafe(job.begin)
        self._ask(lambda: given.store.set_generation(job.id, GenerationStatus.RUNNING))
        document = self._current()
        self.outcome.revision = document.revision
        model = document.model_choice or given.models.default_id
        workshop = replace(
            given.workshop,
            candidates=given.models.chain(
                model, requester=job.session_id, on_tokens=self._counted.put_piece, token=token
            ),
            time_limit_s=given.settings.budget_s,
        )
        counted = given.models.observer()

        def observe(event: DraftEvent) -> None:
            counted(event)
            given.on_event(event)

        bench = Bench(
            workshop=workshop,
            cancel=job.cancel,
            tell=self._tell,
            observe=observe,
            current=self._current,
            put=self._put,
            turned_down=self._turned_down,
            spent=self.outcome.spent,
        )
        with generation_span(job.wanted.kind, model):
            draft(job.wanted, document, bench)

    def _tell(self, body: GenerationEventBody) -> None:
        if isinstance(body, DeltaEvent):
            self._told.put_piece(body)
        else:
            self._told.put(body)

    def _current(self) -> Document:
        job, store = self._job, self._given.store
        return self._ask(lambda: store.load_session(job.session_id, job.owner))

    def _put(self, put: Put) -> Document | None:
        tries = itertools.count()
        try:
            document: Document = self._ask(lambda: self._append(put.event, again=next(tries) > 0))
        except EventRefusedError as error:  # what it was made from has changed, or is no longer there at all
            self._result(put, applied=False, message=str(error))
            return None
        except (StoreError, GenerationCancelledError) as error:  # the text is offered all the same
            told = problem_of(as_problem(error)).detail if isinstance(error, StoreError) else str(error)
            self._result(put, applied=False, message=f"It was not put into the session. {told}")
            raise
        self.outcome.revision = document.revision
        self._result(put, applied=True, message=put.message)
        return document

    async def _append(self, event: SessionEvent, *, again: bool) -> Document:
        """Add an event to the session, once: a try before may have been written although nobody could confirm it."""
        job, store = self._job, self._given.store
        if again:
            later = await store.events(job.session_id, job.owner, after=self.outcome.revision)
            if any(stored.event == event for stored in later):
                return await store.load_session(job.session_id, job.owner)
        return await store.append(job.session_id, job.owner, event)

    def _result(self, put: Put, *, applied: bool, message: str) -> None:
        event = ResultEvent(
            part=put.part,
            event=put.event.type,
            applied=applied,
            revision=self.outcome.revision,
            text=put.text,
            message=message,
        )
        self.outcome.results.append(event)
        self._tell(event)

    def _turned_down(self, part: str, message: str) -> None:
        event = ResultEvent(
            part=part, event="turned_down", applied=False, revision=self.outcome.revision, message=message
        )
        self.outcome.results.append(event)
        self._tell(event)

    def _ask(self, ask: Callable[[], Coroutine[Any, Any, _Answer]]) -> _Answer:
        """Ask the store, which lives in the event loop, and wait for its answer.

        A store that is away, full or read-only is asked again for a while: what a model wrote for a minute is not
        thrown away for it.
        """
        ends = time.monotonic() + _WAIT_S
        while True:
            try:
                return self._answer_of(ask())
            except PASSING as error:
                if time.monotonic() >= ends:
                    raise
                if self._job.cancel.wait(pause_of(error)):
                    raise GenerationCancelledError("Stopped while the store took no writes.") from error

    def _answer_of(self, waiting: Coroutine[Any, Any, _Answer]) -> _Answer:
        future = asyncio.run_coroutine_threadsafe(waiting, self._loop)
        while True:
            try:
                return future.result(_LOOK_S)
            except TimeoutError:
                if future.done() or self._loop.is_closed():
                    raise
