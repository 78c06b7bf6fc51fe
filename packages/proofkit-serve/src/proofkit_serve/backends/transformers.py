"""Drafting with Transformers inside this process, on the CPU or on a graphics card of its own. Needs the extra.

    with open_transformers(Path("student")) as backend:
        completion = backend.generate(GenerationRequest(prompt=prompt))

Prompts of the frozen contract only, in its own rendering: no chat template of the model's is used.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from proofkit_prompts import Contract, load_contract
from proofkit_serve.backends.decoding.cores import available_cores
from proofkit_serve.backends.handshake import Training, read_training, require_known
from proofkit_serve.backends.local import LocalBackend, shake_hands
from proofkit_serve.backends.torch_model.device import choose_device
from proofkit_serve.backends.torch_model.folder import folder_keys, identify_folder, require_folder
from proofkit_serve.backends.torch_model.loading import (
    contract_stops,
    import_torch,
    load_folder,
    resolve_source,
)

if TYPE_CHECKING:
    from proofkit_serve.backends.torch_model.engine import TorchEngine

__all__ = ["open_transformers"]

DEFAULT_PREFIX_MB = 128
DEFAULT_MAX_WAITING = 16
DEFAULT_MAX_WAITING_EACH = 8


def open_transformers(  # noqa: PLR0913 - each is a choice of its own, and has to be named
    source: Path | str,
    *,
    adapter: Path | None = None,
    revision: str | None = None,
    any_contract: bool = False,
    context_tokens: int = 4096,
    device: str = "auto",
    threads: int | None = None,
    prefix_mb: int = DEFAULT_PREFIX_MB,
    max_waiting: int = DEFAULT_MAX_WAITING,
    max_waiting_each: int = DEFAULT_MAX_WAITING_EACH,
    environ: Mapping[str, str] = os.environ,
) -> LocalBackend:
    """Load a model.

    Args:
        source: A folder with a model as Transformers saves it, weights as safetensors; or an id at the Hugging Face
            hub, from which it is downloaded once.
        adapter: The folder of a LoRA adapter, as `proofkit-train sft` writes it; it is merged while loading.
        revision: Which revision of the hub's model, where `source` is an id.
        any_contract: Ask the model even where it was trained on another contract; its name then says so.
        context_tokens: Most tokens of a prompt and its completion together.
        device: `auto`, or a name that torch knows, such as `cpu` or `cuda:1`.
        threads: Threads that torch uses in this whole process; without it, one for each core it may use.
        prefix_mb: Memory for the prompts of other sessions, so that coming back to one is quick.
        max_waiting: Calls that may wait; the next one is refused.
        max_waiting_each: Calls of one requester that may wait.
        environ: The environment, which tells whether this is a ZeroGPU Space.

    Returns:
        The open model, to be used in a `with` statement or closed by hand.

    Raises:
        ModelUnavailableError: The extra is not installed, a file is missing or damaged, or the model was trained on
            another contract.
    """
    # NumPy comes with the parts below, and importing this module must stay light.
    from proofkit_serve.backends.decoding.worker import start_worker  # noqa: PLC0415

    torch = import_torch()
    chosen = choose_device(torch, device, environ)
    folder, name = resolve_source(source, revision)
    require_folder(folder, adapter)
    contract = load_contract()
    training = _read_training(folder, adapter, None if any_contract else contract)
    torch.set_num_threads(threads or available_cores())
    worker, wait_until_open = start_worker(
        partial(_open_engine, folder, adapter, contract, chosen, context_tokens),
        name="proofkit-transformers",
        prefix_bytes=prefix_mb * 1024 * 1024,
        max_waiting=max_waiting,
        max_waiting_each=max_waiting_each,
    )
    try:
        identity = identify_folder(folder, adapter, name=name)  # hashes the files while the worker loads them
        wait_until_open()
        identity, training = shake_hands(identity, training, any_contract=any_contract)
    except BaseException:
        worker.close()
        raise
    return LocalBackend(worker, identity, training)


def _read_training(folder: Path, adapter: Path | None, contract: Contract | None) -> Training | None:
    """Return what a model was trained on; where that matters, a strange one is refused before a load of minutes."""
    training = read_training(folder_keys(folder, adapter))
    if contract:
        require_known(training, contract)
    return training


def _open_engine(
    folder: Path, adapter: Path | None, contract: Contract, device: str, context_tokens: int
) -> "TorchEngine":
    from proofkit_serve.backends.torch_model.engine import TorchEngine  # noqa: PLC0415 - it brings NumPy

    loaded = load_folder(folder, adapter=adapter, stops=contract_stops(contract), device=device)
    return TorchEngine(loaded, context_tokens=context_tokens, metadata=folder_keys(folder, adapter))
