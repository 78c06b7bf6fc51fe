"""Attention over a tree of rows, block by block.

On a CPU this takes a third of the time of torch's own kernel forth and back, whose way back is slow there, and it needs
no mask over the whole batch.
"""

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch

    from proofkit_train.sft.tree import Block

__all__ = ["TREE_ATTENTION", "register_tree_attention"]

TREE_ATTENTION = "proofkit_tree"


def register_tree_attention() -> None:
    """Make the attention known to Transformers under `TREE_ATTENTION`; a second time changes nothing."""
    from transformers import AttentionInterface

    cast("Any", AttentionInterface).register(TREE_ATTENTION, tree_attention)


def tree_attention(
    module: Any,  # noqa: ANN401 - a Transformers layer
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",  # noqa: ARG001
    *,
    scaling: float,
    tree_blocks: "tuple[Block, ...]",
    **_ignored: Any,  # noqa: ANN401
) -> "tuple[torch.Tensor, None]":
    """Return what each token gathers from those that it sees.

    Args:
        module: The layer that asks.
        query: One batch of (heads, tokens, width).
        key: The same with fewer heads, each for a group of query heads.
        value: Like `key`.
        attention_mask: Not used; the blocks say who sees whom.
        scaling: Factor of the scores.
        tree_blocks: The blocks of the tree.
    """
    import torch

    width = value.shape[-1]
    groups = int(module.num_key_value_groups)
    tokens = query.shape[2]
    with torch.autocast(query.device.type, enabled=False):
        queries = (query[0] * scaling).to(value.dtype).view(-1, groups, tokens, width)
        keys, values = key[0].to(value.dtype), value[0]
        gathered = [_gather(queries, keys, values, block) for block in tree_blocks]
        joined = torch.cat(gathered, dim=2)  # (key heads, groups, tokens, width)
    return joined.permute(2, 0, 1, 3).reshape(1, tokens, -1, width), None


def _gather(queries: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", block: "Block") -> "torch.Tensor":
    import torch

    start, end, sees = block
    own = end - start
    seen_keys, seen_values = (_seen(each, sees, start, end) for each in (keys, values))
    seen = seen_keys.shape[1]
    heads, groups, _, width = queries.shape
    asking = queries[:, :, start:end].reshape(heads, groups * own, width)
    scores = torch.bmm(asking, seen_keys.transpose(1, 2)).view(heads, groups, own, seen)
    later = torch.full((own, own), float("-inf"), dtype=scores.dtype, device=scores.device).triu_(1)
    mask = torch.cat([later.new_zeros(own, seen - own), later], dim=1)
    weights = torch.softmax(scores + mask, dim=-1)
    return torch.bmm(weights.view(heads, groups * own, seen), seen_values).view(heads, groups, own, width)


def _seen(each: "torch.Tensor", sees: tuple[tuple[int, int], ...], start: int, end: int) -> "torch.Tensor":
    import torch

    if not sees:
        return each[:, start:end]
    if len(sees) == 1 and sees[0][1] == start:
        return each[:, sees[0][0] : end]
    return torch.cat([each[:, first:last] for first, last in (*sees, (start, end))], dim=1)
