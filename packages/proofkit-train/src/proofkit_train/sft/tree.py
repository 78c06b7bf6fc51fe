"""Lays rows out as a tree: what their prompts share at the start goes through the model once.

The rows of one person share most of their prompt, and those of one task its instruction. A token only sees what stands
before it in its own row, so a shared beginning gives the same numbers for each of them, and one pass is exact. There is
no padding either: all rows of a batch follow each other.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from proofkit_train.tokens import NO_LABEL, TokenRow

__all__ = ["LEAST_SHARED", "Block", "Tree", "build_tree", "prompt_length", "shared_length", "tree_size"]

LEAST_SHARED = 16
"""Shorter common beginnings are not worth a branch."""
BLOCK = 128
"""Most tokens whose attention is calculated together; what stands after them is never looked at."""


class Block(NamedTuple):
    """Neighbouring tokens of one row, and what they may look at."""

    start: int
    end: int
    sees: tuple[tuple[int, int], ...]
    """Ranges before `start` that all of them see; each also sees its own block up to itself."""


class Tree(NamedTuple):
    """A batch without padding."""

    ids: tuple[int, ...]
    positions: tuple[int, ...]
    """Place of each token in its row."""
    targets: tuple[int, ...]
    """The token to predict after each one, or `NO_LABEL`."""
    blocks: tuple[Block, ...]


class _Part(NamedTuple):
    """Tokens that follow each other in the tree; the last part of a row holds all that is trained."""

    row: int
    first: int
    last: int
    path: tuple[int, ...]
    """The parts before it, from the root on."""


def prompt_length(row: TokenRow) -> int:
    """Return how many tokens of a row are its prompt."""
    return row.labels.count(NO_LABEL)


def shared_length(one: TokenRow, other: TokenRow) -> int:
    """Return how many tokens two rows can share; the last one of a prompt predicts, so it is never shared."""
    most = min(prompt_length(one), prompt_length(other)) - 1
    least = 0
    while least < most:  # halving is quicker than a loop over the tokens: slices are compared in one go
        middle = (least + most + 1) // 2
        if one.input_ids[least:middle] == other.input_ids[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def tree_size(rows: Sequence[TokenRow]) -> int:
    """Return how many tokens of a batch go through the model."""
    return sum(part.last - part.first for part in _parts(rows))


def build_tree(rows: Sequence[TokenRow]) -> Tree:
    """Lay the rows of a batch out.

    Args:
        rows: The rows; the same row may stand there twice.
    """
    ids: list[int] = []
    positions: list[int] = []
    targets: list[int] = []
    blocks: list[Block] = []
    ranges: list[tuple[int, int]] = []
    for part in _parts(rows):
        row, start = rows[part.row], len(ids)
        ids += row.input_ids[part.first : part.last]
        positions += range(part.first, part.last)
        is_end = part.last == len(row.input_ids)
        targets += [*row.labels[part.first + 1 : part.last], NO_LABEL] if is_end else [NO_LABEL] * (len(ids) - start)
        ranges.append((start, len(ids)))
        before = _joined([ranges[place] for place in part.path])
        blocks += _cut(start, len(ids), before)
    return Tree(tuple(ids), tuple(positions), tuple(targets), tuple(blocks))


def _parts(rows: Sequence[TokenRow]) -> list[_Part]:
    parts: list[_Part] = []
    order = sorted(range(len(rows)), key=lambda place: rows[place].input_ids)
    _grow(rows, order, 0, (), parts)
    return parts


def _grow(
    rows: Sequence[TokenRow], order: Sequence[int], depth: int, path: tuple[int, ...], parts: list[_Part]
) -> None:
    """Add the parts of rows that agree in their first `depth` tokens, which are in the tree already."""
    if len(order) == 1:
        parts.append(_Part(order[0], depth, len(rows[order[0]].input_ids), path))
        return
    # Sorted, so the first and the last row differ the most.
    shared = min(shared_length(rows[order[0]], rows[place]) for place in order[1:])
    if shared - depth >= LEAST_SHARED:
        parts.append(_Part(order[0], depth, shared, path))
        depth, path = shared, (*path, len(parts) - 1)
    for branch in _branches(rows, order, shared):
        _grow(rows, branch, depth, path, parts)


def _branches(rows: Sequence[TokenRow], order: Sequence[int], place: int) -> Iterator[list[int]]:
    """Yield the rows that go on together after a place; a row whose prompt ends there goes on alone."""

    def next_token(number: int) -> tuple[int, int]:
        row = rows[number]
        alone = prompt_length(row) - 1 <= place
        return (1, number) if alone else (0, row.input_ids[place])

    for _, branch in groupby(sorted(order, key=next_token), key=next_token):
        yield sorted(branch, key=lambda number: rows[number].input_ids)


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _cut(start: int, end: int, before: list[tuple[int, int]]) -> Iterator[Block]:
    for first in range(start, end, BLOCK):
        own = [(start, first)] if first > start else []
        yield Block(first, min(first + BLOCK, end), tuple(_joined([*before, *own])))
