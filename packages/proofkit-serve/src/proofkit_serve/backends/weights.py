"""What can be told about a weights file before llama.cpp opens it, and which one it is."""

import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import ModelIdentity
from proofkit_serve.models import (
    EMBEDDED_ADAPTER,
    EMBEDDED_MODEL,
    AdapterSpec,
    ModelSpec,
    embedded_adapter_path,
    embedded_model_path,
)

__all__ = ["Adapter", "check_gguf", "identify", "identify_adapted", "resolve_adapter", "resolve_weights"]

MAGIC = b"GGUF"
SMALLEST_HEADER = 24
"""Magic, version, number of tensors and number of metadata entries."""


def resolve_weights(model_path: Path | None) -> tuple[Path, ModelSpec | None]:
    """Return the file to open, and its spec where it is the one that ProofKit brings along."""
    if model_path is None:
        return embedded_model_path(), EMBEDDED_MODEL
    return model_path, None


class Adapter(NamedTuple):
    """A LoRA adapter to put on a model."""

    path: Path
    spec: AdapterSpec | None
    """None where a person named the file."""


def resolve_adapter(adapter: Path | Literal["embedded"] | None, model: ModelSpec | None) -> Adapter | None:
    """Return the adapter to put on a model, if any.

    Args:
        adapter: A file, `embedded`, or None for the bare model.
        model: The model's spec where it is the one that ProofKit brings along.

    Raises:
        ModelUnavailableError: The file is missing or no GGUF file.
    """
    if adapter is None or (adapter == "embedded" and model is None):
        return None
    if isinstance(adapter, Path):
        check_gguf(adapter, None)
        return Adapter(adapter, None)
    path = embedded_adapter_path()
    check_gguf(path, None)
    return Adapter(path, EMBEDDED_ADAPTER)


def identify_adapted(base: ModelIdentity, adapter: Adapter) -> ModelIdentity:
    """Return which weights a model and its adapter are together; the digest is the adapter's, the base's is told too.

    Raises:
        ModelUnavailableError: The adapter cannot be read, or is not what its spec says.
    """
    spec = adapter.spec
    digest = _digest(adapter.path)
    if spec is not None and digest != spec.sha256:
        raise ModelUnavailableError(
            f"The adapter at {str(adapter.path)!r} has the SHA-256 {digest}. Expected {spec.sha256} for {spec.name}. "
            f"Reinstall the package 'proofkit-serve'."
        )
    return ModelIdentity(
        id=spec.id if spec else f"{base.id}+{adapter.path.stem.lower()}",
        name=spec.name if spec else f"{base.name} with {adapter.path.stem}",
        artifact_digest=digest,
        base_digest=base.artifact_digest,
    )


def check_gguf(path: Path, spec: ModelSpec | None) -> None:
    """Refuse a file that cannot be the weights.

    Raises:
        ModelUnavailableError: There is no such file, or it is no GGUF file, or not of the size that is known.
    """
    expected = f"a GGUF file of {spec.size_bytes} bytes" if spec else "a GGUF file"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise ModelUnavailableError(
            f"No weights could be read at {str(path)!r}: {error.strerror}. Expected {expected}. "
            f"Check the path, or leave it out to use the model that comes with ProofKit.",
        ) from error
    if start != MAGIC or size < SMALLEST_HEADER or (spec is not None and size != spec.size_bytes):
        raise ModelUnavailableError(
            f"The file {str(path)!r} ({size} bytes, starting with {start!r}) is not the expected weights. "
            f"Expected {expected}, starting with {MAGIC!r}. Download or convert the model again.",
        )


def identify(path: Path, spec: ModelSpec | None) -> ModelIdentity:
    """Return which weights a file holds.

    Raises:
        ModelUnavailableError: The file changed while it was read, or is not what its spec says.
    """
    digest = _digest(path)
    if spec is None:
        return ModelIdentity(id=path.stem.lower(), name=path.stem, artifact_digest=digest)
    if digest != spec.sha256:
        raise ModelUnavailableError(
            f"The weights at {str(path)!r} have the SHA-256 {digest}. Expected {spec.sha256} for {spec.name}. "
            f"Reinstall the package {spec.distribution!r}.",
        )
    return ModelIdentity(id=spec.id, name=spec.name, artifact_digest=digest)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailableError(
            f"The weights at {str(path)!r} could not be read to the end: {error.strerror}. Expected a whole file. "
            f"Download or convert the model again.",
        ) from error
