"""The rules by which markdown-it cuts a text into blocks, where they differ from its own.

The functions have the parser's own signature: state, first line, line behind the last, and whether only a yes or no is
asked for. The parser keeps for each line where it begins (`bMarks`), where its words begin (`tShift` further on), where
it ends (`eMarks`) and how far it is indented (`sCount`).
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, heading, hr, html_block, list_block, table

from proofkit_core.integrity.offsets import Span

Rule = Callable[[StateBlock, int, int, bool], bool]

DEEPEST = 12
"""Quotations count once, lists twice. What is nested deeper is read as text: each level is one look at every line."""
_INDENTED = 4
_OPENING = re.compile(r"`{3,}[^`]*|~{3,}.*")
_FENCE_MARK = re.compile(r"`+|~+")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*")
_PROSE = frozenset({"markdown", "md", "text", "txt", "plain", "plaintext"})
"""Languages of a fence that holds no code: models like to wrap a whole answer in one."""


def make_parser() -> MarkdownIt:
    """Return a parser that notes for `structure` where the words of each block stand."""
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


def _note(state: StateBlock, *blocks: tuple[str, tuple[Span, ...]]) -> None:
    """Leave blocks for `read_blocks` to find."""
    state.push("blocks", "", 0).meta["blocks"] = blocks


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
    return blockquote(state, start, end, silent)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    return state.level < DEEPEST and list_block(state, start, end, silent)


def _html(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if _is_indented(state, start) or not html_block(state, start, end, silent):
        return False
    if not silent:
        _note(state, ("text", _lines(state, start, state.line)))
    return True


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if _is_indented(state, start) or not heading(state, start, end, silent):
        return False
    if not silent:
        content = state.tokens[-2].content
        low, high = _line(state, start)
        low = state.src.find(content, low + len(state.tokens[-1].markup), high)
        _note(state, ("heading", ((low, low + len(content)),)))
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
    _note(state, ("heading" if is_title else "text", lines))
    return True


def _is_underline(state: StateBlock, line: int) -> bool:
    return bool(_UNDERLINE.fullmatch(state.src, *_line(state, line)))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - see above
    if start + 1 >= end or _first(state, start + 1) not in {"|", "-", ":"}:
        return False
    if not table(state, start, end, True):  # noqa: FBT003 - see above
        return False
    if not silent:
        # The rows are read here: the parser makes three objects for each cell, and drops cells without a header.
        state.line = _table_end(state, start + 2, end)
        rows = (("row", (line,)) for line in _lines(state, start + 2, state.line))
        _note(state, ("header", (_line(state, start),)), *rows)
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
    if (start, low) in state.env.get("closing", ()):
        return True
    mark = _FENCE_MARK.match(state.src, low)
    info = (mark.end() if mark else low, high)
    close = _closing_line(state, start, end, state.src[low : info[0]])
    if close < 0:
        _note(state, ("text", (info,)))
    elif state.src[slice(*info)].strip().lower() in _PROSE:
        state.env.setdefault("closing", set()).add((close, _line(state, close)[0]))
    else:
        state.line = close + 1
        # Behind the language there may be a title, or a whole sentence that no page shows.
        said = (("text", (info,)),) if len(state.src[slice(*info)].split()) > 1 else ()
        _note(state, *said, ("code", _lines(state, start + 1, close)))
    return True


def _closing_line(state: StateBlock, start: int, end: int, mark: str) -> int:
    """Return the line that closes a fence, or -1."""
    # What has been looked for in vain is not looked for again: a text of opening fences alone would take for ever.
    known = state.env.setdefault("unclosed", {})
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
