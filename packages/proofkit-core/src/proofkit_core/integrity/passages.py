"""Cuts a text into passages: paragraphs, list items, headings, quotations, table cells, code, JSON strings.

A passage is what a rule sees at once. Cells never run into each other, and a quotation is read as somebody's words.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

Span = tuple[int, int]


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


_QUOTE = re.compile(r"[ ]{0,3}>[ ]?")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+")
_ITEM = re.compile(r"[ \t]*(?:[-+*•‣▪◦]|\d{1,9}[.)])[ \t]+")
_BREAK = re.compile(r"[ ]{0,3}(?:[-_*=][ \t]*){3,}$|[ ]{0,3}=+[ \t]*$")
_DELIMITER = re.compile(r"[ ]{0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PIPE = re.compile(r"\\.|`[^`]*`|(\|)")
_JSON_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')


@dataclass(slots=True)
class _Reader:
    """What has been read so far, while the lines go by."""

    text: str
    done: list[Passage] = field(default_factory=list[Passage])
    open: list[Span] = field(default_factory=list[Span])
    kind: PassageKind = PassageKind.TEXT
    quoted: bool = False
    fence: str = ""
    header: list[Span] | None = None
    rows: int = 0

    def flush(self) -> None:
        if self.open:
            self.done.append(Passage(self.kind, tuple(self.open), quoted=self.quoted))
        self.open = []
        self.kind = PassageKind.TEXT


def read_passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of a Markdown, plain or JSON text, in order.

    Args:
        text: The original; every range refers to it.
    """
    if text.lstrip()[:1] in {"{", "["} and _is_json(text):
        return tuple(
            Passage(PassageKind.STRING, (m.span(1),)) for m in _JSON_STRING.finditer(text) if m[1] and not m[2]
        )
    reader = _Reader(text)
    lines = list(_lines(text))
    for number, (start, end) in enumerate(lines):
        following = text[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
        _read_line(reader, start, end, following)
    reader.flush()
    return tuple(reader.done)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _lines(text: str) -> Iterator[Span]:
    place = 0
    for line in text.splitlines(keepends=True):
        yield place, place + len(line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
        place += len(line)


def _read_line(reader: _Reader, start: int, end: int, following: str) -> None:
    text = reader.text
    inner = start
    while not reader.fence and (mark := _QUOTE.match(text, inner, end)):
        inner = mark.end()
    if not reader.fence and (inner > start) != reader.quoted and text[inner:end].strip():
        reader.flush()
        reader.quoted, reader.header = inner > start, None
    line = text[inner:end]
    fence = _FENCE.match(line)
    if fence and (not reader.fence or line.strip().strip(reader.fence[0]) == ""):
        reader.flush()
        reader.fence = "" if reader.fence else fence.group(1)
    elif reader.fence:
        _add_code(reader, inner, end)
    elif not line.strip() or _BREAK.match(line):
        reader.flush()
        reader.header = None
    elif "|" in line and _is_row(reader, line, following):
        _add_row(reader, inner, end)
    else:
        reader.header = None
        _add_text(reader, inner, end)


def _add_code(reader: _Reader, start: int, end: int) -> None:
    if end > start:
        reader.done.append(Passage(PassageKind.CODE, ((start, end),), quoted=reader.quoted))


def _add_text(reader: _Reader, start: int, end: int) -> None:
    text = reader.text
    heading = _HEADING.match(text, start, end)
    item = _ITEM.match(text, start, end)
    if heading or item:
        reader.flush()
        reader.kind = PassageKind.HEADING if heading else PassageKind.ITEM
        start = heading.end() if heading else item.end() if item else start
    line = text[start:end]
    first = start + len(line) - len(line.lstrip())
    last = end - (len(line) - len(line.rstrip(" \t\\")))
    if last > first:
        reader.open.append((first, last))
    if heading:
        reader.flush()


def _is_row(reader: _Reader, line: str, following: str) -> bool:
    if reader.header is not None or line.lstrip().startswith("|"):
        return True
    bare = following.lstrip(" >")
    return "|" in bare and bool(_DELIMITER.match(bare))


def _add_row(reader: _Reader, start: int, end: int) -> None:
    reader.flush()
    text = reader.text
    if _DELIMITER.match(text[start:end]):
        return
    cells = _cells(text, start, end)
    is_header = reader.header is None
    if is_header:
        reader.header = cells
    header = reader.header or []
    for column, span in enumerate(cells):
        if span[1] > span[0]:
            above = header[column] if not is_header and column < len(header) else None
            reader.done.append(
                Passage(PassageKind.CELL, (span,), reader.quoted, above, reader.rows, is_header=is_header)
            )
    reader.rows += 1


def _cells(text: str, start: int, end: int) -> list[Span]:
    bars = [m.start() for m in _PIPE.finditer(text, start, end) if m.group(1)]
    edges = [start - 1, *bars, end]
    cells: list[Span] = []
    for left, right in pairwise(edges):
        raw = text[left + 1 : right]
        first = left + 1 + len(raw) - len(raw.lstrip())
        cells.append((first, max(first, right - (len(raw) - len(raw.rstrip())))))
    if cells and cells[0][0] >= cells[0][1]:
        cells = cells[1:]
    return cells[:-1] if len(cells) > 1 and cells[-1][0] >= cells[-1][1] else cells
