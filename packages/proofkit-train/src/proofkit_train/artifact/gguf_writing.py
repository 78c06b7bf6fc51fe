"""Writes GGUF files, tensor by tensor, so that a model need not fit into memory twice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from proofkit_train.artifact.output import written
from proofkit_train.base.gguf_file import Entry, read_gguf

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["OutTensor", "OutType", "write_gguf"]

OutType = Literal["F32", "F16", "Q8_0"]


class OutTensor(NamedTuple):
    """A tensor to write."""

    name: str
    shape: tuple[int, ...]
    """Rows first."""
    type: OutType
    read: "Callable[[], NDArray[float32]]"


def write_gguf(path: Path, architecture: str, entries: Mapping[str, Entry], tensors: Sequence[OutTensor]) -> None:
    """Write a GGUF file.

    Args:
        path: Its final name, which it gets once it is whole.
        architecture: The model's family.
        entries: The metadata beside `general.architecture`.
        tensors: The tensors, in the order in which they are stored.

    Raises:
        ModelFileError: The file could not be written; nothing is left.
    """
    from gguf import GGUFValueType, GGUFWriter  # noqa: PLC0415 - brings NumPy

    with written(path) as half:
        writer = GGUFWriter(half, architecture)
        try:
            for key, entry in sorted(entries.items()):
                # An empty array has no place in the format; whoever looks for it finds none either way.
                if key != "general.architecture" and entry.value != []:
                    item = None if entry.item_type is None else GGUFValueType(entry.item_type)
                    writer.add_key_value(key, entry.value, GGUFValueType(entry.type), item)
            _write(writer, tensors)
        finally:
            for file in writer.fout or []:
                file.close()
        read_gguf(half)  # a file that cannot be read back never gets its name


def _write(writer: "GGUFWriter", tensors: Sequence[OutTensor]) -> None:
    import numpy as np
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quantize  # noqa: PLC0415

    for tensor in tensors:
        kind = GGMLQuantizationType[tensor.type]
        block, block_bytes = GGML_QUANT_SIZES[kind]
        size = int(np.prod(tensor.shape)) // block * block_bytes
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), size, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    file = (writer.fout or [])[0]
    writer.write_padding(file, file.tell())
    for tensor in tensors:
        packed = quantize(np.ascontiguousarray(tensor.read(), dtype=np.float32), GGMLQuantizationType[tensor.type])
        # Not with the writer's own method: NumPy's `tofile`, which it uses, can lose the end of an array on a full disk
        # without a word.
        file.write(packed.tobytes())
        writer.write_padding(file, packed.nbytes)
