"""The generations of one process: taken, run in turn, followed, cancelled, and told about after a crash."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from pydantic import SecretStr

from proofkit_core.errors import ProofKitError
from proofkit_serve.errors import StoreError, log_line
from proofkit_serve.jobs.ending import ending_of
from proofkit_serve.jobs.following import follow_live, follow_stored, is_done
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.keeping import keep_job, tell_interrupted
from proofkit_serve.jobs.pool import FairPool, Ticket
from proofkit_serve.jobs.records import Ended, JobSettings
from proofkit_serve.jobs.running import Outcome, Run
from proofkit_serve.sessions import new_id
from proofkit_serve.store.records import Generation, GenerationEvent, GenerationStatus
from proofkit_serve.wire.events import QueuedEvent
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import GenerationInput

_LOG = logging.getLogger("proofkit_serve.jobs")
_LEASE_S = 10.0
_WATCH_S = 1.0
_CANCEL_S = 1.0
"""How long a cancelled generation is waited for before its state is told."""
_STOP_S = 5.0
_KEPT_S = 5.0
"""How long `done` is held back for the store; one that is away is not waited for any longer."""


@dataclass(slots=True)
class _Live:
    """A generation of this process with its place in the pool and who keeps it."""

    job: Job
    created: Generation
    """As it was stored first."""
    ticket: Ticket
    keeper: "asyncio.Task[None]"


class Jobs:
    """All generations of this process. Only used from its event loop."""

    def __init__(self, given: JobSettings) -> None:
        """Get ready; nothing runs before `start`.

        Args:
            given: What to work with.
        """
        limits = given.settings.limits
        self._given = given
        self._live: dict[str, _Live] = {}
        self._pool = FairPool(
            threads=limits.generations_at_once,
            most_waiting=limits.generations_waiting,
            most_waiting_each=limits.generations_per_session,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Return how many generations wait."""
        return self._pool.waiting

    @property
    def running(self) -> int:
        """Return how many generations run."""
        return self._pool.running

    @property
    def stopping(self) -> bool:
        """Say whether no more generations are taken."""
        return self._stopping

    async def start(self) -> None:
        """Tell what a crash left behind, and look after what is to come."""
        await tell_interrupted(self._given.store, alone=self._alone)
        self._tasks = [asyncio.create_task(self._keep_leases()), asyncio.create_task(self._watch_others())]

    async def submit(
        self, session_id: str, owner: str, wanted: GenerationInput, *, token: SecretStr | None = None
    ) -> Job:
        """Take a generation.

        Args:
            session_id: The session to work for.
            owner: Whose it is.
            wanted: What to make.
            token: The caller's own, for models that are asked with it; held in memory until the work ends.

        Raises:
            ProblemError: Too much waits already, or the server stops.
            SessionNotFoundError: This owner has no such session.
        """
        if self._stopping:
            told = "The server is stopping and takes no more generations. Ask again in a minute."
            raise ProblemError(Kind.STOPPING, told, retry_after_s=_STOP_S)
        self._pool.require_room(session_id)
        job = Job(new_id("gen"), session_id=session_id, owner=owner, wanted=wanted)
        created = await self._given.store.create_generation(
            job.id, session_id=session_id, owner=owner, kind=wanted.kind, request_json=wanted.model_dump_json()
        )
        loop = asyncio.get_running_loop()

        def on_place(position: int) -> None:
            loop.call_soon_threadsafe(job.tell, QueuedEvent(position=position))

        try:
            run = Run(job, self._given, loop, self._on_over, token)
            ticket = self._pool.submit(session_id, run, on_place)
        except ProblemError:
            with suppress(StoreError):  # nobody works on it, so it counts as interrupted before long
                await self._given.store.set_generation(job.id, GenerationStatus.CANCELLED)
            raise
        keeper = asyncio.create_task(keep_job(job, self._given.store))
        self._live[job.id] = _Live(job, created, ticket, keeper)
        keeper.add_done_callback(lambda done: self._on_kept(job, done))
        return job

    def _on_kept(self, job: Job, keeper: "asyncio.Task[None]") -> None:
        """Forget a job that is kept. One whose keeper broke is stopped, and counts as interrupted before long."""
        if not keeper.cancelled() and (error := keeper.exception()):
            _LOG.error("generation %s could not be kept: %s", job.id, type(error).__name__)
            self.stop(job)
        self._live.pop(job.id, None)

    async def generation(self, generation_id: str, owner: str) -> Generation:
        """Return a generation as it stands; what this process knows is newer than the store.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        live = self._own(generation_id, owner)
        try:
            stored = await self._given.store.generation(generation_id, owner)
        except StoreError:
            if live is None:
                raise
            stored = live.created
        if live is None or stored.status.ended:
            return stored
        return stored.model_copy(update={"status": live.job.status, "result_json": live.job.result_json})

    def _own(self, generation_id: str, owner: str) -> _Live | None:
        live = self._live.get(generation_id)
        return live if live is not None and live.job.owner == owner else None

    async def cancel(self, generation_id: str, owner: str) -> Generation:
        """Stop a generation; one that is over stays as it is.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        live = self._own(generation_id, owner)
        if live is not None:
            self.stop(live.job)
            await asyncio.wait([live.keeper], timeout=_CANCEL_S)
        elif not (await self._given.store.generation(generation_id, owner)).status.ended:
            # Another process works on it, and looks at this once a second.
            await self._given.store.set_generation(generation_id, GenerationStatus.CANCELLED)
        return await self.generation(generation_id, owner)

    def lend(self, key: str, work: Callable[[], None]) -> Ticket:
        """Have something done in a thread of the pool, in turn with the generations.

        Args:
            key: Whose it is.
            work: What to do; it must not raise.

        Raises:
            ProblemError: Too much waits already, or the server stops.
        """
        return self._pool.submit(key, work, _untold)

    def take_back(self, ticket: Ticket) -> None:
        """Take back what was lent, if it still waits."""
        self._pool.withdraw(ticket)

    def abandon(self, generation_id: str) -> None:
        """Stop a generation whose only listener went away; one that has ended stays as it is."""
        live = self._live.get(generation_id)
        if live is not None and not live.job.ended:
            self.stop(live.job)

    def stop(self, job: Job) -> None:
        """Set the signal that stops a job, and take it out of the queue if it waits there."""
        job.cancel.set()
        live = self._live.get(job.id)
        if live is not None and self._pool.withdraw(live.ticket):
            outcome = Outcome()
            outcome.status = GenerationStatus.CANCELLED
            self._on_over(job, outcome)

    async def stop_of(self, session_id: str) -> None:
        """Stop all generations of a session, before it is deleted."""
        stopped = [live for live in self._live.values() if live.job.session_id == session_id]
        for live in stopped:
            self.stop(live.job)
        if stopped:
            await asyncio.wait([live.keeper for live in stopped], timeout=_CANCEL_S)

    async def stop_all_of(self, owner: str) -> None:
        """Stop all generations of a person, before all of their data is deleted."""
        for session_id in {live.job.session_id for live in self._live.values() if live.job.owner == owner}:
            await self.stop_of(session_id)

    async def follow(self, generation_id: str, owner: str, after: int) -> AsyncIterator[GenerationEvent | None]:
        """Yield the events with numbers above `after` until the generation has ended, and None after each silence.

        Args:
            generation_id: The generation.
            owner: Whose it is.
            after: Number of the last event that is known already.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        ping_s = self._given.settings.sse_ping_s
        live = self._own(generation_id, owner)
        if live is not None:
            events = follow_live(live.job, after, ping_s)
        else:
            events = follow_stored(self._given.store, generation_id, owner, after, ping_s)
        async for event in events:
            if event is not None and live is not None and is_done(event):
                # Whoever is told `done` may ask another process next, which knows what the store knows.
                await asyncio.wait([live.keeper], timeout=_KEPT_S)
            yield event

    async def events(self, generation_id: str, owner: str, after: int) -> tuple[GenerationEvent, ...]:
        """Return the events so far with numbers above `after`.

        Raises:
            GenerationNotFoundError: This owner has no such generation.
        """
        live = self._own(generation_id, owner)
        if live is not None:
            return tuple(live.job.events[after:])
        return await self._given.store.generation_events(generation_id, owner, after=after)

    async def drain(self, deadline_s: float) -> None:
        """Take nothing more, let what runs finish, and interrupt what does not in time.

        Args:
            deadline_s: How long to wait.
        """
        self._stopping = True
        await self._wait_kept(deadline_s)
        for live in list(self._live.values()):
            live.job.interrupted = True
            self.stop(live.job)
        await self._wait_kept(_STOP_S)

    async def close(self) -> None:
        """End everything; call `drain` before."""
        self._stopping = True
        tasks = [*self._tasks, *(live.keeper for live in self._live.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._pool.close, _STOP_S)

    @property
    def _alone(self) -> bool:
        settings = self._given.settings
        return settings.workers == 1 and settings.store_url.get_secret_value().startswith("sqlite")

    async def _wait_kept(self, timeout_s: float) -> None:
        keepers = [live.keeper for live in self._live.values()]
        if keepers:
            await asyncio.wait(keepers, timeout=timeout_s)

    def _on_over(self, job: Job, outcome: Outcome) -> None:
        ending = ending_of(job, outcome)
        for body in ending.bodies:
            job.tell(body)
        job.result_json = ending.result_json
        job.end(ending.status)
        seconds = outcome.seconds
        self._given.on_end(Ended(job.wanted.kind, ending.status.value, seconds, outcome.tokens, job.owner))

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(_LEASE_S)
            try:
                working = tuple(self._live)
                await self._given.store.keep_generations(working)
                await tell_interrupted(self._given.store, alone=False, working=working)
            except StoreError as error:
                _LOG.warning("leases could not be kept: %s", log_line(error))

    async def _watch_others(self) -> None:
        """See whether another process was asked to cancel what this one works on, or took it for lost."""
        while not self._alone:
            await asyncio.sleep(_WATCH_S)
            for live in list(self._live.values()):
                try:
                    stored = await self._given.store.generation(live.job.id, live.job.owner)
                except ProofKitError:
                    continue  # its keeper meets the same, and tells
                if stored.status.ended:
                    self.stop(live.job)


def _untold(_position: int) -> None:
    """Tell nobody: the OpenAI interface has no word for a place in a queue."""
