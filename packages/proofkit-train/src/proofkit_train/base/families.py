"""The two model families that ProofKit trains: how Transformers and llama.cpp name and lay out their tensors."""

import re
from typing import TYPE_CHECKING, NamedTuple

from proofkit_train.errors import BaseError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

__all__ = ["FAMILIES", "Family", "family_of", "gguf_name", "permute", "transformers_name", "unpermute"]


class Family(NamedTuple):
    """A kind of model that both libraries know under one name."""

    name: str
    """`model_type` in Transformers and `general.architecture` in GGUF."""
    permuted: bool
    """Whether llama.cpp keeps the rows of the query and key projections in another order, for its rotary embedding."""


FAMILIES = {family.name: family for family in (Family("llama", permuted=True), Family("qwen2", permuted=False))}

_LAYER_PARTS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_PARTS_BACK = {there: here for here, there in _LAYER_PARTS.items()}
_WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
_WHOLE_BACK = {there: here for here, there in _WHOLE.items()}
_HERE = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")
_THERE = re.compile(r"blk\.(\d+)\.(.+)\.(weight|bias)")


def family_of(name: str, where: str) -> Family:
    """Return the family of a name.

    Args:
        name: `model_type` or `general.architecture`.
        where: The file or folder, for the message.

    Raises:
        BaseError: It is of no known family.
    """
    if name not in FAMILIES:
        raise BaseError(
            f"The model at {where!r} is of the family {name!r}. Expected one of {', '.join(sorted(FAMILIES))}. "
            f"Choose another base model."
        )
    return FAMILIES[name]


def gguf_name(name: str) -> str | None:
    """Return what GGUF calls a tensor of Transformers, such as `blk.0.attn_q.weight`; None for an unknown one."""
    module, _, end = name.rpartition(".")
    if module in _WHOLE and end == "weight":
        return f"{_WHOLE[module]}.{end}"
    found = _HERE.fullmatch(name)
    if found and (part := _LAYER_PARTS.get(found[2])):
        return f"blk.{found[1]}.{part}.{found[3]}"
    return None


def transformers_name(name: str) -> str | None:
    """Return what Transformers calls a tensor of GGUF; None for an unknown one."""
    module, _, end = name.rpartition(".")
    if module in _WHOLE_BACK and end == "weight":
        return f"{_WHOLE_BACK[module]}.{end}"
    found = _THERE.fullmatch(name)
    if found and (part := _PARTS_BACK.get(found[2])):
        return f"model.layers.{found[1]}.{part}.{found[3]}"
    return None


def permute(rows: "NDArray[float32]", heads: int) -> "NDArray[float32]":
    """Return the rows of a query or key projection in llama.cpp's order.

    Transformers rotates a head's first half against its second half; llama.cpp rotates neighbours.

    Args:
        rows: Weight, bias, or the B half of an adapter.
        heads: Heads of this projection.
    """
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def unpermute(rows: "NDArray[float32]", heads: int) -> "NDArray[float32]":
    """Undo `permute`."""
    pairs = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return pairs.swapaxes(1, 2).reshape(rows.shape)
