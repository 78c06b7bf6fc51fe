"""The thread that owns an engine: calls wait in a line, and one at a time is decoded.

llama.cpp's context crashes when two threads use it, and on a few cores two completions at once are hardly faster
than one after the other.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple

from proofkit_core.errors import ProofKitError
from proofkit_core.generation import CancelSignal, FinishReason, GenerationRequest
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt
from proofkit_serve.backends.decoding.decode import Decoder, DecoderState
from proofkit_serve.backends.decoding.engine import Engine
from proofkit_serve.backends.decoding.job import Job
from proofkit_serve.backends.decoding.listening import Listener
from proofkit_serve.backends.decoding.waiting import Standing, WaitingLine
from proofkit_serve.backends.decoding.warming import WarmUp
from proofkit_serve.backends.decoding.written import Decoded

__all__ = ["Answer", "Worker", "start_worker"]

CLOSING_GRACE_S = 30.0
"""How long a closing worker may take to end what it does: a program that ends in the middle of a step may crash."""
_MOST_AHEAD = 4
"""How many prompts wait to be read ahead: each takes up to some seconds in which nobody asks anything."""
_LOG = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What a call got."""

    decoded: Decoded
    called_at: float
    """`perf_counter` at the call."""
    queued_s: float


class Worker:
    """Hands calls to the owner thread and waits for what comes back."""

    def __init__(self, *, max_waiting: int, max_waiting_each: int) -> None:
        """Make the line; `start` starts the thread."""
        self._line = WaitingLine(most=max_waiting, most_each=max_waiting_each)
        self._warm_ups: queue.SimpleQueue[tuple[WarmUp, threading.Event]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.state: DecoderState | None = None
        """What the decoder last said of itself; None until it is open."""

    def start(self, open_engine: Callable[[], Engine], *, prefix_bytes: int, name: str) -> Callable[[], dict[str, str]]:
        """Start the thread.

        Args:
            open_engine: Called in the thread, to open what it will own.
            prefix_bytes: Memory for copies of prompts.
            name: The thread's name.

        Returns:
            A function that waits until the engine is open and returns its metadata, or raises why it is not open.
        """
        opened: queue.SimpleQueue[Exception | dict[str, str]] = queue.SimpleQueue()
        # A daemon, so that a backend nobody closed cannot keep the program from ending.
        self._thread = threading.Thread(
            target=self._own_engine, args=(open_engine, prefix_bytes, opened), name=name, daemon=True
        )
        self._thread.start()

        def wait() -> dict[str, str]:
            told = opened.get()
            if isinstance(told, Exception):
                raise told
            return told

        return wait

    def standing(self) -> Standing:
        """Return how many calls there are at the moment."""
        return self._line.standing()

    def answer(
        self,
        request: GenerationRequest,
        prompt: FrozenPrompt | FreePrompt,
        *,
        requester: str,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> Answer:
        """Put a request in the line and wait for its answer.

        Raises:
            GenerationError: Too many calls wait, the backend is closed, or decoding failed.
        """
        job = Job(request, prompt, cancel, wants_text=on_text is not None)
        self._line.put(requester, job)
        try:
            decoded = Listener(job, self._line, on_text=on_text, on_place=on_place).wait(alive=self._is_alive)
        finally:
            job.abandoned.set()
            self._line.drop(job)  # where a callback raised before the work began
        begun_at = perf_counter() if job.begun_at is None else job.begun_at
        return Answer(decoded, job.called_at, begun_at - job.called_at)

    def warm_up(self, what: WarmUp) -> threading.Event:
        """Let the owner thread get ready while nobody waits.

        Returns:
            Set once that is done.
        """
        done = threading.Event()
        self._warm_ups.put((what, done))
        self._line.nudge()
        return done

    def read_ahead(self, text: str) -> threading.Event:
        """Let the owner thread read a prompt while nobody waits; where many are to be read already, none is added.

        Returns:
            Set once that is done, or is not going to be done.
        """
        if self._warm_ups.qsize() < _MOST_AHEAD:
            return self.warm_up(WarmUp((), (), (text,)))
        left_out = threading.Event()
        left_out.set()
        return left_out

    def close(self) -> None:
        """End what is running, refuse what waits, free the model and stop the thread."""
        self._line.close()
        # A forgotten backend may be collected by whatever thread is running, this one included.
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSING_GRACE_S)

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _own_engine(
        self,
        open_engine: Callable[[], Engine],
        prefix_bytes: int,
        opened: "queue.SimpleQueue[Exception | dict[str, str]]",
    ) -> None:
        try:
            engine = open_engine()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is raised where the backend is opened
            opened.put(error)
            return
        try:
            self._serve(engine, prefix_bytes, opened)
        finally:
            self._line.close()
            engine.close()

    def _serve(
        self, engine: Engine, prefix_bytes: int, opened: "queue.SimpleQueue[Exception | dict[str, str]]"
    ) -> None:
        decoder = Decoder(engine, prefix_bytes=prefix_bytes)  # ends with this call: its tables point into the model
        self.state = decoder.state()
        opened.put(dict(engine.metadata))
        warming: Iterator[None] = iter(())
        warm = True
        while not self._line.closed:
            job = self._line.take(wait=warm and self._warm_ups.empty())
            if job is not None:
                self._answer(decoder, job)
            elif not warm:
                warm = next(warming, self) is self
            elif not self._warm_ups.empty():
                warming, warm = self._warming(decoder), False

    def _answer(self, decoder: Decoder, job: Job) -> None:
        job.begin()
        told = self._run(decoder, job)
        self.state = decoder.state()
        self._line.finish()  # before the caller hears of it, who may call again at once
        job.events.put(told)

    def _run(self, decoder: Decoder, job: Job) -> Decoded | Exception:
        def interruption() -> FinishReason | None:
            return FinishReason.CANCELLED if self._line.closed else job.interruption()

        try:
            return decoder.complete(job.request, job.prompt, job.written, interruption)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is raised where the caller waits
            return error

    def _warming(self, decoder: Decoder) -> Iterator[None]:
        """Do one warm-up in short steps, between which calls are answered."""
        what, done = self._warm_ups.get()
        try:
            yield from decoder.warm(what)
        except ProofKitError as error:
            _LOG.warning("The model could not be warmed up to the end, so first answers take longer: %s", error)
        finally:
            self.state = decoder.state()
            done.set()


def start_worker(
    open_engine: Callable[[], Engine], *, name: str, prefix_bytes: int, max_waiting: int, max_waiting_each: int
) -> tuple[Worker, Callable[[], dict[str, str]]]:
    """Start a thread that opens an engine.

    Returns:
        The worker, and a function that waits until the engine is open and returns what it says about its training,
        or raises why it is not open.
    """
    worker = Worker(max_waiting=max_waiting, max_waiting_each=max_waiting_each)
    return worker, worker.start(open_engine, prefix_bytes=prefix_bytes, name=name)
