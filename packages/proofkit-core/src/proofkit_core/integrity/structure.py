"""Reads the block structure of a Markdown text with markdown-it, and where in the text each block's words stand.

The parser follows CommonMark with tables. It differs where CommonMark would take words out of sight of a rule: indented
code, HTML blocks, link definitions, what an unclosed fence or a deep nest holds are all read as text.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from proofkit_core.integrity.offsets import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    BlockRule = Callable[[StateBlock, int, int, bool], bool]

DEEPEST = 20
"""Quotations and lists nested deeper are read as text; each level costs one look at every line."""
_INDENTED = 4
_OPENING = re.compile(r"`{3,}[^`]*|~{3,}.*")
_FENCE_MARK = re.compile(r"`+|~+")
_WHITE = " \t"
_PROSE = frozenset({"markdown", "md", "text", "txt", "plain", "plaintext"})
"""Languages of a fence that holds no code: models like to wrap a whole answer in one."""


class Block(NamedTuple):
    """A block that holds words, and not other blocks."""

    type: str
    """`paragraph`, `heading`, `code`, `row` or `header`, the latter two for rows of a table."""
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
    from markdown_it import MarkdownIt  # noqa: PLC0415 - 0.1 s, only when something is checked
    from markdown_it.rules_block import blockquote, heading, lheading, list_block, paragraph, table  # noqa: PLC0415

    # Nothing may reach the parser's own limit, behind which it drops the rest of the text.
    parser = MarkdownIt("commonmark", {"maxNesting": 10 * DEEPEST}).enable("table")
    parser.disable(["code", "html_block", "reference"])
    parser.core.ruler.enableOnly(["block"])
    ruler = parser.block.ruler
    outer = ["paragraph", "reference", "blockquote"]
    ruler.at("fence", _fence, {"alt": [*outer, "list"]})
    ruler.at("blockquote", _shallow(blockquote), {"alt": [*outer, "list"]})
    ruler.at("list", _shallow(list_block), {"alt": outer})
    ruler.at("heading", _heading(heading), {"alt": outer})
    ruler.at("lheading", _underlined(lheading))
    ruler.at("paragraph", _paragraph(paragraph))
    ruler.at("table", _table(table), {"alt": ["paragraph", "reference"]})
    return parser


def _is_indented(state: "StateBlock", line: int) -> bool:
    """Say whether CommonMark would see indented code: no mark of a quotation, heading or fence counts there."""
    return state.sCount[line] - state.blkIndent >= _INDENTED


def _line(state: "StateBlock", line: int) -> Span:
    """Return the range of a line without the marks of quotations and lists around it."""
    return state.bMarks[line] + state.tShift[line], state.eMarks[line]


def _note(state: "StateBlock", *blocks: tuple[str, tuple[Span, ...]]) -> None:
    """Leave blocks for `read_blocks` to find."""
    state.push("proofkit", "", 0).meta["blocks"] = blocks


def _shallow(rule: "BlockRule") -> "BlockRule":
    is_quote = rule.__name__ == "blockquote"

    def shallow(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
        if state.level >= DEEPEST or (is_quote and _is_indented(state, start)):
            return False
        return rule(state, start, end, silent)

    return shallow


def _heading(rule: "BlockRule") -> "BlockRule":
    def heading(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
        if _is_indented(state, start) or not rule(state, start, end, silent):
            return False
        if not silent:
            low, high = _line(state, start)
            content = state.tokens[-2].content
            low += len(state.src[low:high]) - len(state.src[low:high].lstrip("#"))
            low = state.src.find(content, low, high)
            _note(state, ("heading", ((low, low + len(content)),)))
        return True

    return heading


def _underlined(rule: "BlockRule") -> "BlockRule":
    def underlined(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
        if not rule(state, start, end, silent):
            return False
        lines = tuple(_line(state, line) for line in range(start, state.line - 1))
        # A line of dashes under a paragraph makes it a heading, where an e-mail means a rule: sentences stay sentences.
        is_title = len(lines) == 1 and not state.src[lines[0][0] : lines[0][1]].rstrip(" \t*_").endswith(
            (".", "!", "?")
        )
        _note(state, ("heading" if is_title else "paragraph", lines))
        return True

    return underlined


def _paragraph(rule: "BlockRule") -> "BlockRule":
    def paragraph(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
        rule(state, start, end, silent)
        _note(state, ("paragraph", tuple(_line(state, line) for line in range(start, state.line))))
        return True

    return paragraph


def _table(rule: "BlockRule") -> "BlockRule":
    def table(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
        if not rule(state, start, end, True):  # noqa: FBT003 - see above
            return False
        if not silent:
            # The rows are read here: the parser makes three objects for each cell, and drops cells without a header.
            state.line = _table_end(state, start + 2, end)
            rows = [("header", (_line(state, start),))]
            rows += [("row", (_line(state, line),)) for line in range(start + 2, state.line)]
            _note(state, *rows)
        return True

    return table


def _table_end(state: "StateBlock", line: int, end: int) -> int:
    outer, state.parentType = state.parentType, "table"
    rules = state.md.block.ruler.getRules("blockquote")
    while line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        if any(rule(state, line, end, True) for rule in rules):  # noqa: FBT003 - the parser's signature
            break
        line += 1
    state.parentType = outer
    return line


def _fence(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read a fence. One that nothing closes is a stray mark: else it would hide the rest of the document."""
    low, high = _line(state, start)
    if _is_indented(state, start) or not _OPENING.fullmatch(state.src, low, high):
        return False
    if silent:
        return True
    state.line = start + 1
    if (start, low) in state.env.get("closing", ()):
        return True
    mark = _FENCE_MARK.match(state.src, low)
    info = (mark.end() if mark else low, high)
    close = _closing_line(state, start, end, state.src[low : info[0]])
    language = state.src[slice(*info)].strip().lower()
    if close < 0 or language in _PROSE:
        if close >= 0:
            state.env.setdefault("closing", set()).add((close, _line(state, close)[0]))
        else:
            _note(state, ("paragraph", (info,)))
        return True
    state.line = close + 1
    _note(state, ("code", tuple(_line(state, line) for line in range(start + 1, close))))
    return True


def _closing_line(state: "StateBlock", start: int, end: int, mark: str) -> int:
    """Return the line that closes a fence, or -1."""
    # What has been looked for in vain is not looked for again: a text of opening fences alone would take for ever.
    known = state.env.setdefault("unclosed", {})
    first, last, length = known.get((mark[0], end, state.blkIndent), (0, 0, 0))
    if first <= start < last and len(mark) >= length:
        return -1
    line = start + 1
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        low, high = _line(state, line)
        closes = state.src.startswith(mark, low) and not state.src[low:high].lstrip(mark[0]).strip(_WHITE)
        if closes and not _is_indented(state, line):
            return line
        line += 1
    known[mark[0], end, state.blkIndent] = start, line, len(mark)
    return -1
