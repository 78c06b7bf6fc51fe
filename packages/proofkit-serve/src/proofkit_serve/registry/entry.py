"""One model of a running service: how it is opened, guarded and greeted, and how it stands."""

from collections.abc import Callable

from proofkit_core.errors import ModelUnavailableError
from proofkit_serve.backends.handshake import Greeting
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.chain import Guarded
from proofkit_serve.chain.breaker import BreakerPhase
from proofkit_serve.registry.lazy import Lazy
from proofkit_serve.registry.spec import ModelSpec
from proofkit_serve.registry.states import ModelState, ModelStatus, status_of

__all__ = ["Entry"]


class Entry:
    """One model. Any thread may use it."""

    def __init__(self, spec: ModelSpec, lazy: Lazy, guarded: Guarded, greeting: Callable[[], Greeting]) -> None:
        """Take the parts.

        Args:
            spec: What the file of models says.
            lazy: Opens it.
            guarded: The same behind its limits and its breaker.
            greeting: Decides how it may be asked.
        """
        self.spec, self.lazy, self.guarded = spec, lazy, guarded
        self._greeting = greeting
        self._mark: str | None = None

    def mark(self) -> str:
        """Return why its answers are marked; a model that is refused gives none, and says why when it is asked."""
        if self._mark is None:
            try:
                self._mark = self._greeting().mark
            except ModelUnavailableError:
                return ""
        return self._mark

    def forget(self) -> None:
        """Forget why it failed and what its files said, because something about it was changed."""
        self._mark = None
        broken = self.guarded.breaker.state().phase is BreakerPhase.BROKEN
        if broken and self.spec.backend.is_remote:
            self.lazy.open_anew()  # it holds the key that was refused
        else:
            self.lazy.forget_failure()
        self.guarded.reset()

    def status(self) -> ModelStatus:
        """Return how it stands in one word; no file is read for it."""
        return status_of(
            self.guarded.breaker.state(),
            is_open=self.lazy.opened is not None,
            is_broken=self.lazy.failure is not None,
            may_sleep=self.spec.capabilities.may_sleep,
        )

    def state(self, *, default_id: str) -> ModelState:
        """Return how it stands, without asking it."""
        spec, failure, breaker = self.spec, self.lazy.failure, self.guarded.breaker.state()
        opened, counting = self.lazy.opened, self.guarded.counting
        return ModelState(
            id=spec.id,
            name=spec.shown_name,
            backend=spec.backend,
            prompts=spec.prompts,
            is_default=spec.id == default_id,
            status=self.status(),
            mark=self.mark(),
            last_failure=failure.kind if failure else counting.last_failure,
            last_error=str(failure) if failure else counting.last_error,
            breaker=breaker,
            counts=counting.snapshot(),
            memory=opened.memory() if isinstance(opened, LocalBackend) else None,
            capabilities=spec.capabilities,
            fallbacks=spec.fallbacks,
        )
