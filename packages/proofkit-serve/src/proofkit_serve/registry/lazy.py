"""A model that is opened when it is first needed, once, whoever asks; what kept it from opening is remembered."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_serve.chain.guard import TakesToken, TakesTurns

__all__ = ["Lazy", "OpenBackend"]

_PASSING = frozenset(
    {
        FailureKind.CONNECT,
        FailureKind.QUEUE,
        FailureKind.FIRST_TOKEN,
        FailureKind.IDLE,
        FailureKind.TOTAL,
        FailureKind.RATE_LIMITED,
        FailureKind.SERVER,
        FailureKind.CUT,
    }
)
"""After these, opening is tried again with the next request; after the others only once somebody asks for it."""
_SLICE_S = 0.03
_CLOSING_S = 5.0
"""How long closing waits for an opening under way; what opens later than that is closed by its own thread."""


class OpenBackend(Protocol):
    """A backend that holds something open."""

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        ...

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt."""
        ...

    def close(self) -> None:
        """Let go of what it holds; may be called again."""
        ...


class _Opening:
    """One opening, in a thread of its own, so that nobody has to wait for it longer than they like."""

    def __init__(self, work: Callable[["_Opening"], None]) -> None:
        self.done = threading.Event()
        self.backend: OpenBackend | None = None
        self.error: BaseException | None = None
        # A daemon: loading weights cannot be stopped, and must not keep the program from ending.
        self.thread = threading.Thread(target=work, args=(self,), name="proofkit-opening", daemon=True)
        self.thread.start()


class Lazy:
    """One model, opened or not. Any thread may use it."""

    def __init__(self, opener: Callable[[], OpenBackend], *, until_open: ModelIdentity) -> None:
        """Open nothing yet.

        Args:
            opener: Opens the model.
            until_open: What it is called before it is open, and where it cannot be opened.
        """
        self._opener, self._until_open = opener, until_open
        self._lock = threading.Lock()
        self._backend: OpenBackend | None = None
        self._opening: _Opening | None = None
        self._failure: GenerationError | None = None
        self._is_closed = False

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer, as far as that is known without opening anything."""
        backend = self._backend
        return backend.identity if backend else self._until_open

    def goes_by(self, identity: ModelIdentity) -> bool:
        """Say whether the model is told under this identity, or was before it was open."""
        return identity in {self._until_open, self.identity}

    @property
    def opened(self) -> OpenBackend | None:
        """Return the model where it is open."""
        return self._backend

    @property
    def failure(self) -> GenerationError | None:
        """Return what keeps the model from opening until somebody asks again."""
        return self._failure

    def open(self, *, cancel: CancelSignal | None = None, within_s: float | None = None) -> OpenBackend:
        """Return the open model. Whoever does not wait until the end finds it open later.

        Args:
            cancel: Set to wait no longer.
            within_s: Longest time to wait; without it, as long as it takes.

        Raises:
            GenerationError: It cannot be opened, is not open in time, or was closed.
            GenerationCancelledError: `cancel` was set.
        """
        if (backend := self._backend) is not None:
            return backend
        opening = self._begin()
        self._wait_for(opening, cancel, within_s)
        if isinstance(opening.error, GenerationError):
            raise _again(opening.error)
        if opening.error is not None:
            raise opening.error
        if opening.backend is None:
            raise self._closed()
        return opening.backend

    def _begin(self) -> _Opening:
        """Return the opening under way; start one where there is none."""
        with self._lock:
            if self._is_closed:
                raise self._closed()
            if self._failure is not None:
                raise _again(self._failure)
            if self._opening is None or (self._opening.done.is_set() and self._backend is None):
                self._opening = _Opening(self._work)
            return self._opening

    def _work(self, opening: _Opening) -> None:
        """Open the model; runs in the opening's own thread, and tells how it ended."""
        backend: OpenBackend | None = None
        error: BaseException | None = None
        try:
            backend = self._opener()
        except GenerationError as found:
            error = found if found.kind in _PASSING else _lasting(found)
        except BaseException as found:  # noqa: BLE001 - the boundary of the thread: whoever waits is always told
            error = found
        with self._lock:
            if isinstance(error, GenerationError) and error.kind not in _PASSING:
                self._failure = error
            if not self._is_closed:
                self._backend = opening.backend = backend
            opening.error = error
        if backend is not None and opening.backend is None:
            backend.close()
        opening.done.set()

    def _wait_for(self, opening: _Opening, cancel: CancelSignal | None, within_s: float | None) -> None:
        started = monotonic()
        while not opening.done.wait(_SLICE_S):
            if cancel is not None and cancel.is_set():
                raise GenerationCancelledError(
                    f"Stopped while {self._until_open.name} was being opened; nothing was written."
                )
            if within_s is not None and monotonic() - started >= within_s:
                raise GenerationError(
                    f"Opening {self._until_open.name} takes longer than the {within_s:g} s that were left. It goes on "
                    f"opening. Try again.",
                    kind=FailureKind.TOTAL,
                )

    def _closed(self) -> GenerationError:
        return GenerationError(
            f"{self._until_open.name} was closed with its service. Expected a running one. Start it again.",
            kind=FailureKind.REFUSED,
        )

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
        choose: Callable[[OpenBackend], TextGenerator] | None = None,
    ) -> Completion:
        """Complete one prompt, after opening the model where that is needed; its time counts.

        Args:
            request: The prompt.
            cancel: Set to stop.
            on_text: Told each piece of text.
            on_place: Told the place in the model's queue.
            choose: Returns, once it is open, the model as somebody's own.

        Raises:
            GenerationError: It cannot be opened in time, or gives no answer.
            GenerationCancelledError: `cancel` was set while it was being opened.
        """
        backend = self._backend
        if backend is None:
            started = monotonic()
            backend = self.open(cancel=cancel, within_s=request.time_limit_s)
            left = max(request.time_limit_s - (monotonic() - started), _SLICE_S)
            request = request.model_copy(update={"time_limit_s": left})
        asked = choose(backend) if choose else backend
        return asked.generate(request, cancel=cancel, on_text=on_text, on_place=on_place)

    def for_requester(self, requester: str) -> TextGenerator:
        """Return this model as one requester's own: a backend with a queue lets requesters take turns."""
        return _OnBehalf(self, lambda backend: _as_requester(backend, requester))

    def for_token(self, token: SecretStr | None) -> TextGenerator:
        """Return this model as asked with a caller's own token; without one, it says that one is needed."""
        return _OnBehalf(self, lambda backend: _with_token(backend, token))

    def forget_failure(self) -> None:
        """Let the next request try to open the model again."""
        with self._lock:
            self._failure = None

    def open_anew(self) -> None:
        """Let go of the model if it is open; the next request opens it again, with what stands in its files then."""
        with self._lock:
            backend, self._backend = self._backend, None
            self._failure = None
        if backend is not None:
            backend.close()

    def close(self) -> None:
        """Close the model if it is open, for good; may be called again."""
        with self._lock:
            self._is_closed = True
            backend, self._backend = self._backend, None
            opening = self._opening
        if backend is not None:
            backend.close()
        if opening is not None:
            opening.thread.join(_CLOSING_S)


class _OnBehalf:
    """A model as one requester's own."""

    def __init__(self, lazy: Lazy, choose: Callable[[OpenBackend], TextGenerator]) -> None:
        self._lazy, self._choose = lazy, choose

    @property
    def identity(self) -> ModelIdentity:
        return self._lazy.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        return self._lazy.generate(request, cancel=cancel, on_text=on_text, on_place=on_place, choose=self._choose)


def _as_requester(backend: OpenBackend, requester: str) -> TextGenerator:
    return backend.for_requester(requester) if isinstance(backend, TakesTurns) else backend


def _with_token(backend: OpenBackend, token: SecretStr | None) -> TextGenerator:
    return backend.for_token(token) if isinstance(backend, TakesToken) else backend


def _lasting(error: GenerationError) -> GenerationError:
    """Return a failure that tells the breaker to wait for somebody: a missing file does not come back by itself."""
    kind = FailureKind.NOT_FOUND if error.kind is FailureKind.UNKNOWN else error.kind
    return ModelUnavailableError(str(error), kind=kind)


def _again(error: GenerationError) -> GenerationError:
    """Return the same failure as an error of its own: one instance must not be raised in two threads."""
    same = ModelUnavailableError if isinstance(error, ModelUnavailableError) else GenerationError
    return same(str(error), kind=error.kind, retry_after_s=error.retry_after_s)
