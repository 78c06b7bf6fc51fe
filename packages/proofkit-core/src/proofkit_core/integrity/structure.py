"""Reads the block structure of a Markdown text with markdown-it, and where in the text each block's words stand.

The parser follows CommonMark with tables. It differs where CommonMark would take words out of sight of a rule: indented
code, HTML blocks, link definitions, what an unclosed fence or a deep nest holds are all read as text.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from proofkit_core.integrity.offsets import Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


class Block(NamedTuple):
    """A block that holds words, and not other blocks."""

    type: str
    """`text`, `heading`, `code`, `header` or `row`; the last two are rows of a table."""
    lines: tuple[Span, ...]
    """Range of each of its lines, without the marks of quotations and lists around it."""
    quoted: bool
    opens_item: bool
    """It is the first block of a list item."""


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text, in order.

    Args:
        text: The original; every range refers to it.
    """
    # As long as the original, so that places stay the same.
    source = text.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "\ufffd")
    quotes = 0
    opens_item = False
    for token in _parser().parse(source):
        if token.type in {"blockquote_open", "blockquote_close"}:
            quotes += token.nesting
        elif token.type in {"list_item_open", "list_item_close"}:
            opens_item = token.nesting > 0
        elif "blocks" in token.meta:
            for kind, lines in token.meta["blocks"]:
                yield Block(kind, lines, quotes > 0, opens_item)
                opens_item = False


@cache
def _parser() -> "MarkdownIt":
    from proofkit_core.integrity.block_rules import make_parser  # noqa: PLC0415 - 0.1 s, only when something is checked

    return make_parser()
