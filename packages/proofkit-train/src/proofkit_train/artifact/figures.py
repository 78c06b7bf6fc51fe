"""What a GGUF file really holds, read back from it: types, bits per weight, size."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from proofkit_train.base.gguf_file import GgufFile, read_gguf
from proofkit_train.base.source import file_digest

__all__ = ["Figures", "read_figures"]

_BITS = 8


class Figures(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was read back from a GGUF file."""

    file: str
    size_bytes: int
    sha256: str
    weights: int
    bits_per_weight: float
    """All tensors together, norms and embeddings included."""
    weights_by_type: Mapping[str, int]
    tensors: Mapping[str, Mapping[str, int]]
    """By part of a layer, such as `attn_q.weight`: how many tensors of it have which type."""


def read_figures(path: Path) -> Figures:
    """Read a GGUF file back.

    Raises:
        ModelFileError: It is damaged.
    """
    file = read_gguf(path)
    count = sum(tensor.weights for tensor in file.tensors)
    by_type: Counter[str] = Counter()
    for tensor in file.tensors:
        by_type[tensor.type] += tensor.weights
    return Figures(
        file=path.name,
        size_bytes=path.stat().st_size,
        sha256=file_digest(path),
        weights=count,
        bits_per_weight=round(_BITS * sum(tensor.size for tensor in file.tensors) / max(1, count), 3),
        weights_by_type=dict(sorted(by_type.items())),
        tensors=_parts(file),
    )


def _parts(file: GgufFile) -> dict[str, dict[str, int]]:
    parts: dict[str, Counter[str]] = {}
    for tensor in file.tensors:
        part = tensor.name.split(".", 2)[2] if tensor.name.startswith("blk.") else tensor.name
        parts.setdefault(part, Counter())[tensor.type] += 1
    return {part: dict(sorted(parts[part].items())) for part in sorted(parts)}
