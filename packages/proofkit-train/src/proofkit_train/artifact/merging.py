"""Adds an adapter's change to the base weights and writes the sum as a GGUF model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from proofkit_train.artifact.adapter import Adapter
from proofkit_train.artifact.adapter_file import check_fit
from proofkit_train.artifact.gguf_writing import OutTensor, OutType, write_gguf
from proofkit_train.artifact.metadata import model_entries
from proofkit_train.artifact.provenance import Provenance
from proofkit_train.artifact.weights import BaseWeights, llama_rows
from proofkit_train.base.source import BaseSource

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["change", "write_model"]


def write_model(
    path: Path,
    source: BaseSource,
    base: BaseWeights,
    adapter: Adapter | None,
    provenance: Provenance | None,
    *,
    name: str,
    kind: OutType = "F16",
) -> None:
    """Write a whole model as GGUF.

    Args:
        path: The file.
        source: The base, for the metadata.
        base: Its weights.
        adapter: What is added to them; None writes the base alone.
        provenance: What it was made from; None for the base alone.
        name: Its name for people.
        kind: How matrices are stored; norms and biases stay F32.

    Raises:
        ModelFileError: The adapter is of another model, or the file could not be written.
        BaseError: The base's tokenizer is of an unknown kind.
    """
    if adapter is not None:
        check_fit(adapter, base)
    tensors = [
        OutTensor(target, weight.shape, kind if len(weight.shape) > 1 else "F32", _reader(target, base, adapter))
        for target, weight in base.weights.items()
    ]
    entries = model_entries(source, name, kind) | (provenance.entries() if provenance else {})
    write_gguf(path, base.family.name, entries, tensors)


def change(name: str, adapter: Adapter, base: BaseWeights) -> "NDArray[float32] | None":
    """Return what an adapter adds to a weight, in llama.cpp's layout; None where it leaves it alone."""
    pair = adapter.pairs.get(name)
    if pair is None:
        return None
    return llama_rows(pair.up, name, base) @ pair.down * adapter.scale


def _reader(name: str, base: BaseWeights, adapter: Adapter | None) -> "Callable[[], NDArray[float32]]":
    def read() -> "NDArray[float32]":
        weights = base.weights[name].read()
        added = change(name, adapter, base) if adapter else None
        return weights if added is None else weights + added

    return read
