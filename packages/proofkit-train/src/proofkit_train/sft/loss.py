"""The loss: only the tokens of completions are projected onto the vocabulary, most of the cost of a small model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from proofkit_train.sft.tree import Block, build_tree
from proofkit_train.tokens import NO_LABEL, TokenRow

if TYPE_CHECKING:
    import torch

__all__ = ["Summed", "Tensors", "collate", "completion_loss"]

Tensors = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TreeBlocks:
    """The blocks of a batch, as one thing that the trainer hands on as it is."""

    blocks: tuple[Block, ...]


class Summed(NamedTuple):
    """The loss of one batch, not yet divided."""

    loss: "torch.Tensor"
    """Sum over the trained tokens."""
    trained: int
    read: int
    """Tokens of the rows, without padding."""


def collate(rows: Sequence[dict[str, list[int]]], *, layout: str, pad_token: int) -> Tensors:
    """Return a batch as tensors: `input_ids`, `labels` and their shift by one token, and the number of tokens.

    Args:
        rows: Rows with `input_ids` and `labels`.
        layout: `tree` or `padded`.
        pad_token: What fills the shorter rows.
    """
    tokens = [TokenRow(tuple(row["input_ids"]), tuple(row["labels"])) for row in rows]
    return _tree(tokens) if layout == "tree" else _padded(tokens, pad_token)


def _tree(rows: Sequence[TokenRow]) -> Tensors:
    import torch

    tree = build_tree(rows)
    targets = torch.tensor([tree.targets])
    return {
        "input_ids": torch.tensor([tree.ids]),
        "position_ids": torch.tensor([tree.positions]),
        "labels": targets,
        "shift_labels": targets,
        "blocks": TreeBlocks(tree.blocks),
        "read": sum(len(row.input_ids) for row in rows),
    }


def _padded(rows: Sequence[TokenRow], pad_token: int) -> Tensors:
    """Return rows padded on the right.

    There is no attention mask: a causal model's token sees only what stands before it, and padding stands after
    everything, so the trained tokens never see it. Without the mask the quick attention kernels apply.
    """
    import torch

    longest = max(len(row.input_ids) for row in rows)
    ids = torch.full((len(rows), longest), pad_token)
    labels = torch.full((len(rows), longest), NO_LABEL)
    for place, row in enumerate(rows):
        ids[place, : len(row.input_ids)] = torch.tensor(row.input_ids)
        labels[place, : len(row.labels)] = torch.tensor(row.labels)
    shifted = torch.cat([labels[:, 1:], labels.new_full((len(rows), 1), NO_LABEL)], dim=1)
    read = sum(len(row.input_ids) for row in rows)
    return {"input_ids": ids, "labels": labels, "shift_labels": shifted, "read": read}


def completion_loss(model: Any, batch: Tensors, dtype: str) -> Summed:  # noqa: ANN401 - a Transformers or PEFT model
    """Return the summed loss over the completions of a batch.

    Args:
        model: The model, with or without an adapter.
        batch: As `collate` returns it.
        dtype: The recipe's type.
    """
    import torch
    from torch.nn.functional import cross_entropy

    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    inputs = {"input_ids": batch["input_ids"], "use_cache": False}
    if "blocks" in batch:
        inputs |= {"position_ids": batch["position_ids"], "tree_blocks": batch["blocks"].blocks}
    targets = batch["shift_labels"]
    trained = targets != NO_LABEL
    with torch.autocast(targets.device.type, dtype=torch.bfloat16, enabled=dtype.startswith("bf16")):
        hidden = base.base_model(**inputs).last_hidden_state
        logits = base.get_output_embeddings()(hidden[trained])
    loss = cross_entropy(logits.float(), targets[trained], reduction="sum")
    return Summed(loss, int(trained.sum()), batch["read"])
