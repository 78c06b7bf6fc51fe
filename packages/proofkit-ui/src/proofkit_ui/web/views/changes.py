"""What would change in a text, word by word, in lines that a person can read."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel

from proofkit_core.blocks import (
    Block,
    BulletList,
    CodeBlock,
    Disclosure,
    FactList,
    Heading,
    NumberedList,
    Paragraph,
    Quote,
    Table,
    parse_markdown,
    plain_text,
)

__all__ = ["Changes", "Line", "Piece", "changes_between", "plain_lines"]

Kind = Literal["same", "added", "removed"]
_TOKEN = re.compile(r"\n|[^\S\n]*[^\s]+[^\S\n]*")
_BREAK = "\n"
_ISLAND = 2
"""So few words that stay between two changes are shown as part of them: single words among changes read badly."""


class Piece(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Some words that stay, come or go."""

    kind: Kind
    text: str


class Line(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A paragraph, a list item or a row of a table."""

    pieces: tuple[Piece, ...]


class Changes(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All changes between two texts."""

    lines: tuple[Line, ...]
    added: int
    """Words that come."""
    removed: int
    """Words that go."""
    words: int
    """Words of the new text."""


def changes_between(before: str, after: str) -> Changes:
    """Return what changes from one Markdown text to another.

    Args:
        before: The text as it is.
        after: The text as it would be.
    """
    old, new = _tokens(before), _tokens(after)
    pieces = list(_pieces(old, new))
    counts = {kind: sum(token != _BREAK for k, tokens in pieces if k == kind for token in tokens) for kind in _KINDS}
    return Changes(
        lines=tuple(_lines(pieces)),
        added=counts["added"],
        removed=counts["removed"],
        words=sum(token != _BREAK for token in new),
    )


_KINDS: tuple[Kind, ...] = ("same", "added", "removed")


def plain_lines(markdown: str) -> list[str]:
    """Return a text without its marks: a line a paragraph, list item or row of a table."""
    return [line for block in parse_markdown(markdown) for line in _lines_of(block)]


def _tokens(markdown: str) -> list[str]:
    return [found.strip() or _BREAK for found in _TOKEN.findall(_BREAK.join(plain_lines(markdown)))]


def _lines_of(block: Block) -> Iterator[str]:
    match block:
        case Paragraph() | Heading() | Disclosure():
            yield from plain_text(block.runs).split(_BREAK)
        case BulletList():
            yield from _items(block.items, lambda _: "•")
        case NumberedList():
            yield from _items(block.items, lambda number: f"{block.start + number}.")
        case Quote():
            for inner in block.blocks:
                yield from _lines_of(inner)
        case CodeBlock():
            yield from block.text.split(_BREAK)
        case Table():
            yield from (" · ".join(plain_text(cell) for cell in row) for row in (block.head, *block.rows))
        case FactList():
            yield from (plain_text(fact.runs) for fact in block.facts)


def _items(items: Iterable[tuple[Block, ...]], mark: Callable[[int], str]) -> Iterator[str]:
    for number, blocks in enumerate(items):
        lines = [line for block in blocks for line in _lines_of(block)]
        yield f"{mark(number)} {lines[0] if lines else ''}".rstrip()
        yield from lines[1:]


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Kind, Sequence[str]]]:
    gone: list[str] = []
    come: list[str] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (tag, low, high, first, last) in enumerate(codes):
        words = old[low:high]
        inside = 0 < place < len(codes) - 1 and len(words) <= _ISLAND and _BREAK not in words
        if tag == "equal" and not inside:
            yield from _flushed(gone, come)
            gone, come = [], []
            yield "same", words
        else:
            gone += words
            come += new[first:last]
    yield from _flushed(gone, come)


def _flushed(gone: list[str], come: list[str]) -> Iterator[tuple[Kind, Sequence[str]]]:
    if gone:
        yield "removed", gone
    if come:
        yield "added", come


def _lines(pieces: Iterable[tuple[Kind, Sequence[str]]]) -> Iterator[Line]:
    line: list[Piece] = []
    for kind, tokens in pieces:
        run: list[str] = []
        for token in tokens:
            if token != _BREAK:
                run.append(token)
                continue
            line += _piece(kind, run)
            if line:
                yield Line(pieces=tuple(line))
            line, run = [], []
        line += _piece(kind, run)
    if line:
        yield Line(pieces=tuple(line))


def _piece(kind: Kind, words: Sequence[str]) -> list[Piece]:
    return [Piece(kind=kind, text=" ".join(words))] if words else []
