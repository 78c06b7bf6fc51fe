"""Reads what a GGUF file says about itself, and its tensors, with a clear error for each kind of damage.

The header is read here and not with the package `gguf`, which needs seconds for the vocabulary alone and meets a
damaged file with whatever exception comes first. The tensors' types and sizes are that package's.
"""

import math
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["ARRAY", "STRING", "Entry", "GgufFile", "Scalar", "Tensor", "Value", "read_gguf", "read_tensor"]

Scalar = str | int | float | bool
Value = Scalar | list[str] | list[int] | list[float] | list[bool]

STRING, ARRAY = 8, 9
"""Numbers of the two value types that have a length."""

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_MOST_ENTRIES = 1_000_000
"""More tensors or keys than any model has: a count above it is damage."""
_MOST_DIMENSIONS = 4
_ALIGNMENT = 32


class Entry(NamedTuple):
    """One value of the metadata, with the type it is stored as."""

    value: Value
    type: int
    item_type: int | None
    """Of an array."""


class Tensor(NamedTuple):
    """One tensor: its name, type and place."""

    name: str
    shape: tuple[int, ...]
    """Rows first, as in NumPy and PyTorch; the file stores them the other way round."""
    type: str
    """Such as `F32` or `Q4_1`."""
    offset: int
    """First byte in the file."""
    size: int
    """Bytes in the file."""

    @property
    def weights(self) -> int:
        """Return the number of weights."""
        return math.prod(self.shape)


class GgufFile(NamedTuple):
    """What a GGUF file says about itself."""

    path: Path
    entries: Mapping[str, Entry]
    tensors: tuple[Tensor, ...]

    def text(self, key: str, default: str = "") -> str:
        """Return a text of the metadata, or a default where there is none."""
        value = self.entries[key].value if key in self.entries else default
        return value if isinstance(value, str) else default

    def number(self, key: str) -> int | float:
        """Return a number of the metadata.

        Raises:
            ModelFileError: There is no such key, or it holds no number.
        """
        value = self.entries[key].value if key in self.entries else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ModelFileError(
                f"The GGUF file {str(self.path)!r} has {value!r} under {key!r}. Expected a number. "
                f"Convert or download the model again."
            )
        return value

    def items(self, key: str) -> list[Scalar]:
        """Return an array of the metadata; empty where there is none."""
        value = self.entries[key].value if key in self.entries else []
        return cast("list[Scalar]", value) if isinstance(value, list) else []


def read_gguf(path: Path) -> GgufFile:
    """Read the header of a GGUF file.

    Args:
        path: The file.

    Raises:
        ModelFileError: There is no such file, or it is no GGUF file, cut off or damaged.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size < len(_MAGIC) or file.read(len(_MAGIC)) != _MAGIC:
                raise ModelFileError(
                    f"The file {str(path)!r} ({size} bytes) is no GGUF file. Expected one that starts with {_MAGIC!r}. "
                    f"Name a GGUF file, or a folder with config.json."
                )
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(path, data).read()
    except OSError as error:
        raise ModelFileError(
            f"No model could be read at {str(path)!r}: {error.strerror}. Expected a GGUF file. Check the path."
        ) from error


def read_tensor(file: GgufFile, tensor: Tensor) -> "NDArray[float32]":
    """Return one tensor, dequantised.

    Args:
        file: The file it is in.
        tensor: One of its tensors.

    Raises:
        ModelFileError: Its type cannot be dequantised here.
    """
    import numpy as np
    from gguf import GGMLQuantizationType, dequantize  # noqa: PLC0415

    raw = np.fromfile(file.path, dtype=np.uint8, count=tensor.size, offset=tensor.offset)
    kind = GGMLQuantizationType[tensor.type]
    rows = raw.reshape(*tensor.shape[:-1], -1)
    if kind in {GGMLQuantizationType.F32, GGMLQuantizationType.F16}:
        rows = rows.view(np.float32 if kind is GGMLQuantizationType.F32 else np.float16)
    try:
        weights = dequantize(rows, kind)
    except NotImplementedError as error:
        raise ModelFileError(
            f"The tensor {tensor.name!r} of {str(file.path)!r} is stored as {tensor.type}, which cannot be turned back "
            f"into plain numbers here. Use a file with F16, Q8_0 or Q4_1 weights."
        ) from error
    return weights.astype(np.float32, copy=False).reshape(tensor.shape)


class _Reader:
    """Walks through a header once."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self._path, self._data, self._place = path, data, len(_MAGIC)

    def read(self) -> GgufFile:
        version = self._number("I")
        if version not in _VERSIONS:
            self._refuse(f"its version is {version}, which is none of {_VERSIONS}")
        tensors, keys = self._count("Q"), self._count("Q")
        entries: dict[str, Entry] = {}
        for _ in range(keys):
            name = self._text()
            entries[name] = self._entry(self._number("I"))
        infos = [self._info() for _ in range(tensors)]
        found = entries.get("general.alignment")
        alignment = found.value if found and isinstance(found.value, int) and found.value > 0 else _ALIGNMENT
        start = -(-self._place // alignment) * alignment
        return GgufFile(self._path, entries, tuple(self._placed(info, start) for info in infos))

    def _entry(self, kind: int) -> Entry:
        if kind == STRING:
            return Entry(self._text(), kind, None)
        if kind != ARRAY:
            return Entry(self._number(self._format(kind)), kind, None)
        item = self._number("I")
        count = self._number("Q")
        if item == STRING:
            return Entry([self._text() for _ in range(self._fit(count, 8))], kind, item)
        shape = self._format(item)
        size = struct.calcsize(f"<{shape}")
        return Entry(list(self._take(f"{self._fit(count, size)}{shape}")), kind, item)

    def _info(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._text()
        dimensions = self._number("I")
        if not 0 < dimensions <= _MOST_DIMENSIONS:
            self._refuse(f"its tensor {name!r} has {dimensions} dimensions")
        shape = tuple(self._take(f"{dimensions}Q"))
        return name, shape[::-1], self._number("I"), self._number("Q")

    def _placed(self, info: tuple[str, tuple[int, ...], int, int], start: int) -> Tensor:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType  # noqa: PLC0415 - brings NumPy

        name, shape, number, offset = info
        if number not in {kind.value for kind in GGMLQuantizationType}:
            self._refuse(f"its tensor {name!r} has the unknown type {number}")
        kind = GGMLQuantizationType(number)
        block, block_bytes = GGML_QUANT_SIZES[kind]
        count = math.prod(shape)
        if count <= 0 or shape[-1] % block:
            self._refuse(f"its tensor {name!r} has the shape {shape}, which {kind.name} cannot store")
        size = count // block * block_bytes
        if start + offset + size > len(self._data):
            self._refuse(f"its tensor {name!r} ends {start + offset + size - len(self._data)} bytes after the file")
        return Tensor(name, shape, kind.name, start + offset, size)

    def _format(self, kind: int) -> str:
        if kind not in _FORMATS:
            self._refuse(f"a value at byte {self._place} has the unknown type {kind}")
        return _FORMATS[kind]

    def _count(self, shape: str) -> int:
        count = self._number(shape)
        if count > _MOST_ENTRIES:
            self._refuse(f"it claims {count} entries")
        return count

    def _fit(self, count: int, size: int) -> int:
        if count * size > len(self._data) - self._place:
            self._refuse(f"an array at byte {self._place} claims {count} items, more than the file holds")
        return count

    def _number(self, shape: str) -> int:
        return self._take(shape)[0]

    def _take(self, shape: str) -> tuple[int, ...]:
        # Floats and booleans come the same way; the name of the type would only get longer.
        size = struct.calcsize(f"<{shape}")
        if self._place + size > len(self._data):
            self._refuse(f"it ends at byte {len(self._data)}, within its header")
        self._place += size
        return struct.unpack_from(f"<{shape}", self._data, self._place - size)

    def _text(self) -> str:
        size = self._fit(self._number("Q"), 1)
        self._place += size
        try:
            return self._data[self._place - size : self._place].decode()
        except UnicodeDecodeError:
            self._refuse(f"a text before byte {self._place} is no UTF-8")

    def _refuse(self, reason: str) -> NoReturn:
        raise ModelFileError(
            f"The GGUF file {str(self._path)!r} is damaged or cut off: {reason}. Expected a whole file. "
            f"Download or convert the model again."
        )
