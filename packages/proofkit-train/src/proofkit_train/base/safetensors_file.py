"""Reads weights from a safetensors file as plain numbers, one tensor at a time and without PyTorch."""

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["SafeTensor", "raw_bytes", "read_safetensor", "read_safetensors"]

_PREFIX = 8
_SIZES = {"F32": 4, "F16": 2, "BF16": 2}


class SafeTensor(NamedTuple):
    """One tensor and its place."""

    path: Path
    name: str
    type: str
    shape: tuple[int, ...]
    offset: int
    """First byte in the file."""


def read_safetensors(path: Path) -> Mapping[str, SafeTensor]:
    """Return the tensors of a safetensors file by name.

    Raises:
        ModelFileError: There is no such file, or it is damaged or holds another kind of numbers.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(_PREFIX))[0]
            if length > size - _PREFIX:
                _refuse(path, f"its header claims {length} bytes of {size}")
            header: Any = json.loads(file.read(length))
    except OSError as error:
        raise ModelFileError(
            f"No weights could be read at {str(path)!r}: {error.strerror}. Expected a safetensors file. Check the path."
        ) from error
    except (struct.error, ValueError):
        _refuse(path, "its header is no JSON")
    if not isinstance(header, dict):
        _refuse(path, "its header is no object")
    entries = cast("dict[str, Any]", header)
    start = _PREFIX + length
    return {name: _tensor(path, name, entries[name], start, size) for name in entries if name != "__metadata__"}


def read_safetensor(tensor: SafeTensor) -> "NDArray[float32]":
    """Return the numbers of one tensor."""
    import numpy as np

    count = math.prod(tensor.shape)
    if tensor.type == "BF16":
        raw = np.fromfile(tensor.path, dtype="<u2", count=count, offset=tensor.offset)
        # A bfloat16 is the upper half of a float32.
        return (raw.astype(np.uint32) << 16).view(np.float32).reshape(tensor.shape)
    kind = "<f4" if tensor.type == "F32" else "<f2"
    return np.fromfile(tensor.path, dtype=kind, count=count, offset=tensor.offset).astype("f4").reshape(tensor.shape)


def raw_bytes(tensor: SafeTensor) -> bytes:
    """Return the bytes of one tensor as they lie in the file."""
    with tensor.path.open("rb") as file:
        file.seek(tensor.offset)
        return file.read(math.prod(tensor.shape) * _SIZES[tensor.type])


def _tensor(path: Path, name: str, entry: Any, start: int, size: int) -> SafeTensor:  # noqa: ANN401 - parsed JSON
    try:
        kind, shape = str(entry["dtype"]), tuple(int(length) for length in entry["shape"])
        first, last = (int(place) for place in entry["data_offsets"])
    except (KeyError, TypeError, ValueError):
        _refuse(path, f"the entry of its tensor {name!r} is incomplete")
    if kind not in _SIZES:
        raise ModelFileError(
            f"The tensor {name!r} of {str(path)!r} is stored as {kind}. Expected one of {', '.join(_SIZES)}. "
            f"Save the model in one of these."
        )
    if last - first != math.prod(shape) * _SIZES[kind] or start + last > size:
        _refuse(path, f"its tensor {name!r} does not lie within it")
    return SafeTensor(path, name, kind, shape, start + first)


def _refuse(path: Path, reason: str) -> NoReturn:
    raise ModelFileError(
        f"The safetensors file {str(path)!r} is damaged or cut off: {reason}. Expected a whole file. "
        f"Train or download it again."
    )
