"""Cuts a text into passages: paragraphs, list items, headings, quotations, table cells, code, JSON strings.

A passage is what a rule sees at once. Cells never run into each other, and a quotation is read as somebody's words.
Wherever Markdown and plain text differ, the reading is taken that lets a rule see more: only a closed fence is code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from proofkit_core.integrity.reading.json_strings import Decoded, decode, is_json, string_spans
from proofkit_core.integrity.reading.marks import TAG
from proofkit_core.integrity.reading.offsets import Span

if TYPE_CHECKING:
    from proofkit_core.integrity.reading.blocks import Block


class PassageKind(StrEnum):
    """What a passage is in the document."""

    TEXT = "text"
    ITEM = "item"
    HEADING = "heading"
    CELL = "cell"
    CODE = "code"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage with its ranges in the original text."""

    kind: PassageKind
    spans: tuple[Span, ...]
    quoted: bool = False
    """It stands in a block quotation."""
    header: Span | None = None
    """For a cell below the header row: its column's header cell."""
    row: int = -1
    """For a cell: the number of its row in the text, counted over all tables; the header row of a table comes first."""
    is_header: bool = False
    escaped: bool = False
    """Its ranges lie in a JSON string and hold escapes such as `\\n`."""


_BULLETS = (
    "\u2022\u2023\u2043\u25aa\u25ab\u25e6\u25cf\u25cb\u25a0\u25a1\u25c6\u25ba\u25b6\u25b8\u27a4\u2713\u2714\u2219\u00b7"
)
"""Signs that people and office programs put before a list item, and Markdown does not know."""
_LEAD = re.compile(rf"(?:[\s>]|#{{1,6}}[ \t]|[-+*{_BULLETS}][ \t]|\[[ xX]\][ \t])*")
"""Marks of blocks that the parser read as text: deep in a nest, or indented."""
_DASH = re.compile(r"[\u2013\u2014][ \t]")
_INSIDE = re.compile(rf"\u2029|(?<=\s)[{_BULLETS}](?=\s)|{TAG.pattern}", re.IGNORECASE)
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[-=*_\s]*")
_TRAILING = " \t\\"
"""A backslash at the end of a line breaks it."""


def read_passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a Markdown, plain or JSON text, in order.

    Args:
        text: The original; every range refers to it.
    """
    return tuple(_json_passages(text) if is_json(text) else _markdown_passages(text))


def _markdown_passages(text: str) -> Iterator[Passage]:
    # markdown-it takes a tenth of a second to load, only when something is checked.
    from proofkit_core.integrity.reading.blocks import BlockKind, read_blocks  # noqa: PLC0415

    row = 0
    for block in read_blocks(text):
        if block.kind is BlockKind.TABLE:
            yield from _table(text, block, row)
            row += len(block.lines)
        elif block.kind is BlockKind.CODE:
            yield from (Passage(PassageKind.CODE, (span,), block.quoted) for span in block.lines if span[1] > span[0])
        elif block.kind is BlockKind.HEADING:
            yield from _passage(text, PassageKind.HEADING, block.lines, quoted=block.quoted)
        else:
            yield from _paragraph(text, block)


def _table(text: str, block: "Block", row: int) -> Iterator[Passage]:
    header = _cells(text, *block.lines[0])
    for number, line in enumerate(block.lines):
        for column, span in enumerate(_cells(text, *line)):
            if span[1] > span[0]:
                above = header[column] if number and column < len(header) else None
                yield Passage(PassageKind.CELL, (span,), block.quoted, above, row + number, number == 0)


def _passage(text: str, kind: PassageKind, lines: Sequence[Span], *, quoted: bool) -> Iterator[Passage]:
    spans = tuple(span for span in (_trimmed(text, *line, more=_TRAILING) for line in lines) if span[1] > span[0])
    if spans:
        yield Passage(kind, spans, quoted)


def _paragraph(text: str, block: "Block") -> Iterator[Passage]:
    """Yield what the parser read as one paragraph, cut where a reader of the plain text sees several."""
    kind = PassageKind.ITEM if block.opens_item else PassageKind.TEXT
    has_dashes = bool(_DASH.match(text, block.lines[0][0]))
    lines: list[Span] = []
    for number, (low, high) in enumerate(block.lines):
        start = _behind_lead(text, low, high, has_dashes=has_dashes)
        lead = text[low:start].strip()
        is_row = text.startswith("|", start, high)
        if _RULE.fullmatch(text, start, high):
            start = high
        if lead or is_row or start >= high:
            yield from _passage(text, kind, lines, quoted=block.quoted)
            lines = []
            kind = PassageKind.ITEM if lead.strip("># ") else kind if number == 0 else PassageKind.TEXT
        *closed, last = _pieces(text, start, high, is_row=is_row)
        for piece in closed:
            yield from _passage(text, kind, [*lines, piece], quoted=block.quoted)
            lines = []
        lines.append(last)
        if is_row:
            yield from _passage(text, kind, lines, quoted=block.quoted)
            lines = []
    yield from _passage(text, kind, lines, quoted=block.quoted)


def _behind_lead(text: str, low: int, high: int, *, has_dashes: bool) -> int:
    lead = _LEAD.match(text, low, high)
    start = lead.end() if lead else low
    dash = _DASH.match(text, start, high) if has_dashes else None
    return dash.end() if dash else start


def _pieces(text: str, start: int, end: int, *, is_row: bool) -> list[Span]:
    """Cut a line at block tags and at bullets in its middle; a row of a table without a header at its bars."""
    line = text[start:end]
    if is_row:
        cuts = [match.span() for match in _BAR.finditer(text, start, end)]
    elif "<" in line or not line.isascii():
        found = _INSIDE.finditer(text, start, end)
        cuts = [match.span() for match in found if match["block"] or text[match.start()] != "<"]
    else:
        return [(start, end)]
    return list(_between(start, cuts, end))


def _between(start: int, cuts: Sequence[Span], end: int) -> Iterator[Span]:
    """Yield what lies between cuts."""
    for low, high in cuts:
        yield start, low
        start = high
    yield start, end


def _cells(text: str, start: int, end: int) -> list[Span]:
    """Return the cells of a table's row; each bar without a backslash before it parts two, in code as well."""
    start, end = _trimmed(text, start, end)
    cells = list(_between(start, [match.span() for match in _BAR.finditer(text, start, end)], end))
    if cells[0][0] == cells[0][1]:
        cells = cells[1:]
    if cells and cells[-1][0] == cells[-1][1]:
        cells = cells[:-1]
    return [_trimmed(text, *cell) for cell in cells]


def _trimmed(text: str, start: int, end: int, more: str = "") -> Span:
    line = text[start:end]
    first = start + len(line) - len(line.lstrip())
    return first, max(first, start + len(line.rstrip().rstrip(more)))


def _json_passages(text: str) -> Iterator[Passage]:
    """Yield the strings of a JSON text; one of several lines is read as Markdown."""
    rows = 0
    for start, end in string_spans(text):
        escaped = text.find("\\", start, end) >= 0
        inner = decode(text, [(start, end)]) if escaped else None
        if inner is None or "\n" not in inner.text[:-1]:
            lead = _LEAD.match(text, start, end)
            yield from _json_string(text, lead.end() if lead else start, end, escaped=escaped)
            continue
        passages = [_put_back(passage, inner, rows) for passage in _markdown_passages(inner.text)]
        rows += max((passage.row - rows + 1 for passage in passages if passage.row >= 0), default=0)
        yield from passages


def _json_string(text: str, start: int, end: int, *, escaped: bool) -> Iterator[Passage]:
    low, high = _trimmed(text, start, end)
    if high > low:
        yield Passage(PassageKind.STRING, ((low, high),), escaped=escaped)


def _put_back(passage: Passage, inner: Decoded, rows: int) -> Passage:
    """Return a passage of a decoded string with its ranges in the JSON text."""
    spans = tuple(inner.offsets.span(*span) for span in passage.spans)
    return replace(
        passage,
        kind=PassageKind.STRING if passage.kind is PassageKind.TEXT else passage.kind,
        spans=spans,
        header=passage.header and inner.offsets.span(*passage.header),
        row=passage.row + rows if passage.row >= 0 else -1,
        escaped=True,
    )
