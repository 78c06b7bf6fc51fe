"""A base model's weights under GGUF's names and in llama.cpp's layout, whatever form the base has."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from proofkit_train.base.families import Family, family_of, gguf_name, permute
from proofkit_train.base.gguf_file import read_gguf, read_tensor
from proofkit_train.base.safetensors_file import SafeTensor, read_safetensor, read_safetensors
from proofkit_train.base.source import BaseSource
from proofkit_train.base.weight_files import CONFIG, weight_files
from proofkit_train.errors import BaseError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["BaseWeights", "Weight", "llama_rows", "open_weights"]


class Weight(NamedTuple):
    """One tensor, read when it is asked for."""

    shape: tuple[int, ...]
    read: "Callable[[], NDArray[float32]]"


class BaseWeights(NamedTuple):
    """All weights of a base model."""

    family: Family
    heads: int
    key_heads: int
    weights: Mapping[str, Weight]
    """By GGUF name, in order of name."""


def open_weights(source: BaseSource) -> BaseWeights:
    """Return the weights of a base model; none is read yet.

    Raises:
        BaseError: The model is of an unknown family or has a tensor that its family does not have.
        ModelFileError: A file is damaged.
    """
    return _from_gguf(source.path) if source.is_gguf else _from_folder(source.path)


def llama_rows(rows: "NDArray[float32]", name: str, base: BaseWeights) -> "NDArray[float32]":
    """Return rows of Transformers in llama.cpp's order.

    Args:
        rows: A weight, a bias, or the upper factor of an adapter.
        name: Its GGUF name, which tells whether it belongs to queries or keys.
        base: The model it belongs to.
    """
    if base.family.permuted and ".attn_q." in name:
        return permute(rows, base.heads)
    if base.family.permuted and ".attn_k." in name:
        return permute(rows, base.key_heads)
    return rows


def _from_gguf(path: Path) -> BaseWeights:
    file = read_gguf(path)
    family = family_of(file.text("general.architecture"), str(path))
    tensors = sorted(file.tensors, key=lambda tensor: tensor.name)
    weights = {tensor.name: Weight(tensor.shape, lambda tensor=tensor: read_tensor(file, tensor)) for tensor in tensors}
    heads = int(file.number(f"{family.name}.attention.head_count"))
    return BaseWeights(family, heads, int(file.number(f"{family.name}.attention.head_count_kv")), weights)


def _from_folder(folder: Path) -> BaseWeights:
    config: Any = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    heads = int(config["num_attention_heads"])
    empty = BaseWeights(
        family_of(str(config["model_type"]), str(folder)), heads, int(config.get("num_key_value_heads", heads)), {}
    )
    tensors: dict[str, SafeTensor] = {}
    for path in weight_files(folder):
        if path.suffix == ".safetensors":
            tensors |= read_safetensors(path)
    weights: dict[str, Weight] = {}
    for name, tensor in tensors.items():
        if name.endswith("rotary_emb.inv_freq"):  # old checkpoints stored what follows from the configuration
            continue
        target = gguf_name(name)
        if target is None:
            raise BaseError(
                f"The base in {str(folder)!r} has a tensor {name!r} that this family does not have. Expected a plain "
                f"model of the families llama or qwen2. Choose another base."
            )
        if not (target == "output.weight" and config.get("tie_word_embeddings")):
            weights[target] = Weight(tensor.shape, _reader(tensor, target, empty))
    return empty._replace(weights=dict(sorted(weights.items())))


def _reader(tensor: SafeTensor, name: str, base: BaseWeights) -> "Callable[[], NDArray[float32]]":
    return lambda: llama_rows(read_safetensor(tensor), name, base)
