"""Turns a LoRA adapter into a GGUF file that llama.cpp loads beside the base model."""

from pathlib import Path
from typing import TYPE_CHECKING

from proofkit_train.artifact.adapter import Adapter, Pair
from proofkit_train.artifact.gguf_writing import OutTensor, OutType, write_gguf
from proofkit_train.artifact.provenance import Provenance
from proofkit_train.artifact.weights import BaseWeights, llama_rows
from proofkit_train.base.gguf_file import STRING, Entry
from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["check_fit", "write_adapter"]

_UINT32, _FLOAT32 = 4, 6
_BLOCK = 32
"""Weights that Q8_0 packs together; a row must hold a multiple of it."""
_FILE_TYPES = {"F32": 0, "F16": 1, "Q8_0": 7}


def write_adapter(
    path: Path, adapter: Adapter, base: BaseWeights, provenance: Provenance, *, name: str, kind: OutType = "F16"
) -> None:
    """Write an adapter as GGUF.

    Args:
        path: The file.
        adapter: The adapter.
        base: The model it was trained on, which tells the order of its rows.
        provenance: What it was made from.
        name: Its name for people.
        kind: How the factors are stored. Q8_0 halves F16; factors whose rank is no multiple of 32 stay F16.

    Raises:
        ModelFileError: The adapter is of another model, or the file could not be written.
    """
    check_fit(adapter, base)
    entries = {
        "general.type": Entry("adapter", STRING, None),
        "general.name": Entry(name, STRING, None),
        "general.file_type": Entry(_FILE_TYPES[kind], _UINT32, None),
        "adapter.type": Entry("lora", STRING, None),
        "adapter.lora.alpha": Entry(float(adapter.alpha), _FLOAT32, None),
    }
    tensors: list[OutTensor] = []
    for target, pair in adapter.pairs.items():
        for end, rows in (("lora_a", pair.down), ("lora_b", _upper(pair, target, base))):
            stored: OutType = "F16" if kind == "Q8_0" and rows.shape[-1] % _BLOCK else kind
            tensors.append(OutTensor(f"{target}.{end}", rows.shape, stored, lambda rows=rows: rows))
    write_gguf(path, base.family.name, entries | provenance.entries(), tensors)


def check_fit(adapter: Adapter, base: BaseWeights) -> None:
    """Refuse an adapter that was not trained on a model of this shape.

    Raises:
        ModelFileError: A layer is missing from the base or has another shape there.
    """
    for name, pair in adapter.pairs.items():
        shape = base.weights[name].shape if name in base.weights else None
        if shape != (pair.up.shape[0], pair.down.shape[1]):
            raise ModelFileError(
                f"The adapter in {str(adapter.folder)!r} changes {name!r} of the shape "
                f"{(pair.up.shape[0], pair.down.shape[1])}; this base has {shape or 'no such weight'}. Expected the "
                f"base that it was trained on. Name that one with --base."
            )


def _upper(pair: Pair, name: str, base: BaseWeights) -> "NDArray[float32]":
    return llama_rows(pair.up, name, base)
