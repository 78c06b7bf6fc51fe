"""Reads the block structure of a Markdown text, and where in the text the words of each block stand.

markdown-it does the work, by CommonMark with tables. The rules below take the place of its own where CommonMark would
take words out of sight: indented code, HTML blocks, link definitions, what an unclosed fence or a deep nest holds are
all read as text. They have the parser's signature: state, first line, line behind the last, and whether only a yes or
no is asked for. The state keeps for each line where it begins (`bMarks`), how many characters further on its words
begin (`tShift`), where it ends (`eMarks`) and how far it is indented (`sCount`).
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, hr, html_block, list_block, table

from proofkit_core.integrity.reading.offsets import Span

Rule = Callable[[StateBlock, int, int, bool], bool]


class BlockKind(StrEnum):
    """What a block of words is."""

    TEXT = "text"
    HEADING = "heading"
    TABLE = "table"
    CODE = "code"


class Block(NamedTuple):
    """A block that holds words, and not other blocks."""

    kind: BlockKind
    lines: tuple[Span, ...]
    """Range of each of its lines without the marks around it; for a table its rows, the header first."""
    quoted: bool
    opens_item: bool
    """It is the first block of a list item."""


DEEPEST = 12
"""Quotations count once, lists twice. What is nested deeper is read as text: each level is one look at every line."""
_INDENTED = 4
_OPENING = re.compile(r"`{3,}[^`]*|~{3,}.*")
_FENCE_MARK = re.compile(r"`+|~+")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+|$)")
_DELIMITER = re.compile(r"[|:-][|: \t]*-[|: \t-]*")
_PROSE = frozenset({"markdown", "md", "text", "txt", "plain", "plaintext"})
"""Languages of a fence that holds no code: models like to wrap a whole answer in one."""


def read_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown text, in order.

    Args:
        text: The original; every range refers to it.
    """
    # As long as the original, so that places stay the same.
    source = text.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "\ufffd")
    blocks: list[Block] = []
    found: dict[str, Any] = {"blocks": blocks, "quotes": 0, "opened": 0, "closing": set(), "unclosed": {}}
    _parser().parse(source, found)
    return blocks


@cache
def _parser() -> MarkdownIt:
    # Nothing may reach the parser's own limit, behind which it drops the rest of the text.
    parser = MarkdownIt("commonmark", {"maxNesting": 10 * DEEPEST}).enable("table")
    parser.core.ruler.enableOnly(["block"])
    ruler = parser.block.ruler
    ruler.enableOnly(["table", "fence", "blockquote", "hr", "list", "html_block", "heading", "paragraph"])
    # What may end another block is asked in one place, `_starts`: the parser's way asks eight rules for each line.
    ruler.before("table", "starts", _starts, {"alt": ["paragraph", "blockquote"]})
    ruler.before("table", "breaks", _breaks, {"alt": ["list"]})
    ruler.at("table", _table)
    ruler.at("fence", _fence)
    ruler.at("blockquote", _blockquote)
    ruler.at("hr", hr)
    ruler.at("list", _list)
    ruler.at("html_block", _html)
    ruler.at("heading", _heading)
    ruler.at("paragraph", _paragraph)
    return parser


def _is_indented(state: StateBlock, line: int) -> bool:
    """Say whether CommonMark would see indented code: no mark of a quotation, heading or fence counts there."""
    return state.sCount[line] - state.blkIndent >= _INDENTED


def _line(state: StateBlock, line: int) -> Span:
    """Return the range of a line without the marks of quotations and lists around it."""
    return state.bMarks[line] + state.tShift[line], state.eMarks[line]


def _lines(state: StateBlock, start: int, end: int) -> tuple[Span, ...]:
    return tuple(_line(state, line) for line in range(start, end))


def _first(state: StateBlock, line: int) -> str:
    """Return the first character of a line; empty for an empty line."""
    low, high = _line(state, line)
    return state.src[low] if low < high else ""


def _note(state: StateBlock, kind: BlockKind, lines: tuple[Span, ...]) -> None:
    """Leave a block for `read_blocks`; no tokens, of which the parser makes three for a paragraph."""
    opening = len(state.tokens) if state.tokens and state.tokens[-1].type == "list_item_open" else 0
    opens_item = opening > state.env["opened"]
    state.env["opened"] = max(opening, state.env["opened"])
    state.env["blocks"].append(Block(kind, lines, state.env["quotes"] > 0, opens_item))


def _starts(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Say whether a line starts a block that ends a paragraph before it."""
    rules = _BY_SIGN.get(_first(state, start), ())
    return silent and any(rule(state, start, end, True) for rule in rules)  # noqa: FBT003 - see above


def _breaks(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    """Say whether a line starts a block that ends a list before it."""
    rules = (rule for rule in _BY_SIGN.get(_first(state, start), ()) if rule in {_fence, _blockquote, hr})
    return silent and any(rule(state, start, end, True) for rule in rules)  # noqa: FBT003 - see above


def _blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if state.level >= DEEPEST or _is_indented(state, start):
        return False
    state.env["quotes"] += not silent
    found = blockquote(state, start, end, silent)
    state.env["quotes"] -= not silent
    return found


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    return state.level < DEEPEST and list_block(state, start, end, silent)


def _html(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if _is_indented(state, start) or not html_block(state, start, end, silent):
        return False
    if not silent:
        _note(state, BlockKind.TEXT, _lines(state, start, state.line))
    return True


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    del end  # a heading is one line
    low, high = _line(state, start)
    mark = _HEADING.match(state.src, low, high)
    if not mark or _is_indented(state, start):
        return False
    if not silent:
        state.line = start + 1
        words = state.src[mark.end() : high].rstrip(" \t")
        bare = words.rstrip("#")
        words = bare if bare.endswith((" ", "\t")) or not bare else words
        _note(state, BlockKind.HEADING, ((mark.end(), mark.end() + len(words)),))
    return True


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    """Read a paragraph, or a heading that is underlined."""
    del silent  # a paragraph ends nothing
    outer, state.parentType = state.parentType, "paragraph"
    rules = state.md.block.ruler.getRules("paragraph")
    line = start + 1
    is_underlined = False
    while line < state.lineMax and not state.isEmpty(line):
        if not _is_indented(state, line) and state.sCount[line] >= 0:
            is_underlined = line < end and state.sCount[line] >= state.blkIndent and _is_underline(state, line)
            if is_underlined or any(rule(state, line, end, True) for rule in rules):  # noqa: FBT003 - see above
                break
            if _table(state, line, state.lineMax, True):  # noqa: FBT003 - see above
                break
        line += 1
    state.parentType = outer
    state.line = line + is_underlined
    lines = _lines(state, start, line)
    # A line of dashes under a paragraph makes it a heading, where an e-mail means a rule: sentences stay sentences.
    is_sentence = state.src[slice(*lines[0])].rstrip(" \t*_").endswith((".", "!", "?"))
    is_title = is_underlined and len(lines) == 1 and not is_sentence
    _note(state, BlockKind.HEADING if is_title else BlockKind.TEXT, lines)
    return True


def _is_underline(state: StateBlock, line: int) -> bool:
    return bool(_UNDERLINE.fullmatch(state.src, *_line(state, line)))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if start + 1 >= end or not _DELIMITER.fullmatch(state.src, *_line(state, start + 1)):
        return False
    if not table(state, start, end, True):  # noqa: FBT003 - see above
        return False
    if not silent:
        # The rows are read here: the parser makes three objects for each cell, and drops cells without a header.
        state.line = _table_end(state, start + 2, end)
        _note(state, BlockKind.TABLE, (_line(state, start), *_lines(state, start + 2, state.line)))
    return True


def _table_end(state: StateBlock, line: int, end: int) -> int:
    outer, state.parentType = state.parentType, "table"
    while line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        if _starts(state, line, end, True):  # noqa: FBT003 - see above
            break
        line += 1
    state.parentType = outer
    return line


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    """Read a fence. One that nothing closes is a stray mark: else it would hide the rest of the document."""
    low, high = _line(state, start)
    if _is_indented(state, start) or not _OPENING.fullmatch(state.src, low, high):
        return False
    if silent:
        return True
    state.line = start + 1
    if (start, low) in state.env["closing"]:
        return True
    mark = _FENCE_MARK.match(state.src, low)
    info = (mark.end() if mark else low, high)
    close = _closing_line(state, start, end, state.src[low : info[0]])
    if close < 0:
        _note(state, BlockKind.TEXT, (info,))
    elif state.src[slice(*info)].strip().lower() in _PROSE:
        state.env["closing"].add((close, _line(state, close)[0]))
    else:
        state.line = close + 1
        # Behind the language there may be a title, or a whole sentence that no page shows.
        if len(state.src[slice(*info)].split()) > 1:
            _note(state, BlockKind.TEXT, (info,))
        _note(state, BlockKind.CODE, _lines(state, start + 1, close))
    return True


def _closing_line(state: StateBlock, start: int, end: int, mark: str) -> int:
    """Return the line that closes a fence, or -1."""
    # What has been looked for in vain is not looked for again: a text of opening fences alone would take for ever.
    known = state.env["unclosed"]
    first, last, length = known.get((mark[0], end, state.blkIndent), (0, 0, 0))
    if first <= start < last and len(mark) >= length:
        return -1
    line = start + 1
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        low, high = _line(state, line)
        closes = state.src.startswith(mark, low) and not state.src[low:high].lstrip(mark[0]).strip(" \t")
        if closes and not _is_indented(state, line):
            return line
        line += 1
    known[mark[0], end, state.blkIndent] = start, line, len(mark)
    return -1


_BY_SIGN: dict[str, tuple[Rule, ...]] = {
    ">": (_blockquote,),
    "#": (_heading,),
    "`": (_fence,),
    "~": (_fence,),
    "<": (_html,),
    "-": (hr, _list),
    "*": (hr, _list),
    "_": (hr,),
    "+": (_list,),
    **dict.fromkeys("0123456789", (_list,)),
}
"""Which rules a line with this first character may start a block by."""
