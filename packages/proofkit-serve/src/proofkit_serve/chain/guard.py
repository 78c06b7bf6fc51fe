"""A backend behind its breaker: each request is limited, tried again once where that helps, and counted."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError
from proofkit_core.generation import (
    CancelSignal,
    Completion,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    TextGenerator,
)
from proofkit_serve.chain.breaker import Breaker, Resting, Ticket
from proofkit_serve.chain.counting import Counting, Outcome
from proofkit_serve.chain.failures import overdue, resting, told_plainly, too_late
from proofkit_serve.chain.limits import TryLimits, Watch
from proofkit_serve.chain.metering import Metered

__all__ = ["Guarded", "TakesToken", "TakesTurns", "guard"]

RESERVE_S = 1.0
"""What is kept of the budget for the template, which writes where every model fails."""
RETRY_PAUSE_S = 0.2
LONGEST_PAUSE_S = 3.0
"""Where a server asks for a longer wait, the next model of the chain is asked instead."""
SHORTEST_TRY_S = 1.0
"""A second try that gets less is not begun."""
GRACE_S = 0.5
"""A backend that keeps its time limit ends by itself; after this, one that does not is stopped."""
QUICK_S = 1.0
"""A connection that was refused within this time is tried again; one that timed out would only time out again."""
_SLICE_S = 0.03
_OUTCOMES = {FinishReason.CANCELLED: Outcome.CANCELLED, FinishReason.DEADLINE: Outcome.FAILED}
_AGAIN = frozenset({FailureKind.CONNECT, FailureKind.RATE_LIMITED, FailureKind.SERVER})


def guard(
    generator: TextGenerator,
    limits: TryLimits,
    breaker: Breaker,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> "Guarded":
    """Put a backend behind its limits and its breaker.

    Args:
        generator: The backend.
        limits: How long each stage of one try may take.
        breaker: Its own breaker, shared by all who use the same backend and model.
        clock: Seconds that only go forward, such as `time.monotonic`.
        sleep: Waits some seconds, such as `time.sleep`; asked for short ones only, so that a cancel is seen.
    """
    return Guarded(generator, limits, breaker, clock=clock, sleep=sleep)


@runtime_checkable
class TakesTurns(Protocol):
    """A backend with a queue in which requesters take turns."""

    def for_requester(self, requester: str) -> TextGenerator:
        """Return the same model as one requester's own."""
        ...


@runtime_checkable
class TakesToken(Protocol):
    """A backend that can be asked with a caller's own token."""

    def for_token(self, token: SecretStr | None) -> TextGenerator:
        """Return the same model as asked with that token; without one, it says that one is needed."""
        ...


class _Failure(NamedTuple):
    """A try that failed."""

    error: GenerationError
    has_told: bool
    """Whether text of it was told to the caller, so that a second try would be spliced to it."""
    took_s: float


class Guarded:
    """A backend behind its limits and its breaker. Any thread may call it."""

    def __init__(
        self,
        generator: TextGenerator,
        limits: TryLimits,
        breaker: Breaker,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        counting: Counting | None = None,
        own_token: bool = False,
    ) -> None:
        """Take the parts; `guard` tells what each is."""
        self.breaker = breaker
        self.counting = Counting() if counting is None else counting
        self._own_token = own_token
        self._generator, self._limits, self._clock, self._sleep = generator, limits, clock, sleep

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self._generator.identity

    def reset(self) -> None:
        """Let requests through again, because something was changed; the counts stay."""
        self.counting.forget_error()
        self.breaker.reset()

    def for_requester(self, requester: str, *, on_tokens: Callable[[int], None] | None = None) -> "Guarded":
        """Return this model as one requester's own: behind the same breaker, with the same counts.

        Args:
            requester: Who asks.
            on_tokens: Told how many tokens are written for them, as `Metered` tells it.
        """
        inner = self._generator.for_requester(requester) if isinstance(self._generator, TakesTurns) else self._generator
        if on_tokens is not None:
            inner = Metered(inner, on_tokens)
        return self._like(inner, self.breaker, own_token=self._own_token)

    def with_token(self, generator: TextGenerator, breaker: Breaker) -> "Guarded":
        """Return this model as asked with a caller's own token: with the same counts, behind a breaker of its own.

        Args:
            generator: The model with that token.
            breaker: For as long as the token is used.
        """
        return self._like(generator, breaker, own_token=True)

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt within the limits.

        Args:
            request: The prompt; its time limit is what is left for this text, of which a second is kept back.
            cancel: Seen while waiting too.
            on_text: Called with each piece of text of one try only.
            on_place: Called with the place in the backend's queue.

        Returns:
            The completion.

        Raises:
            GenerationError: No answer in time, or the model is left alone for a while (`BREAKER_OPEN`).
        """
        self.counting.work(1)
        try:
            completion = self._with_retry(request, cancel, on_text, on_place)
        except GenerationCancelledError:
            self.counting.ended(Outcome.CANCELLED)
            raise
        except GenerationError as error:
            at_rest = error.kind is FailureKind.BREAKER_OPEN
            self.counting.ended(Outcome.RESTING if at_rest else Outcome.FAILED)
            raise
        finally:
            self.counting.work(-1)
        self.counting.ended(_OUTCOMES.get(completion.finish_reason, Outcome.ANSWERED))
        self.counting.wrote(completion.prompt_tokens, completion.completion_tokens)
        return completion

    def _like(self, generator: TextGenerator, breaker: Breaker, *, own_token: bool) -> "Guarded":
        return Guarded(
            generator,
            self._limits,
            breaker,
            clock=self._clock,
            sleep=self._sleep,
            counting=self.counting,
            own_token=own_token,
        )

    def _with_retry(
        self,
        request: GenerationRequest,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> Completion:
        ends_at = self._clock() + request.time_limit_s - RESERVE_S
        first = self._once(request, ends_at, cancel, on_text, on_place)
        if isinstance(first, Completion):
            return first
        pause = self._pause(first, ends_at)
        if pause is None:
            raise first.error
        self.counting.ended(Outcome.RETRIED)
        self._wait(pause, cancel)
        second = self._once(request, ends_at, cancel, on_text, on_place)
        if isinstance(second, Completion):
            return second
        if second.error.kind is FailureKind.BREAKER_OPEN:
            raise first.error  # it tells more
        raise second.error

    def _once(
        self,
        request: GenerationRequest,
        ends_at: float,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> Completion | _Failure:
        started = self._clock()
        allowed = min(self._limits.total_s, ends_at - started)
        if allowed <= 0:
            return _Failure(too_late(self.identity.name, RESERVE_S), has_told=False, took_s=0.0)
        ticket = self.breaker.admit()
        if isinstance(ticket, Resting):
            return _Failure(resting(self.identity.name, ticket), has_told=False, took_s=0.0)
        watch = Watch(
            self._limits,
            ends_at=started + allowed + GRACE_S,
            clock=self._clock,
            cancel=cancel,
            opening=request.opening,
            on_text=on_text,
            on_place=on_place,
        )
        try:
            return self._ask(request.model_copy(update={"time_limit_s": allowed}), watch, ticket, allowed)
        except GenerationCancelledError:
            self.breaker.dropped(ticket)
            raise
        except GenerationError as error:
            # The whole sentence stays here, for those who run the service: what goes on is kept with the text.
            self._blame(ticket, allowed, error.kind, str(error), error.retry_after_s)
            plain = told_plainly(self.identity.name, error, own_token=self._own_token)
            return _Failure(plain, watch.has_told, self._clock() - started)
        except BaseException:
            # No verdict: a wrong prompt, or a person who stops the program. The next request may be the test.
            self.breaker.dropped(ticket)
            raise

    def _ask(self, request: GenerationRequest, watch: Watch, ticket: Ticket, allowed: float) -> Completion:
        try:
            completion = self._generator.generate(request, cancel=watch, on_text=watch.on_text, on_place=watch.on_place)
        except GenerationCancelledError as error:
            if watch.overdue is None:
                raise
            raise overdue(self.identity.name, watch.overdue, self._limits) from error
        if completion.finish_reason is FinishReason.CANCELLED and watch.overdue is not None:
            raise overdue(self.identity.name, watch.overdue, self._limits)
        if completion.finish_reason is FinishReason.CANCELLED:
            self.breaker.dropped(ticket)
        elif completion.finish_reason is FinishReason.DEADLINE:
            self._blame(ticket, allowed, FailureKind.TOTAL, f"It had not finished after {allowed:.0f} s.", None)
        else:
            self.breaker.succeeded(ticket)
        return completion

    def _blame(self, ticket: Ticket, allowed: float, kind: FailureKind, told: str, retry_after_s: float | None) -> None:
        """Count a failed try; a slow one only where it had a fair time, and not what another model left of it."""
        self.counting.failed(kind, told)
        if kind is FailureKind.TOTAL and allowed < min(self._limits.total_s, self._limits.first_token_s):
            self.breaker.dropped(ticket)
        else:
            self.breaker.failed(ticket, kind, retry_after_s=retry_after_s)

    def _pause(self, failure: _Failure, ends_at: float) -> float | None:
        """Return how long to wait before the second try; None where there is none."""
        error = failure.error
        if error.kind not in _AGAIN or failure.has_told:
            return None
        if error.kind is FailureKind.CONNECT and failure.took_s > QUICK_S:
            return None
        pause = max(RETRY_PAUSE_S, error.retry_after_s or 0.0, self.breaker.state().rests_for_s)
        fits = pause <= LONGEST_PAUSE_S and self._clock() + pause + SHORTEST_TRY_S <= ends_at
        return pause if fits else None

    def _wait(self, pause: float, cancel: CancelSignal | None) -> None:
        ends_at = self._clock() + pause
        while (left := ends_at - self._clock()) > 0:
            if cancel is not None and cancel.is_set():
                raise GenerationCancelledError("Stopped while waiting to ask the model once more; nothing was written.")
            self._sleep(min(left, _SLICE_S))
