"""One answer on its way: what is shown of it, what it cost, and whether it still makes sense."""

from collections.abc import Sequence
from time import monotonic

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Completion, FinishReason, ModelIdentity
from proofkit_serve.backends.decoding.text import TextStream
from proofkit_serve.backends.http.channels import ChannelFilter, Reasoning
from proofkit_serve.backends.http.deltas import Delta, Usage
from proofkit_serve.backends.http.limits import Limits

__all__ = ["Answer"]

_WHOLE = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_CUT_SHORT = frozenset({"length", "max_tokens"})


class Answer:
    """Collects what a stream brings. The loop's thread fills it; it is read when that is over."""

    def __init__(self, *, opening: str, stop: Sequence[str], reasoning: Reasoning, limits: Limits) -> None:
        """Start empty, with the clock running.

        Args:
            opening: Words that the answer begins with.
            stop: Strings that end it.
            reasoning: How the model thinks aloud.
            limits: How much is read.
        """
        self.started_at = monotonic()
        self.finish = ""
        self._opening = opening
        self._channels = ChannelFilter(reasoning, goes_on=bool(opening))
        self._stop = TextStream(stop)
        self._limits = limits
        self._parts: list[str] = []
        self._chars = 0
        self._blanks = 0
        self._usage = Usage()
        self._first_token_at: float | None = None
        self._chunks = 0
        self._hidden_chunks = 0

    @property
    def stopped(self) -> bool:
        """Return whether a stop string came, after which nothing matters."""
        return self._stop.stopped

    @property
    def begun(self) -> bool:
        """Return whether a token came."""
        return self._first_token_at is not None

    @property
    def text(self) -> str:
        """Return what may be shown, so far."""
        return "".join(self._parts)

    def add(self, delta: Delta) -> str | None:
        """Take in what an event brought.

        Returns:
            The next piece of the text, empty while the model thinks; None where the event brought no token.

        Raises:
            GenerationError: The answer grew beyond all measure, or shows the model's thinking.
        """
        self.finish = delta.finish or self.finish
        self._usage = delta.usage or self._usage
        if not delta.text and not delta.reasoning:
            return None
        first = self._first_token_at is None
        if first:
            self._first_token_at = monotonic()
        self._check_blanks(delta.text)
        shown = self._channels.push(delta.text)
        self._chunks += 1
        self._hidden_chunks += bool((delta.reasoning and not delta.text) or (self._channels.hiding and not shown))
        piece = self._stop.push(shown.encode())
        return self._show(self._opened(piece) if first else piece)

    def end(self) -> str:
        """Return the rest of the text, now that nothing follows."""
        piece = self._stop.push(self._channels.finish().encode()) + self._stop.finish()
        return self._show(piece if self.begun else self._opened(piece))

    def reason(self) -> FinishReason:
        """Return how a stream that came to its end ended.

        Raises:
            GenerationError: The answer is empty, cut off or withheld.
        """
        if not self.finish and not self.stopped:
            raise GenerationError(
                "The answer ended without saying why. Expected a reason, such as `stop`. The server may have dropped "
                "it; try again.",
                kind=FailureKind.CUT,
            )
        if not self.stopped and self.finish not in _WHOLE | _CUT_SHORT:
            raise GenerationError(
                f"The answer ended with {self.finish[:40]!r}. Expected `stop` or `length`. Use another model for this.",
                kind=FailureKind.REFUSED if "filter" in self.finish else FailureKind.BAD_ANSWER,
            )
        if not self.text.strip():
            hint = "all of it was the model thinking aloud; raise `reasoning_allowance`" if self._hidden_chunks else ""
            raise GenerationError(
                f"The answer is empty{': ' if hint else ''}{hint}. Expected text. Try again, or use another model.",
                kind=FailureKind.EMPTY,
            )
        return FinishReason.LENGTH if self.finish in _CUT_SHORT and not self.stopped else FinishReason.STOP

    def completion(self, text: str, reason: FinishReason, model: ModelIdentity) -> Completion:
        """Return the answer as a record.

        Args:
            text: What was shown.
            reason: Why it ended.
            model: Who answered.
        """
        total = monotonic() - self.started_at
        written = self._usage.completion_tokens or self._chunks
        reasoning = min(written, self._usage.reasoning_tokens or self._hidden_chunks)
        return Completion(
            text=text,
            finish_reason=reason,
            model=model,
            prompt_tokens=self._usage.prompt_tokens,
            reused_tokens=min(self._usage.cached_tokens, self._usage.prompt_tokens),
            completion_tokens=written - reasoning,
            first_token_s=total if self._first_token_at is None else self._first_token_at - self.started_at,
            total_s=total,
            reasoning_tokens=reasoning,
        )

    def _opened(self, piece: str) -> str:
        return self._opening + piece

    def _show(self, piece: str) -> str:
        if piece:
            self._parts.append(piece)
            self._chars += len(piece)
        if self._chars > self._limits.answer_chars:
            raise _beyond_measure(f"grew beyond {self._limits.answer_chars} characters")
        return piece

    def _check_blanks(self, written: str) -> None:
        stripped = written.rstrip()
        self._blanks = len(written) - len(stripped) + (0 if stripped else self._blanks)
        if self._blanks > self._limits.blank_chars:
            raise _beyond_measure(f"went on with over {self._limits.blank_chars} blanks in a row")


def _beyond_measure(problem: str) -> GenerationError:
    return GenerationError(
        f"The answer {problem}. Expected one that ends. Use another model, or ask for less.",
        kind=FailureKind.BAD_ANSWER,
    )
