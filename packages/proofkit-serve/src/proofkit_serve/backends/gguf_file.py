"""The header of a GGUF file, read and written with its values as raw bytes.

The package `gguf` makes objects of each token of a vocabulary, which takes it seconds; here they are stepped over, and
copied as they stand. Types and sizes of tensors are that package's.
"""

import math
import mmap
import struct
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from proofkit_core.errors import ModelUnavailableError

__all__ = ["GgufFile", "Tensor", "encode_header", "open_gguf", "padded", "text_value", "uint32_value"]

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_UINT32, _STRING, _ARRAY = 4, 8, 9
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_DEFAULT_ALIGNMENT = 32


class Tensor(NamedTuple):
    """One tensor: its name, type and place."""

    name: str
    shape: tuple[int, ...]
    """Rows first, as in NumPy; the file stores them the other way round."""
    type: int
    """The number that GGUF has for it."""
    offset: int
    """First byte in the file."""
    size: int
    """Bytes in the file."""


class GgufFile(NamedTuple):
    """An open GGUF file."""

    path: Path
    data: mmap.mmap
    entries: Mapping[str, bytes]
    """The metadata: for each key the number of its type and the value, as they stand in the file."""
    tensors: tuple[Tensor, ...]
    alignment: int

    def text(self, key: str) -> str:
        """Return a text of the metadata; empty where there is none."""
        raw = self.entries.get(key, b"")
        return raw[12:].decode("utf-8", "replace") if raw[:4] == struct.pack("<I", _STRING) else ""

    def number(self, key: str, default: float) -> float:
        """Return a number of the metadata, or a default where there is none."""
        raw = self.entries.get(key, b"")
        shape = _FORMATS.get(int.from_bytes(raw[:4], "little")) if raw else None
        return struct.unpack_from(f"<{shape}", raw, 4)[0] if shape else default

    def bytes_of(self, tensor: Tensor) -> bytes:
        """Return a tensor as it is stored."""
        return self.data[tensor.offset : tensor.offset + tensor.size]


@contextmanager
def open_gguf(path: Path) -> Generator[GgufFile]:
    """Open a GGUF file and read its header.

    Raises:
        ModelUnavailableError: It cannot be read, or is no whole GGUF file.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise ModelUnavailableError(
            f"{str(path)!r} could not be read: {error}. Expected a GGUF file. Check the path and its permissions."
        ) from error
    with data:
        yield _Reader(path, data).read()


def text_value(text: str) -> bytes:
    """Return a text as the metadata holds it."""
    return struct.pack("<I", _STRING) + _string(text)


def uint32_value(number: int) -> bytes:
    """Return a whole number as the metadata holds it."""
    return struct.pack("<II", _UINT32, number)


def padded(size: int, alignment: int) -> int:
    """Return a size with what must follow it so that the next tensor starts where it may."""
    return -(-size // alignment) * alignment


def encode_header(entries: Mapping[str, bytes], tensors: Sequence[Tensor], alignment: int) -> bytes:
    """Return everything that stands before the first tensor's bytes.

    Args:
        entries: The metadata, as `GgufFile` has it.
        tensors: The tensors, in the order in which their bytes follow; their offsets are not looked at.
        alignment: Each tensor starts at a multiple of it.
    """
    parts = [_MAGIC, struct.pack("<IQQ", _VERSIONS[-1], len(tensors), len(entries))]
    parts += [_string(key) + value for key, value in entries.items()]
    place = 0
    for tensor in tensors:
        sizes = tensor.shape[::-1]
        parts.append(_string(tensor.name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, tensor.type, place))
        place += padded(tensor.size, alignment)
    header = b"".join(parts)
    return header.ljust(padded(len(header), alignment), b"\0")


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


class _Reader:
    """Walks through a header once."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self._path, self._data, self._place = path, data, 0

    def read(self) -> GgufFile:
        try:
            return self._header()
        except (struct.error, ValueError, LookupError, OverflowError) as error:
            self._refuse(f"its header breaks off or makes no sense at byte {self._place} ({error})")

    def _header(self) -> GgufFile:
        self._skip(len(_MAGIC))
        version, tensors, keys = self._take("IQQ")
        if self._data[: len(_MAGIC)] != _MAGIC or version not in _VERSIONS:
            self._refuse(f"it is no GGUF file, or of version {version}, which is none of {_VERSIONS}")
        entries: dict[str, bytes] = {}
        for _ in range(keys):
            key = self._text()
            start = self._place
            self._step_over(self._take("I")[0])
            entries[key] = self._data[start : self._place]
        infos = [self._info() for _ in range(tensors)]
        file = GgufFile(self._path, self._data, entries, (), _DEFAULT_ALIGNMENT)
        alignment = int(file.number("general.alignment", _DEFAULT_ALIGNMENT))
        if alignment <= 0:
            self._refuse(f"its alignment is {alignment}")
        start = padded(self._place, alignment)
        return file._replace(tensors=tuple(self._placed(info, start) for info in infos), alignment=alignment)

    def _step_over(self, kind: int) -> None:
        if kind == _STRING:
            self._skip(self._take("Q")[0])
        elif kind == _ARRAY:
            item, count = self._take("IQ")
            if item == _STRING:
                for _ in range(count):
                    self._skip(self._take("Q")[0])
            else:
                self._skip(count * struct.calcsize(_FORMATS[item]))
        else:
            self._skip(struct.calcsize(_FORMATS[kind]))

    def _info(self) -> Tensor:
        name = self._text()
        (dimensions,) = self._take("I")
        sizes = self._take(f"{dimensions}Q")
        kind, offset = self._take("IQ")
        return Tensor(name, sizes[::-1], kind, offset, 0)

    def _placed(self, info: Tensor, start: int) -> Tensor:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType  # noqa: PLC0415 - brings NumPy

        if info.type not in {kind.value for kind in GGMLQuantizationType}:
            self._refuse(f"its tensor {info.name!r} has the unknown type {info.type}")
        block, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType(info.type)]
        size = math.prod(info.shape) // block * block_bytes
        if info.shape[-1] % block or size <= 0 or start + info.offset + size > len(self._data):
            self._refuse(f"its tensor {info.name!r} of the shape {info.shape} is not wholly there")
        return info._replace(offset=start + info.offset, size=size)

    def _text(self) -> str:
        start = self._place + 8
        self._skip(self._take("Q")[0])
        return self._data[start : self._place].decode()

    def _skip(self, size: int) -> None:
        if size > len(self._data) - self._place:
            self._refuse(f"it ends at byte {len(self._data)}, within its header")
        self._place += size

    def _take(self, shape: str) -> tuple[int, ...]:
        found = struct.unpack_from(f"<{shape}", self._data, self._place)
        self._place += struct.calcsize(f"<{shape}")
        return found

    def _refuse(self, reason: str) -> NoReturn:
        raise ModelUnavailableError(
            f"The GGUF file {str(self._path)!r} is damaged or cut off: {reason}. Expected a whole file. "
            f"Download or convert it again."
        )
