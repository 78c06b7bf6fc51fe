"""The thread that owns llama.cpp: calls wait in a queue, and one at a time is decoded.

llama.cpp's context crashes when two threads use it, and on a few cores two completions at once are hardly faster
than one after the other.
"""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from proofkit_core.errors import GenerationError
from proofkit_core.generation import CancelSignal, FinishReason, GenerationRequest
from proofkit_serve.backends.llama.decode import Decoder
from proofkit_serve.backends.llama.engine import Engine, open_engine
from proofkit_serve.backends.llama.written import Decoded, Written

__all__ = ["Worker", "start_worker"]

POLL_S = 0.03
"""How often a waiting call looks at its cancel signal and deadline."""
ENDING_GRACE_S = 0.1
"""How long the worker may take to notice that a call should end, before the call ends without it."""
CLOSING_GRACE_S = 5.0
"""How long a closing worker may take to end what it does."""


class Job:
    """One call on its way through the queue."""

    def __init__(self, request: GenerationRequest, cancel: CancelSignal | None, *, wants_text: bool) -> None:
        """Start the clock."""
        self.request = request
        self.started_at = perf_counter()
        self.events: queue.SimpleQueue[str | Decoded | Exception] = queue.SimpleQueue()
        self.written = Written(request.prompt.stop, self.events.put if wants_text else None)
        self.abandoned = threading.Event()
        self._cancel = cancel
        self._claim = threading.Lock()
        self._ends_at: float | None = None

    def claim(self) -> bool:
        """Return True to the first who asks: the worker that starts the job, or the caller who gives up waiting."""
        return self._claim.acquire(blocking=False)

    def interruption(self) -> FinishReason | None:
        """Return why the job should end now, or None."""
        if self.abandoned.is_set() or (self._cancel is not None and self._cancel.is_set()):
            return FinishReason.CANCELLED
        if perf_counter() - self.started_at >= self.request.time_limit_s:
            return FinishReason.DEADLINE
        return None

    def gives_up(self) -> bool:
        """Return True where a call that should end must not wait for the worker to end it.

        Either the job never started, or the worker is stuck in one token on an overloaded machine.
        """
        self._ends_at = self._ends_at or perf_counter() + ENDING_GRACE_S
        return self.claim() or perf_counter() >= self._ends_at


class Worker:
    """Hands jobs to the owner thread and waits for what comes back."""

    def __init__(self, *, max_waiting: int) -> None:
        """Make the queue; `start_worker` starts the thread."""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._places = threading.BoundedSemaphore(max_waiting + 1)  # one more is being answered
        self._max_waiting = max_waiting
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, open_decoder: Callable[[], tuple[Engine, Decoder]]) -> Callable[[], dict[str, str]]:
        """Start the thread.

        Returns:
            A function that waits until the engine is open and returns its metadata, or raises why it is not open.
        """
        opened: queue.SimpleQueue[Exception | dict[str, str]] = queue.SimpleQueue()
        # A daemon, so that a backend nobody closed cannot keep the program from ending.
        self._thread = threading.Thread(
            target=self._own_engine, args=(open_decoder, opened), name="proofkit-llama", daemon=True
        )
        self._thread.start()

        def wait() -> dict[str, str]:
            told = opened.get()
            if isinstance(told, Exception):
                raise told
            return told

        return wait

    def answer(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
    ) -> tuple[Decoded, float]:
        """Queue a request and wait for its answer.

        Returns:
            What was written, and `perf_counter` at the call.

        Raises:
            GenerationError: Too many calls wait, the backend is closed, or decoding failed.
        """
        if not self._places.acquire(blocking=False):
            raise GenerationError(
                f"{self._max_waiting} calls already wait for this model. Expected no more. Try again in a while.",
            )
        job = Job(request, cancel, wants_text=on_text is not None)
        try:
            self._jobs.put(job)
            return self._wait(job, on_text), job.started_at
        finally:
            job.abandoned.set()
            self._places.release()

    def close(self) -> None:
        """End what is running, refuse what waits, free the model and stop the thread."""
        self._closing.set()
        self._jobs.put(None)
        # A forgotten backend may be collected by whatever thread is running, this one included.
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSING_GRACE_S)

    def _wait(self, job: Job, on_text: Callable[[str], None] | None) -> Decoded:
        heard: list[str] = []
        while True:
            try:
                event = job.events.get(timeout=POLL_S)
            except queue.Empty:
                reason = job.interruption()
                if reason is not None and job.gives_up():
                    decoded = job.written.decoded(reason)
                    return decoded if on_text is None else decoded._replace(text="".join(heard))
                if self._thread is None or not self._thread.is_alive():
                    raise _closed() from None
                continue
            if isinstance(event, Decoded):
                return event
            if isinstance(event, Exception):
                raise event
            heard.append(event)
            if on_text is not None:
                on_text(event)

    def _own_engine(
        self,
        open_decoder: Callable[[], tuple[Engine, Decoder]],
        opened: "queue.SimpleQueue[Exception | dict[str, str]]",
    ) -> None:
        try:
            engine, decoder = open_decoder()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is raised where the backend is opened
            opened.put(error)
            return
        opened.put(engine.metadata)
        try:
            while (job := self._jobs.get()) is not None:
                if job.claim():
                    job.events.put(self._run(decoder, job))
        finally:
            del decoder  # its tables point into the model
            engine.close()

    def _run(self, decoder: Decoder, job: Job) -> Decoded | Exception:
        if self._closing.is_set():
            return _closed()
        try:
            return decoder.complete(
                job.request,
                job.written,
                lambda: FinishReason.CANCELLED if self._closing.is_set() else job.interruption(),
            )
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is raised where the caller waits
            return error


def start_worker(
    path: Path, *, adapter: Path | None, context_tokens: int, threads: int, prefix_bytes: int, max_waiting: int
) -> tuple[Worker, Callable[[], dict[str, str]]]:
    """Start a thread that opens a model.

    Returns:
        The worker, and a function that waits until the model is open and returns what it says about its training,
        or raises why it is not open.
    """

    def open_decoder() -> tuple[Engine, Decoder]:
        engine = open_engine(path, adapter=adapter, context_tokens=context_tokens, threads=threads)
        return engine, Decoder(engine, prefix_bytes=prefix_bytes)

    worker = Worker(max_waiting=max_waiting)
    return worker, worker.start(open_decoder)


def _closed() -> GenerationError:
    return GenerationError("This backend was closed. Expected an open one. Open the model again with `open_llama_cpp`.")
