"""Drafting with llama.cpp inside this process, on the CPU, without a network.

    with open_llama_cpp() as backend:
        completion = backend.generate(GenerationRequest(prompt=prompt))

Prompts of the frozen contract only: small models were trained on exactly those bytes.
"""

import weakref
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract, require_frozen
from proofkit_serve.backends.handshake import Training, read_training, require_known, require_trained_on
from proofkit_serve.backends.llama.threads import available_cores
from proofkit_serve.backends.merged_cache import default_cache
from proofkit_serve.backends.served import ServeAdapter, choose_served
from proofkit_serve.backends.weights import check_gguf, identify, identify_adapted, resolve_adapter, resolve_weights

if TYPE_CHECKING:
    from proofkit_serve.backends.llama.worker import Worker

__all__ = ["LlamaCppBackend", "open_llama_cpp"]

DEFAULT_PREFIX_MB = 128
DEFAULT_MAX_WAITING = 16


class LlamaCppBackend:
    """One open model. Any thread may call it; calls are answered one at a time, in order."""

    def __init__(self, worker: "Worker", identity: ModelIdentity, training: Training | None = None) -> None:
        """Take over a running worker; `open_llama_cpp` makes one."""
        self._worker = worker
        self._training = training
        self._identity = identity
        # Also runs when the program ends, so that llama.cpp is not freed under a running thread.
        self._close = weakref.finalize(self, worker.close)

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self._identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Checked at each token, at each chunk of the prompt and while waiting.
            on_text: Called in the calling thread with each piece of text; the pieces together are the text.

        Returns:
            The completion; `finish_reason` tells whether it is whole.

        Raises:
            PromptKindError: The prompt is not of the frozen contract.
            ModelUnavailableError: The model was trained on other bytes for this task.
            GenerationError: The prompt does not fit, its schema cannot be enforced, too many calls wait, or
                the backend is closed.
        """
        require_trained_on(self._training, require_frozen(request.prompt))
        decoded, called_at = self._worker.answer(request, cancel=cancel, on_text=on_text)
        total = perf_counter() - called_at
        return Completion(
            text=decoded.text,
            finish_reason=decoded.finish_reason,
            model=self._identity,
            prompt_tokens=decoded.prompt_tokens,
            reused_tokens=decoded.reused_tokens,
            completion_tokens=decoded.completion_tokens,
            first_token_s=total if decoded.first_token_at is None else decoded.first_token_at - called_at,
            total_s=total,
        )

    def close(self) -> None:
        """Stop the thread and free the model; may be called again."""
        self._close()

    def __enter__(self) -> Self:
        """Return the open backend."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the backend."""
        self.close()


def open_llama_cpp(  # noqa: PLR0913 - each is a choice of its own, and has to be named
    model_path: Path | None = None,
    *,
    adapter: Path | Literal["embedded"] | None = "embedded",
    serve_adapter: ServeAdapter = "merged",
    cache: Path | None = None,
    any_contract: bool = False,
    context_tokens: int = 4096,
    threads: int | None = None,
    prefix_mb: int = DEFAULT_PREFIX_MB,
    max_waiting: int = DEFAULT_MAX_WAITING,
) -> LlamaCppBackend:
    """Load a model.

    Args:
        model_path: A GGUF file; without it, the model that comes with ProofKit.
        adapter: A LoRA adapter in GGUF form; `embedded` for the tuned one that comes with ProofKit's own model (other
            models then go without), None for the bare model.
        serve_adapter: `merged` adds the adapter to the model once, keeps the sum in `cache` and opens that from then
            on; `at load` puts it on each time, which takes no disk space and writes about a third slower.
        cache: A folder for merged models; without it, `proofkit/models` in the user's folder for caches.
        any_contract: Ask the model even where it was trained on another contract; its name then says so.
        context_tokens: Most tokens of a prompt and its completion together.
        threads: Threads to decode with; without it, one for each core that this process may use.
        prefix_mb: Memory for the prompts of other tasks, so that coming back to one is quick.
        max_waiting: Calls that may wait; the next one is refused.

    Returns:
        The open model, to be used in a `with` statement or closed by hand.

    Raises:
        ModelUnavailableError: A file is missing, corrupt or not what its digest says, llama.cpp does not load, or the
            model was trained on another contract.
    """
    # NumPy comes with the parts below, and importing this module must stay light.
    from proofkit_serve.backends.llama.worker import start_worker  # noqa: PLC0415

    path, spec = resolve_weights(model_path)
    check_gguf(path, spec)
    worn = resolve_adapter(adapter, spec)
    contract = None if any_contract else load_contract()
    served = choose_served(path, spec, worn, serve_adapter, cache or default_cache(), contract)
    worker, wait_until_open = start_worker(
        served.model,
        adapter=served.adapter,
        context_tokens=context_tokens,
        threads=threads or available_cores(),
        prefix_bytes=prefix_mb * 1024 * 1024,
        max_waiting=max_waiting,
    )
    try:
        identity = served.identity or identify(path, spec)  # hashes the file while the worker loads it
        if worn and served.identity is None:
            identity = identify_adapted(identity, worn)
        training = read_training(wait_until_open())
        identity, training = _shake_hands(identity, training, any_contract=any_contract)
    except BaseException:
        worker.close()
        raise
    return LlamaCppBackend(worker, identity, training)


def _shake_hands(
    identity: ModelIdentity, training: Training | None, *, any_contract: bool
) -> tuple[ModelIdentity, Training | None]:
    contract = load_contract()
    if not any_contract:
        require_known(training, contract)
        return identity, training
    if training is None or training.contract_digest == contract.digest:
        return identity, None
    name = f"{identity.name} (trained on another contract, {training.contract_digest[:12]})"
    return identity.model_copy(update={"name": name}), None
