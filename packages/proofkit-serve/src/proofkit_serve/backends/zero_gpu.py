"""Drafting with Transformers on a ZeroGPU Space, where a graphics card is lent for one function call.

There the package `spaces` runs the one decorated function in a process of its own, forked when a card is free. So the
model is put in place while the app is imported, before `launch`; what goes in and comes out are plain records; and to
stop early is to stop asking for the next piece. Elsewhere the function runs as it is, on the CPU, and neither `spaces`
nor a card is touched.

    backend = open_zero_gpu("owner/model")  # at the top of the Space's app.py, before anything that touches a card
"""

import math
import os
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast
from weakref import WeakSet

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, ModelUnavailableError, ProofKitError
from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_prompts import load_contract, require_frozen
from proofkit_serve.backends.decoding.waiting import closed_error
from proofkit_serve.backends.handshake import Training, read_training, require_known, require_trained_on
from proofkit_serve.backends.local import completion_of, shake_hands
from proofkit_serve.backends.torch_model.device import on_zero_gpu
from proofkit_serve.backends.torch_model.folder import folder_keys, identify_folder, require_folder
from proofkit_serve.backends.torch_model.loading import contract_stops, load_folder, resolve_source
from proofkit_serve.backends.torch_model.pulling import Failed, Piece, Puller

__all__ = ["Failed", "Line", "Piece", "Stream", "ZeroGpuBackend", "gpu_function", "open_zero_gpu", "seconds_wanted"]

P = ParamSpec("P")
R = TypeVar("R")
Stream = Callable[[GenerationRequest], Generator[Piece | Failed, None, None]]
Line = Callable[[SecretStr | None], Stream]
"""Returns, for the token of who asks, what carries a request through the platform's queue and brings pieces back."""
CLOSING_GRACE_S = 5.0
"""How long a closing backend waits for calls that end."""
START_S = 4.0
"""For the fork and the copy of the weights to the card."""
PREFIX_BYTES = 64 * 1024 * 1024
SLOWEST_RATE = 25.0
"""Tokens a second that even a full card gives a small model."""


@dataclass(frozen=True, slots=True)
class _Either:
    """A cancel signal that is set once one of two is."""

    one: CancelSignal
    other: CancelSignal

    def is_set(self) -> bool:
        return self.one.is_set() or self.other.is_set()


class ZeroGpuBackend:
    """A model whose calls each borrow a card. Any thread may call it; the platform keeps the line."""

    def __init__(
        self, stream: Stream, identity: ModelIdentity, training: Training | None, *, line: Line | None = None
    ) -> None:
        """Take over the decorated function; `open_zero_gpu` makes it."""
        self._stream = stream
        self._line = line
        self._identity = identity
        self._training = training
        self._closed = threading.Event()
        self._pullers: WeakSet[Puller] = WeakSet()

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self._identity

    @property
    def training(self) -> Training | None:
        """Return what the model says it was trained on; None where it says nothing, or that is not looked at."""
        return self._training

    @property
    def stream(self) -> Stream:
        """Return the function that uses the card, for the platform's queue to call."""
        return self._stream

    def by_way_of(self, line: Line) -> "ZeroGpuBackend":
        """Return the same model, asked through the platform's queue, which knows whose quota a call spends.

        Args:
            line: Carries a request to `stream` and brings the pieces back.
        """
        return ZeroGpuBackend(line(None), self._identity, self._training, line=line)

    def for_token(self, token: SecretStr | None) -> TextGenerator:
        """Return the same model as asked by the person whom a token names; without one, by the Space itself."""
        if token is None or self._line is None:
            return self
        return _AsPerson(self, self._line(token))

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Looked at while waiting for a card and for each piece; the call ends at once, the card is given
                back after the next token.
            on_text: Called in the calling thread with each piece of text.
            on_place: Called with 0 once there is a card; the platform tells no places.

        Raises:
            PromptKindError: The prompt is not of the frozen contract.
            ModelUnavailableError: The model was trained on other bytes for this task.
            GenerationError: There is no card, the quota is spent, decoding failed, or the backend is closed.
        """
        return self.ask(self._stream, request, cancel=cancel, on_text=on_text, on_place=on_place)

    def ask(
        self,
        stream: Stream,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> Completion:
        """Complete one prompt through a function of one's own; `generate` says what the others are.

        Args:
            stream: Carries the request to the card.
            request: The prompt, how to decode it and its time limit.
            cancel: Looked at while waiting.
            on_text: Called with each piece of text.
            on_place: Called with 0 once there is a card.
        """
        called_at = perf_counter()
        require_trained_on(self._training, require_frozen(request.prompt))
        if self._closed.is_set():
            raise closed_error()
        puller = Puller(lambda: stream(request), time_limit_s=request.time_limit_s)
        self._pullers.add(puller)
        signal = self._closed if cancel is None else _Either(cancel, self._closed)
        decoded = puller.listen(cancel=signal, on_text=on_text, on_place=on_place)
        queued_s = (puller.begun_at or perf_counter()) - called_at
        return completion_of(decoded, self._identity, called_at=called_at, queued_s=queued_s)

    def close(self) -> None:
        """End what runs and take nothing more; the platform owns card and process. May be called again."""
        self._closed.set()
        for puller in tuple(self._pullers):
            puller.join(CLOSING_GRACE_S)

    def __enter__(self) -> Self:
        """Return the open backend."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the backend."""
        self.close()


@dataclass(frozen=True, slots=True)
class _AsPerson:
    """The model as one person's own: each call spends their quota."""

    backend: ZeroGpuBackend
    stream: Stream

    @property
    def identity(self) -> ModelIdentity:
        return self.backend.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        return self.backend.ask(self.stream, request, cancel=cancel, on_text=on_text, on_place=on_place)


def open_zero_gpu(
    source: Path | str,
    *,
    adapter: Path | None = None,
    revision: str | None = None,
    any_contract: bool = False,
    context_tokens: int = 4096,
    card: str = "cuda",
    environ: Mapping[str, str] = os.environ,
) -> ZeroGpuBackend:
    """Put a model in place, once, while the app is imported.

    Args:
        source: A folder with a model as Transformers saves it, or an id at the Hugging Face hub.
        adapter: The folder of a LoRA adapter, merged while loading.
        revision: Which revision of the hub's model, where `source` is an id.
        any_contract: Ask the model even where it was trained on another contract; its name then says so.
        context_tokens: Most tokens of a prompt and its completion together.
        card: Where the model goes on ZeroGPU; elsewhere it stays on the CPU.
        environ: The environment, which tells whether this is a ZeroGPU Space.

    Raises:
        ModelUnavailableError: A package or file is missing, something touched a card before, or the model was trained
            on another contract.
    """
    # Before torch touches a card: this puts a stand-in for the card in place.
    decorate = gpu_function(seconds_wanted, environ=environ)
    folder, name = resolve_source(source, revision)
    require_folder(folder, adapter)
    contract = load_contract()
    keys = folder_keys(folder, adapter)
    training = read_training(keys)
    if not any_contract:
        require_known(training, contract)
    device = card if on_zero_gpu(environ) else "cpu"
    loaded = load_folder(folder, adapter=adapter, stops=contract_stops(contract), device=device)
    stream = _make_stream(loaded, context_tokens, keys)
    identity = identify_folder(folder, adapter, name=name)
    identity, training = shake_hands(identity, training, any_contract=any_contract)
    return ZeroGpuBackend(decorate(stream), identity, training)


def gpu_function(
    duration: Callable[..., int], *, environ: Mapping[str, str]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return the decorator for the function that needs a card: `spaces.GPU` on ZeroGPU, elsewhere none.

    Args:
        duration: Returns for the function's arguments how many seconds to reserve; fewer mean a better place.
        environ: The environment, which tells whether this is a ZeroGPU Space.

    Raises:
        ModelUnavailableError: The package is missing, or something touched a card before.
    """
    if not on_zero_gpu(environ):
        return _unchanged
    try:
        spaces = import_module("spaces")
    except (ImportError, RuntimeError) as error:
        raise ModelUnavailableError(
            f"The package `spaces` could not be loaded: {error}. Expected it on a ZeroGPU Space, before anything "
            f"touches a card. Add it to the requirements, and open the model at the top of app.py.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    return cast("Callable[[Callable[P, R]], Callable[P, R]]", spaces.GPU(duration=duration))


def seconds_wanted(request: GenerationRequest) -> int:
    """Return how many seconds of a card to reserve for a request."""
    prompt = require_frozen(request.prompt)
    return math.ceil(min(START_S + prompt.max_tokens / SLOWEST_RATE, request.time_limit_s))


def _unchanged(function: Callable[P, R]) -> Callable[P, R]:
    return function


def _make_stream(loaded: Any, context_tokens: int, keys: dict[str, str]) -> Stream:  # noqa: ANN401 - see `Loaded`
    """Return the one function that uses the card."""
    # NumPy comes with the parts below, and importing this module must stay light.
    from proofkit_serve.backends.decoding.decode import Decoder  # noqa: PLC0415
    from proofkit_serve.backends.decoding.engine import drained  # noqa: PLC0415
    from proofkit_serve.backends.torch_model.engine import TorchEngine  # noqa: PLC0415
    from proofkit_serve.backends.torch_model.pulling import pieces_of  # noqa: PLC0415

    engine = TorchEngine(loaded, context_tokens=context_tokens, metadata=keys)
    drained(engine.token_table())  # a fork then has it
    decoder = Decoder(engine, prefix_bytes=PREFIX_BYTES)
    alone = threading.Lock()  # needed off ZeroGPU only: there each process answers one call

    def stream(request: GenerationRequest) -> Generator[Piece | Failed, None, None]:
        with alone:
            try:
                yield from pieces_of(decoder, request)
            except ProofKitError as error:  # the platform would keep its class alone
                yield Failed(str(error), getattr(error, "kind", FailureKind.UNKNOWN))

    return stream
