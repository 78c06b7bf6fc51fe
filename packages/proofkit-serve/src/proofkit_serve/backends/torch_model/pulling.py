"""A completion that comes as a stream of records, as a process on a lent card sends them, and who listens to it."""

import contextvars
import queue
import threading
from collections.abc import Callable, Generator
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from proofkit_core.errors import FailureKind, GenerationError, ProofKitError
from proofkit_core.generation import CancelSignal, FinishReason, GenerationRequest
from proofkit_prompts import require_frozen
from proofkit_serve.backends.decoding.written import Decoded, Written

if TYPE_CHECKING:
    from proofkit_serve.backends.decoding.decode import Decoder

__all__ = ["Failed", "Piece", "Puller", "pieces_of"]

POLL_S = 0.03
"""How often a waiting call looks at its cancel signal and its deadline."""
LAST_WORD_S = 0.1
"""How long after the deadline the stream may take to end by itself."""


class Piece(NamedTuple):
    """What was written since the last one, and what was counted so far."""

    text: str
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    finish_reason: FinishReason | None = None
    """Set in the last one."""


class Failed(NamedTuple):
    """An error of ours, as data: it has to pass from one process to another."""

    message: str
    kind: FailureKind


def pieces_of(decoder: "Decoder", request: GenerationRequest) -> Generator[Piece, None, None]:
    """Complete a prompt, piece by piece; closing the generator ends the work.

    Args:
        decoder: Used by this alone until the end.
        request: The prompt, how to decode it and its time limit.

    Raises:
        GenerationError: The prompt does not fit, its schema cannot be enforced, or the engine failed.
    """
    prompt = require_frozen(request.prompt)
    started_at = perf_counter()

    def interruption() -> FinishReason | None:
        late = perf_counter() - started_at >= request.time_limit_s
        return FinishReason.DEADLINE if late else None

    texts: list[str] = []
    written = Written(prompt.stop, texts.append)
    steps = decoder.steps(request, prompt, written, interruption)
    reason: FinishReason | None = None
    while reason is None:
        try:
            next(steps)
        except StopIteration as done:
            reason = done.value.finish_reason
        yield Piece("".join(texts), written.prompt_tokens, written.reused_tokens, len(written.tokens), reason)
        texts.clear()


class Puller:
    """Pulls one stream in a thread of its own, so that the caller can leave at any time."""

    def __init__(
        self, open_stream: Callable[[], Generator[Piece | Failed, None, None]], *, time_limit_s: float
    ) -> None:
        """Start to pull."""
        self.begun_at: float | None = None
        """`perf_counter` at the first piece, when there was a card."""
        self._ends_at = perf_counter() + time_limit_s
        self._events: queue.SimpleQueue[Piece | Failed | Exception] = queue.SimpleQueue()
        self._left = threading.Event()
        self._last = Piece("", 0, 0, 0)
        self._first_token_at: float | None = None
        self._heard: list[str] = []
        # Who asks is found by the platform in the context of the call.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._pull, open_stream), name="proofkit-zero-gpu", daemon=True
        )
        self._thread.start()

    def listen(
        self,
        *,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> Decoded:
        """Return what was written until the stream ended, or until the caller wants no more.

        Raises:
            GenerationError: The stream ended with an error.
        """
        try:
            while (reason := self._interruption(cancel)) is None:
                try:
                    piece = self._taken(self._events.get(timeout=POLL_S))
                except queue.Empty:
                    continue
                if on_place is not None and self.begun_at is None:
                    on_place(0)
                self._note(piece)
                if piece.text and on_text is not None:
                    on_text(piece.text)
                if piece.finish_reason is not None:
                    return self._decoded(piece.finish_reason)
            return self._decoded(reason)
        finally:
            self._left.set()

    def join(self, timeout_s: float) -> None:
        """Wait until nothing is pulled any more."""
        self._thread.join(timeout_s)

    def _interruption(self, cancel: CancelSignal | None) -> FinishReason | None:
        if cancel is not None and cancel.is_set():
            return FinishReason.CANCELLED
        return FinishReason.DEADLINE if perf_counter() >= self._ends_at + LAST_WORD_S else None

    def _taken(self, event: Piece | Failed | Exception) -> Piece:
        match event:
            case Piece():
                return event
            case Failed(message, kind):
                raise GenerationError(message, kind=kind)
            case ProofKitError():
                raise event
            case _:
                raise _platform_error(event) from event

    def _note(self, piece: Piece) -> None:
        now = perf_counter()
        self.begun_at = self.begun_at or now
        if piece.completion_tokens and self._first_token_at is None:
            self._first_token_at = now
        self._heard.append(piece.text)
        self._last = piece

    def _decoded(self, reason: FinishReason) -> Decoded:
        last = self._last
        return Decoded(
            text="".join(self._heard),
            finish_reason=reason,
            prompt_tokens=last.prompt_tokens,
            reused_tokens=last.reused_tokens,
            completion_tokens=last.completion_tokens,
            first_token_at=self._first_token_at,
        )

    def _pull(self, open_stream: Callable[[], Generator[Piece | Failed, None, None]]) -> None:
        try:
            stream = open_stream()
            try:
                for piece in stream:
                    if self._left.is_set():
                        return
                    self._events.put(piece)
            finally:
                stream.close()  # which is how the platform is told to stop
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is raised where the caller waits
            self._events.put(error)
        else:
            self._events.put(Failed("The stream ended before its last piece. Try again.", FailureKind.CUT))


def _platform_error(error: Exception) -> GenerationError:
    """Return what a platform's own error means; it comes with a sentence and without a class of its own."""
    said = str(error) or type(error).__name__
    kind = FailureKind.SERVER
    if "quota" in said.lower():
        kind = FailureKind.RATE_LIMITED
    elif "no gpu was available" in said.lower():
        kind = FailureKind.QUEUE
    return GenerationError(
        f"The graphics card could not be used: {said[:300]} Expected a free card and some quota. Try again later, or "
        f"use another model.",
        kind=kind,
    )
