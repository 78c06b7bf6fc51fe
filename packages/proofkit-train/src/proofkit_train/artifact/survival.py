"""How much of what was learned survives being stored with few bits.

A change that is smaller than the steps of a quantised weight is rounded away: the file then holds the base model under
another name. For each tensor this is `‖Q(W+d) - Q(W) - d‖ / ‖d‖`: 0 where the change d arrived whole, 1 where it was
lost, and more where rounding added more than the change itself.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from proofkit_train.artifact.adapter import Adapter
from proofkit_train.artifact.merging import change
from proofkit_train.artifact.weights import BaseWeights
from proofkit_train.base.gguf_file import read_gguf, read_tensor

__all__ = ["Survival", "measure_adapter", "measure_model"]


class Survival(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was lost of the change, as a share of its size."""

    overall: float
    """Over all changed tensors together."""
    worst: float
    worst_tensor: str
    by_part: Mapping[str, float]
    """By part of a layer, over all layers together."""


def measure_model(merged: Path, plain: Path, adapter: Adapter, base: BaseWeights) -> Survival:
    """Measure a merged model.

    Args:
        merged: The model with the change, as it will be published.
        plain: The base without it, stored in the same way.
        adapter: The change.
        base: The base it belongs to.

    Raises:
        ModelFileError: A file is damaged.
    """
    with_change, without = read_gguf(merged), read_gguf(plain)
    there = {tensor.name: tensor for tensor in without.tensors}
    losses: dict[str, tuple[float, float]] = {}
    for tensor in with_change.tensors:
        added = change(tensor.name, adapter, base)
        if added is not None:
            lost = read_tensor(with_change, tensor) - read_tensor(without, there[tensor.name]) - added
            losses[tensor.name] = float((lost**2).sum()), float((added**2).sum())
    return _summed(losses)


def measure_adapter(path: Path, adapter: Adapter, base: BaseWeights) -> Survival:
    """Measure an adapter file: the change it stores against the change that was trained.

    Raises:
        ModelFileError: The file is damaged.
    """
    file = read_gguf(path)
    factors = {tensor.name: tensor for tensor in file.tensors}
    losses: dict[str, tuple[float, float]] = {}
    for name in adapter.pairs:
        added = change(name, adapter, base)
        if added is not None:
            down, up = (read_tensor(file, factors[f"{name}.{end}"]) for end in ("lora_a", "lora_b"))
            lost = up @ down * adapter.scale - added
            losses[name] = float((lost**2).sum()), float((added**2).sum())
    return _summed(losses)


def _summed(losses: Mapping[str, tuple[float, float]]) -> Survival:
    parts: dict[str, tuple[float, float]] = {}
    for name, (lost, whole) in losses.items():
        part = name.split(".", 2)[2]
        before = parts.get(part, (0.0, 0.0))
        parts[part] = before[0] + lost, before[1] + whole
    worst = max(losses, key=lambda name: _share(*losses[name]))
    return Survival(
        overall=_share(sum(lost for lost, _ in losses.values()), sum(whole for _, whole in losses.values())),
        worst=_share(*losses[worst]),
        worst_tensor=worst,
        by_part={part: _share(*parts[part]) for part in sorted(parts)},
    )


def _share(lost: float, whole: float) -> float:
    # A layer that learned nothing has nothing to lose.
    return 0.0 if whole == 0.0 else round(float((lost / whole) ** 0.5), 4)
