"""Waits in the calling thread for an answer that the loop's thread reads."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from time import monotonic

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_serve.backends.http.answer import Answer
from proofkit_serve.backends.http.deltas import Delta
from proofkit_serve.backends.http.limits import Deadlines, Limits
from proofkit_serve.backends.http.loop import Work

__all__ = ["Source", "Take", "complete"]

Take = Callable[[Delta], bool]
"""Takes in what an event brought; True once no more is wanted."""
Source = Callable[[Take], Awaitable[None]]
"""Reads a stream to its end, or until `Take` says enough."""

POLL_S = 0.03
"""How often a waiting call looks at its cancel signal."""
ENDING_GRACE_S = 0.1
"""How long a cancelled stream may take to close its connection, before the call ends without it."""
_SENTENCES = {
    FailureKind.FIRST_TOKEN: ("No token came", "first_token_s"),
    FailureKind.IDLE: ("The answer stopped coming", "idle_s"),
    FailureKind.TOTAL: ("The answer was not whole", "total_s"),
}


def complete(  # noqa: PLR0913 - what a call needs, named by its two callers
    request: GenerationRequest,
    source: Source,
    answer: Answer,
    *,
    work: Work,
    limits: Limits,
    model: ModelIdentity,
    cancel: CancelSignal | None,
    on_text: Callable[[str], None] | None,
) -> Completion:
    """Read one answer.

    Args:
        request: Its time limit ends the answer as it is; the other limits make it an error.
        source: Reads the stream; runs on the loop's thread.
        answer: Takes in what is read.
        work: Where it is read.
        limits: How long each stage may take.
        model: Who answers.
        cancel: Looked at every 30 ms.
        on_text: Called in this thread with each piece of text, and with an empty one while the model thinks.

    Raises:
        GenerationError: There is no answer to use, and `kind` tells why.
    """
    if cancel is not None and cancel.is_set():
        return answer.completion("", FinishReason.CANCELLED, model)
    pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    deadlines = Deadlines(limits, time_limit_s=request.time_limit_s, started_at=answer.started_at)
    over = threading.Event()
    future = work.submit(_read(source, answer, deadlines, pieces.put, over))
    future.add_done_callback(lambda _: pieces.put(None))
    heard: list[str] = []
    try:
        while cancel is None or not cancel.is_set():
            try:
                piece = pieces.get(timeout=POLL_S)
            except queue.Empty:
                if work.running:
                    continue
                break
            if piece is None:
                return answer.completion("".join(heard), future.result(), model)
            heard.append(piece)
            if on_text is not None:
                on_text(piece)
    except CancelledError:  # the backend was closed
        pass
    finally:
        if not future.done():
            future.cancel()
            over.wait(ENDING_GRACE_S)
    return answer.completion("".join(heard), FinishReason.CANCELLED, model)


async def _read(
    source: Source,
    answer: Answer,
    deadlines: Deadlines,
    emit: Callable[[str], None],
    over: threading.Event,
) -> FinishReason:
    try:
        return await _read_in_time(source, answer, deadlines, emit)
    finally:
        over.set()


async def _read_in_time(
    source: Source, answer: Answer, deadlines: Deadlines, emit: Callable[[str], None]
) -> FinishReason:
    try:
        async with asyncio.timeout_at(deadlines.at) as timer:

            def take(delta: Delta) -> bool:
                piece = answer.add(delta)
                if piece is not None:
                    deadlines.token(monotonic())
                    emit(piece)
                if answer.finish:
                    deadlines.last_token(monotonic())
                timer.reschedule(deadlines.at)
                return answer.stopped

            await source(take)
    except TimeoutError:
        if not deadlines.whole:
            _run_out(deadlines, answer, emit)
            return FinishReason.DEADLINE
    emit(answer.end())
    return answer.reason()


def _run_out(deadlines: Deadlines, answer: Answer, emit: Callable[[str], None]) -> None:
    """End an answer at the request's own limit.

    Raises:
        GenerationError: Another limit ran out.
    """
    kind = deadlines.ran_out
    if kind is None:
        emit(answer.end())
        return
    what, setting = _SENTENCES[kind]
    raise GenerationError(
        f"{what} within the time that `{setting}` allows. Expected it sooner. Try again, choose a quicker model, or "
        f"raise the limit.",
        kind=kind,
    )
