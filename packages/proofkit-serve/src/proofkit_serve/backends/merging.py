"""Adds a LoRA adapter's change to the weights it was trained on, and stores the sum as a model of its own.

Put on at load, an adapter costs two more products a matrix at every token, about a third of the speed. Merged, it costs
nothing. The sum is stored as Q8_0: rounded back to the four bits of the base, most of the change would be lost.
"""

import math
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from proofkit_core.errors import ModelUnavailableError
from proofkit_serve.backends.gguf_file import (
    GgufFile,
    Tensor,
    encode_header,
    open_gguf,
    padded,
    text_value,
    uint32_value,
)

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["MERGING", "Ingredients", "merged_model", "own_keys"]

MERGING = "1 q8_0"
"""Version of what is written here, and how it is stored: another one makes every cached merge stale."""
_OWN = "proofkit."
_ALPHA, _KIND, _FAMILY = "adapter.lora.alpha", "adapter.type", "general.architecture"
_ENDS = (".lora_a", ".lora_b")
_MATRIX = 2
"""Dimensions of a matrix."""
_EMBEDDING = "token_embd.weight"
_MOSTLY_Q8_0 = 7
"""What `general.file_type` says of such a model."""
_QUANTIZATION_VERSION = 2
_ONE_THREAD = 2**18
"""Most multiplications at a time: above it, NumPy's library takes several threads, and where other programs hold the
cores, these wait for each other so long that a merge takes three times as long."""


class Ingredients(NamedTuple):
    """What is merged."""

    base: Path
    base_digest: str
    """SHA-256, as `base` was found to have."""
    adapter: Path
    adapter_digest: str


class _Pair(NamedTuple):
    """The two factors of one matrix's change."""

    down: Tensor
    up: Tensor


def merged_model(given: Ingredients) -> Generator[bytes]:
    """Yield the bytes of a GGUF file, tensor by tensor, so that memory for one of them is enough.

    Matrices that the adapter changes become Q8_0, or F16 where a row is no multiple of 32. All else, metadata included,
    is the base's, byte for byte; only what the base says under `proofkit.` gives way to what the adapter says there.

    Raises:
        ModelUnavailableError: A file is damaged, the adapter is not for this base, or it is of a kind that cannot be
            merged here.
    """
    with open_gguf(given.base) as base, open_gguf(given.adapter) as adapter:
        pairs = _read_pairs(adapter, base)
        tensors = [_planned(tensor) if tensor.name in pairs else tensor for tensor in base.tensors]
        yield encode_header(_entries(given, base, adapter, tensors), tensors, base.alignment)
        for before, after in zip(base.tensors, tensors, strict=True):
            pair = pairs.get(before.name)
            data = base.bytes_of(before) if pair is None else _changed(base, before, adapter, pair, after.type)
            yield data.ljust(padded(len(data), base.alignment), b"\0")


def own_keys(path: Path) -> dict[str, str]:
    """Return what a GGUF file says under `proofkit.`.

    Raises:
        ModelUnavailableError: It cannot be read.
    """
    with open_gguf(path) as file:
        return {key: file.text(key) for key in file.entries if key.startswith(_OWN)}


def _read_pairs(adapter: GgufFile, base: GgufFile) -> dict[str, _Pair]:
    said = tuple(adapter.text(key) for key in ("general.type", _KIND, _FAMILY))
    if said != ("adapter", "lora", base.text(_FAMILY)):
        raise _misfit(adapter, base, f"says that it is {said}, not {('adapter', 'lora', base.text(_FAMILY))}")
    factors = {tensor.name: tensor for tensor in adapter.tensors}
    weights = {tensor.name: tensor for tensor in base.tensors}
    names = sorted({name.rpartition(".")[0] for name in factors})
    if not names or set(factors) != {name + end for name in names for end in _ENDS}:
        raise _misfit(adapter, base, f"has {len(factors)} tensors, not two for each of {len(names)} matrices")
    pairs = {name: _Pair(*(factors[name + end] for end in _ENDS)) for name in names}
    for name, pair in pairs.items():
        shape = weights[name].shape if name in weights else ()
        rank = pair.down.shape[0]
        if (pair.down.shape, pair.up.shape) != ((rank, *shape[1:]), (*shape[:1], rank)) or len(shape) != _MATRIX:
            found = f"{pair.up.shape} by {pair.down.shape}"
            raise _misfit(adapter, base, f"changes {name!r} by {found}; the weight there has the shape {shape}")
    other = [key for key in adapter.entries if key.startswith("adapter.") and key not in {_KIND, _ALPHA}]
    if other or _EMBEDDING in pairs:  # llama.cpp knows more kinds of adapters than are merged here
        raise _unmergeable(adapter, f"it changes {_EMBEDDING!r}" if _EMBEDDING in pairs else f"it has {other}")
    return pairs


def _planned(tensor: Tensor) -> Tensor:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType  # noqa: PLC0415 - brings NumPy

    block, _ = GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0]
    kind = GGMLQuantizationType.F16 if tensor.shape[-1] % block else GGMLQuantizationType.Q8_0
    block, block_bytes = GGML_QUANT_SIZES[kind]
    return tensor._replace(type=kind.value, size=math.prod(tensor.shape) // block * block_bytes)


def _entries(given: Ingredients, base: GgufFile, adapter: GgufFile, tensors: Sequence[Tensor]) -> dict[str, bytes]:
    from gguf import GGMLQuantizationType  # noqa: PLC0415 - brings NumPy

    kept = {key: value for key, value in base.entries.items() if not key.startswith(_OWN)}
    packed = sum(tensor.type == GGMLQuantizationType.Q8_0 for tensor in tensors)
    if packed * 2 > sum(len(tensor.shape) == _MATRIX for tensor in tensors):
        kept["general.file_type"] = uint32_value(_MOSTLY_Q8_0)
    return (
        kept
        | {"general.quantization_version": uint32_value(_QUANTIZATION_VERSION)}
        | {key: value for key, value in adapter.entries.items() if key.startswith(_OWN)}
        | {
            f"{_OWN}merged.base": text_value(given.base_digest),
            f"{_OWN}merged.adapter": text_value(given.adapter_digest),
        }
    )


def _changed(base: GgufFile, weight: Tensor, adapter: GgufFile, pair: _Pair, kind: int) -> bytes:
    """Return a matrix with the adapter's change added, as it is stored."""
    import numpy as np
    from gguf import GGMLQuantizationType, quantize  # noqa: PLC0415 - brings NumPy

    rank, alpha = pair.down.shape[0], adapter.number(_ALPHA, 0.0)
    scale = np.float32(alpha / rank if alpha else 1.0)  # an adapter that names no alpha is used as it is
    up, down = _numbers(adapter, pair.up), _numbers(adapter, pair.down) * scale
    weights = _numbers(base, weight).copy()
    rows = max(1, _ONE_THREAD // down.size)
    for start in range(0, len(up), rows):
        weights[start : start + rows] += up[start : start + rows] @ down
    return quantize(weights, GGMLQuantizationType(kind)).tobytes()


def _numbers(file: GgufFile, tensor: Tensor) -> "NDArray[float32]":
    import numpy as np
    from gguf import GGMLQuantizationType, dequantize  # noqa: PLC0415 - brings NumPy

    rows = np.frombuffer(file.bytes_of(tensor), dtype=np.uint8).reshape(tensor.shape[0], -1)
    kind = GGMLQuantizationType(tensor.type)
    try:
        return dequantize(rows, kind).astype(np.float32, copy=False).reshape(tensor.shape)
    except NotImplementedError as error:
        raise _unmergeable(file, f"{tensor.name!r} is stored as {kind.name}") from error


def _misfit(adapter: GgufFile, base: GgufFile, found: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"ProofKit refused the adapter at {str(adapter.path)!r} for the weights at {str(base.path)!r}: it {found}. "
        f"Expected a LoRA adapter in GGUF form, made for these very weights. Export it again with "
        f"`proofkit-train export`, or open the model without it."
    )


def _unmergeable(file: GgufFile, found: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"{str(file.path)!r} cannot be merged here: {found}. Expected what `proofkit-train export` writes, for weights "
        f'of a type that the package `gguf` reads. Open it with `serve_adapter="at load"`.'
    )
