"""Puts the blocks that were taken out of a Word or PDF file together as one text, each line with its number."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from proofkit_core.checking.records import Mark


class Block(NamedTuple):
    """A paragraph, a table row or a page."""

    text: str
    label: str
    """Where it stands, in words."""
    table: str = ""
    """For a table row: which table it belongs to."""
    columns: int = 0
    """For the header row of a table: its number of cells."""


class Extract(NamedTuple):
    """A text made of blocks."""

    text: str
    line_starts: tuple[int, ...]
    marks: tuple[Mark, ...]


def join_blocks(blocks: Iterable[Block]) -> Extract:
    """Return one text, an empty line between two blocks that are not rows of one table.

    What stands between blocks is not counted: the first line of each follows the last one of the block before.
    """
    pieces: list[str] = []
    marks: list[Mark] = []
    line_starts: list[int] = []
    place = 0
    for before, block in pairwise((None, *blocks)):
        if block is None:
            continue
        gap = _between(before, block) if before else ""
        pieces += [gap, block.text]
        place += len(gap)
        marks.append(Mark(place, block.label))
        for line in block.text.split("\n"):
            line_starts.append(place)
            place += len(line) + 1
        place -= 1
    return Extract("".join(pieces), tuple(line_starts), tuple(marks))


def _between(before: Block, block: Block) -> str:
    if not before.table or before.table != block.table:
        return "\n\n"
    return f"\n|{' --- |' * before.columns}\n" if before.columns else "\n"
