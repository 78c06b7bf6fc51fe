"""The models of a running service, shared by all its threads."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from proofkit_core.drafting.events import DraftEvent
from proofkit_core.errors import GenerationError, InputError
from proofkit_core.generation import Candidate, ModelIdentity
from proofkit_core.packet import FallbackReason
from proofkit_prompts import Contract
from proofkit_serve.backends.handshake import Greeting
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.chain import Breaker, BreakerRules, Guarded, guard
from proofkit_serve.registry.card import CardBackend, require_card
from proofkit_serve.registry.entry import Entry
from proofkit_serve.registry.file import ModelFile
from proofkit_serve.registry.greeting import greet
from proofkit_serve.registry.lazy import Lazy, OpenBackend
from proofkit_serve.registry.observer import observe
from proofkit_serve.registry.opening import base_urls_of, configured_identity, open_backend, open_server
from proofkit_serve.registry.spec import BackendName, ModelSpec
from proofkit_serve.registry.states import ModelState, ModelStatus
from proofkit_serve.settings.reading import suggest

if TYPE_CHECKING:
    from proofkit_serve.backends.http.loop import LoopThread
    from proofkit_serve.backends.openai_compatible import OpenAICompatibleBackend

__all__ = ["Registry"]


class Registry:
    """The models of a service. Make one with `open_registry`; any thread may use it."""

    def __init__(  # noqa: PLR0913 - clocks and what was opened before are parameters, each under its name
        self,
        models: ModelFile,
        contract: Contract,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        rules: BreakerRules | None = None,
        default_id: str = "",
        card: CardBackend | None = None,
    ) -> None:
        """Open nothing yet; `open_registry` tells what the parameters are."""
        self._default_id = default_id or models.default_id
        self._environ, self._clock, self._sleep = environ, clock, sleep
        self._contract, self._rules, self._card = contract, rules, card
        self._loop: LoopThread | None = None
        self._loop_lock = threading.Lock()
        self._specs = {spec.id: spec for spec in models.model}
        self.require(self._default_id)
        self._entries = {
            spec.id: self._entry(spec) for spec in models.model if spec.backend is not BackendName.TEMPLATE
        }

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """Return what the file says, in its order."""
        return tuple(self._specs.values())

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids that a session may choose."""
        return tuple(self._specs)

    @property
    def default_id(self) -> str:
        """Return the id that a new session uses."""
        return self._default_id

    @property
    def in_process(self) -> tuple[str, ...]:
        """Return the ids of models whose weights would be in the memory of each worker process."""
        return tuple(spec.id for spec in self.specs if spec.backend.is_in_process)

    def chain(
        self,
        model_id: str,
        *,
        requester: str = "",
        on_tokens: Callable[[int], None] | None = None,
        token: SecretStr | None = None,
    ) -> tuple[Candidate, ...]:
        """Return whom to ask, in order; the template comes after the last one.

        A model that cannot be used is among them all the same: it says why, at once, when it is asked.

        Args:
            model_id: The session's model; empty for the default.
            requester: Who asks, such as a session, for the turns at a model with a queue; empty for each thread.
            on_tokens: Told in the asking thread how many tokens are written for the requester, as `Metered` tells it.
            token: The requester's own, for models with `token_from_caller`, and for those on a ZeroGPU Space, where it
                says whose quota is spent; no other gets it.

        Raises:
            InputError: There is no such model.
        """
        first = self.require(model_id or self._default_id)
        return tuple(
            Candidate(
                generator=guarded.for_requester(requester, on_tokens=on_tokens) if requester else guarded,
                prompts=entry.spec.prompts,
                mark=entry.mark(),
            )
            for name in (first.id, *first.fallbacks)
            if (entry := self._entries.get(name)) and (guarded := self._guarded(entry, token))
        )

    def _guarded(self, entry: Entry, token: SecretStr | None) -> Guarded:
        """Return a model behind its guard: one that takes the caller's token, behind one of this caller's own.

        A wrong token, or one whose account is spent, says nothing about what others get from the model.
        """
        spends_own = entry.spec.backend is BackendName.ZERO_GPU and token is not None
        if not (entry.spec.token_from_caller or spends_own):
            return entry.guarded
        return entry.guarded.with_token(entry.lazy.for_token(token), Breaker(self._rules, clock=self._clock))

    def open(self, model_id: str) -> OpenBackend:
        """Open a model now and return it without its guard: to warm it up, or to examine it.

        Raises:
            InputError: There is no such model, or it is the template.
            GenerationError: It cannot be opened.
        """
        return self._entry_of(model_id).lazy.open()

    def warm_up(self, model_id: str) -> None:
        """Open a model and its fallbacks now, and let those in this process get ready while nobody asks.

        Models behind servers are opened too, whoever falls back to them: that only loads the HTTP library. What cannot
        be opened is told by `states`, and by the model when it is asked.

        Raises:
            InputError: There is no such model.
        """
        first = self.require(model_id)
        for entry in self._entries.values():
            if entry.spec.backend.is_remote or entry.spec.id in {first.id, *first.fallbacks}:
                with suppress(GenerationError):
                    backend = entry.lazy.open()
                    if isinstance(backend, LocalBackend):
                        backend.warm_up(self._contract)

    def in_this_process(self, model_id: str) -> LocalBackend | None:
        """Return a model whose weights are in this process, opened now where it was not; None for any other.

        Args:
            model_id: The model; empty for the default.

        Raises:
            InputError: There is no such model.
        """
        spec = self.require(model_id or self._default_id)
        if not spec.backend.is_in_process:
            return None
        with suppress(GenerationError):  # told by `states`, and by the model when it is asked
            backend = self._entry_of(spec.id).lazy.open()
            return backend if isinstance(backend, LocalBackend) else None
        return None

    def retry(self, model_id: str) -> None:
        """Forget why a model failed, because something about it was changed.

        Raises:
            InputError: There is no such model, or it is the template.
        """
        self._entry_of(model_id).forget()

    def require(self, model_id: str) -> ModelSpec:
        """Return what the file says about a model.

        Raises:
            InputError: There is no such model.
        """
        spec = self._specs.get(model_id)
        if spec is None:
            raise InputError(f"There is no model {model_id!r} here. {suggest(model_id, self.ids)}")
        return spec

    def base_urls(self, model_id: str) -> tuple[str, ...]:
        """Return the servers of a model.

        Raises:
            InputError: There is no such model.
            ModelUnavailableError: The variable that names them is not set, or holds something else.
        """
        return base_urls_of(self.require(model_id), self._environ)

    def open_server(self, model_id: str, base_url: str) -> "OpenAICompatibleBackend":
        """Open one server of a model by itself, to examine it; whoever asks for it closes it.

        Raises:
            InputError: There is no such model, or it is the template.
            ModelUnavailableError: It may not be asked, or its key is missing.
        """
        spec = self._entry_of(model_id).spec
        return open_server(
            spec, self.greeting(model_id), environ=self._environ, loop=self._shared_loop(), base_urls=(base_url,)
        )

    def greeting(self, model_id: str) -> Greeting:
        """Return how a model may be asked.

        Raises:
            InputError: There is no such model, or it is the template.
            ModelUnavailableError: It may not be asked, or its file cannot be read.
        """
        return greet(self._entry_of(model_id).spec, self._contract, self._card)

    def states(self) -> tuple[ModelState, ...]:
        """Return how each model stands, in the order of the file, without asking any."""
        return tuple(entry.state(default_id=self._default_id) for entry in self._entries.values())

    def status(self, model_id: str) -> ModelStatus | None:
        """Return how a model stands in one word, without asking it or reading a file; None for the template.

        Raises:
            InputError: There is no such model.
        """
        entry = self._entries.get(self.require(model_id).id)
        return entry.status() if entry else None

    def observer(self) -> Callable[[DraftEvent], None]:
        """Return what takes the events of one generation and counts answers that were turned down."""
        return observe(self._turned_down)

    def close(self) -> None:
        """Close what is open; may be called again."""
        for entry in self._entries.values():
            entry.lazy.close()
        with self._loop_lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()

    def __enter__(self) -> Self:
        """Return the registry."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""
        self.close()

    def _entry_of(self, model_id: str) -> Entry:
        entry = self._entries.get(self.require(model_id).id)
        if entry is None:
            raise InputError(f"{model_id!r} is the template, which has nothing to open. Expected a model. Name one.")
        return entry

    def _entry(self, spec: ModelSpec) -> Entry:
        def opener() -> OpenBackend:
            greeting = greet(spec, self._contract, self._card)
            if spec.backend is BackendName.ZERO_GPU:
                return require_card(spec, self._card)
            return open_backend(spec, greeting, environ=self._environ, loop=self._shared_loop)

        lazy = Lazy(opener, until_open=configured_identity(spec))
        breaker = Breaker(self._rules, clock=self._clock)
        guarded = guard(lazy, spec.limits, breaker, clock=self._clock, sleep=self._sleep)
        return Entry(spec, lazy, guarded, lambda: greet(spec, self._contract, self._card))

    def _shared_loop(self) -> "LoopThread":
        from proofkit_serve.backends.http.loop import LoopThread  # noqa: PLC0415 - only where a server is asked

        with self._loop_lock:
            if self._loop is None:
                self._loop = LoopThread()
            return self._loop

    def _turned_down(self, model: ModelIdentity, reason: FallbackReason) -> None:
        for entry in self._entries.values():
            if entry.lazy.goes_by(model):
                entry.guarded.counting.turned_down(reason)
                return
