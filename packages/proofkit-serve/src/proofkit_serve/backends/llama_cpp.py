"""Drafting with llama.cpp inside this process, on the CPU, without a network.

    with open_llama_cpp() as backend:
        completion = backend.generate(GenerationRequest(prompt=prompt))

Prompts of the frozen contract only: small models were trained on exactly those bytes.
"""

from functools import partial
from pathlib import Path
from typing import Literal

from proofkit_core.generation import ModelIdentity
from proofkit_prompts import load_contract
from proofkit_serve.backends.decoding.cores import available_cores
from proofkit_serve.backends.handshake import read_training
from proofkit_serve.backends.local import LocalBackend, shake_hands
from proofkit_serve.backends.merged_cache import default_cache
from proofkit_serve.backends.served import ServeAdapter, choose_served
from proofkit_serve.backends.weights import (
    Adapter,
    check_gguf,
    identify,
    identify_adapted,
    resolve_adapter,
    resolve_weights,
)
from proofkit_serve.models import ModelSpec

__all__ = ["LlamaCppBackend", "open_llama_cpp"]

DEFAULT_PREFIX_MB = 128
DEFAULT_MAX_WAITING = 16
DEFAULT_MAX_WAITING_EACH = 8

LlamaCppBackend = LocalBackend
"""What `open_llama_cpp` returns; the engine makes no difference once the model is open."""


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
    max_waiting_each: int = DEFAULT_MAX_WAITING_EACH,
) -> LocalBackend:
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
        prefix_mb: Memory for the prompts of other sessions, so that coming back to one is quick.
        max_waiting: Calls that may wait; the next one is refused.
        max_waiting_each: Calls of one requester that may wait.

    Returns:
        The open model, to be used in a `with` statement or closed by hand.

    Raises:
        ModelUnavailableError: A file is missing, corrupt or not what its digest says, llama.cpp does not load, or the
            model was trained on another contract.
    """
    # NumPy comes with the parts below, and importing this module must stay light.
    from proofkit_serve.backends.decoding.worker import start_worker  # noqa: PLC0415
    from proofkit_serve.backends.llama.engine import open_engine  # noqa: PLC0415

    path, spec = resolve_weights(model_path)
    check_gguf(path, spec)
    worn = resolve_adapter(adapter, spec)
    contract = None if any_contract else load_contract()
    served = choose_served(path, spec, worn, serve_adapter, cache or default_cache(), contract)
    cores = threads or available_cores()
    worker, wait_until_open = start_worker(
        partial(open_engine, served.model, adapter=served.adapter, context_tokens=context_tokens, threads=cores),
        name="proofkit-llama",
        prefix_bytes=prefix_mb * 1024 * 1024,
        max_waiting=max_waiting,
        max_waiting_each=max_waiting_each,
    )
    try:
        identity = served.identity or _identify(path, spec, worn)  # hashes the file while the worker loads it
        identity, training = shake_hands(identity, read_training(wait_until_open()), any_contract=any_contract)
    except BaseException:
        worker.close()
        raise
    return LocalBackend(worker, identity, training)


def _identify(path: Path, spec: ModelSpec | None, worn: Adapter | None) -> ModelIdentity:
    bare = identify(path, spec)
    return identify_adapted(bare, worn) if worn else bare
