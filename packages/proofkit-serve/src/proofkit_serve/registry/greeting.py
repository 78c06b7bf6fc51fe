"""Decides, before a model is opened, whether it may be asked and with which mark."""

from pathlib import Path
from typing import Literal

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_core.generation import PromptKind
from proofkit_prompts import Contract
from proofkit_serve.backends.handshake import Greeting, Training, greet_large, greet_trained, read_training
from proofkit_serve.registry.card import CardBackend, require_card
from proofkit_serve.registry.spec import BackendName, ModelSpec

__all__ = ["greet"]


def greet(spec: ModelSpec, contract: Contract, card: CardBackend | None = None) -> Greeting:
    """Return how a model may be asked. Files are looked at, servers are not.

    Args:
        spec: What the file of models says.
        contract: The frozen prompts of this program.
        card: The model that the Space's `app.py` opened, for the backend `zero_gpu`.

    Raises:
        ModelUnavailableError: It may not be asked, or its file cannot be read.
    """
    if spec.prompts is PromptKind.EDITABLE:
        return greet_large(spec.model, parameters_b=spec.parameters_b, allow_unknown=spec.allow_unknown)
    # What comes along needs no permission; before it is tuned, its answers are marked like any other's.
    own = spec.backend is BackendName.LLAMA_CPP and spec.weights is None
    training = _stamped(spec, contract) if spec.contract else _read(spec, card)
    greeting = greet_trained(
        training, contract, name=spec.shown_name, allow_unknown=spec.allow_unknown or (own and training is None)
    )
    if greeting.mark or spec.backend.is_in_process or spec.artifact_digest or spec.weights:
        return greeting
    told = f"nothing says which weights the server of {spec.shown_name} holds"
    if spec.allow_unknown:
        return Greeting(mark=told)
    raise ModelUnavailableError(
        f"{told[:1].upper()}{told[1:]}. Expected the SHA-256 of their file as 'artifact_digest' beside 'contract'. "
        f"Copy both from the model's card, or set 'allow_unknown' to true, which marks every answer.",
        kind=FailureKind.REFUSED,
    )


def _stamped(spec: ModelSpec, contract: Contract) -> Training | None:
    stamp = spec.contract
    if stamp is None:
        return None
    tasks = stamp.tasks
    if not tasks and stamp.digest == contract.digest:
        tasks = {task: contract.task_digest(task) for task in contract.tasks}
    return Training(contract_version=stamp.version, contract_digest=stamp.digest, task_digests=tasks)


def _read(spec: ModelSpec, card: CardBackend | None) -> Training | None:
    """Return what the files of a model say; a server shows none, but there may be a copy."""
    if spec.backend is BackendName.ZERO_GPU:
        return require_card(spec, card).training
    if spec.backend is BackendName.LLAMA_CPP:
        return _read_gguf(spec)
    if spec.weights is None:
        return None
    if spec.backend is BackendName.TRANSFORMERS or spec.weights.is_dir():
        return _read_folder(spec, spec.weights)
    return _read_gguf(spec)


def _read_gguf(spec: ModelSpec) -> Training | None:
    from proofkit_serve.backends.merging import own_keys  # noqa: PLC0415 - brings NumPy
    from proofkit_serve.backends.weights import resolve_adapter, resolve_weights  # noqa: PLC0415 - the same

    path, known = resolve_weights(spec.weights)
    adapter = resolve_adapter(named_adapter(spec), known)
    if adapter is not None:
        return read_training(own_keys(adapter.path))
    return None if known else read_training(own_keys(path))


def _read_folder(spec: ModelSpec, folder: Path) -> Training | None:
    from proofkit_serve.backends.torch_model.folder import folder_keys, require_folder  # noqa: PLC0415 - the same

    adapter = named_folder(spec)
    require_folder(folder, adapter)
    return read_training(folder_keys(folder, adapter))


def named_folder(spec: ModelSpec) -> Path | None:
    """Return the adapter's folder for Transformers; nothing comes along there."""
    return None if spec.adapter in {"embedded", "none"} else Path(spec.adapter)


def named_adapter(spec: ModelSpec) -> Path | Literal["embedded"] | None:
    """Return the adapter that a spec names, as the backend takes it."""
    if spec.adapter == "none":
        return None
    return "embedded" if spec.adapter == "embedded" else Path(spec.adapter)
