"""Sentences of a Markdown file with their marks, and the sentences that look as if they needed one."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from proofkit_eval.claims.words import claim_words

__all__ = ["Sentence", "read_sentences"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_STARTS = re.compile(r"\s*(?:[-*+]|\d+[.)]|#{1,6}|>)\s")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MARK = re.compile(r"\s*claim:\s*(.*?)\s*\Z", re.DOTALL)
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+(?=[\"'“‘(\[*_]*[A-Z0-9])")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|cf|approx|Fig|No|Dr|etc)\.\s*\Z")
_CELL = re.compile(r"(?<!\\)\|")


class Sentence(NamedTuple):
    """One sentence, as far as marks are concerned."""

    line: int
    text: str
    marks: tuple[str, ...]
    """The words of the marks right behind it."""
    words: tuple[str, ...]
    """What in it speaks of a comparison."""


class _Block(NamedTuple):
    line: int
    text: str


def read_sentences(markdown: str) -> tuple[Sentence, ...]:
    """Return the sentences that carry a mark or a word that compares.

    Code, in fences or in backticks, holds neither. A cell of a table, an entry of a list and a heading end a sentence.

    Args:
        markdown: A whole file.
    """
    found: list[Sentence] = []
    for block in _blocks(markdown):
        found += [each for each in _sentences(block) if each.marks or each.words]
    return tuple(found)


def _blocks(markdown: str) -> Iterator[_Block]:
    """Cut a file into paragraphs, entries, headings and rows of tables; comments may go over several lines."""
    start, lines, fence = 1, list[str](), ""
    for number, line in enumerate(_without_comment_breaks(markdown), 1):
        fences = _FENCE.match(line)
        if fence:
            fence = "" if fences and fences[1].startswith(fence) and not line.strip(" `~") else fence
            continue
        is_row = line.lstrip().startswith("|")
        if fences or not line.strip() or _STARTS.match(line) or is_row:
            if lines:
                yield _Block(start, "\n".join(lines))
            lines = []
        if fences:
            fence = fences[1]
        elif is_row:
            yield from (_Block(number, cell) for cell in _CELL.split(line))
        elif line.strip():
            start = start if lines else number
            lines.append(line)
    if lines:
        yield _Block(start, "\n".join(lines))


def _without_comment_breaks(markdown: str) -> list[str]:
    """Return the lines, with blank lines inside a comment filled so that they end no paragraph."""
    whole = _COMMENT.sub(lambda found: re.sub(r"\n(?=[ \t]*\n)", "\n\0", found[0]), markdown)
    return whole.split("\n")


def _sentences(block: _Block) -> Iterator[Sentence]:
    """Yield the sentences of a block; each mark belongs to the sentence that ends before it."""
    kept = _CODE.sub(lambda found: "`" + "\1" * (len(found[0]) - 2) + "`", block.text)
    spans = [(found.start(), found.end()) for found in _COMMENT.finditer(kept)]
    pieces: list[tuple[int, str, list[str]]] = []
    place = 0
    for start, end in [*spans, (len(kept), len(kept))]:
        for at, text in _cut(kept, place, start):
            pieces.append((at, text, []))
        mark = _MARK.match(block.text[start + 4 : end - 3]) if end > start else None
        if mark:
            if not pieces:
                pieces.append((start, "", []))
            pieces[-1][2].append(" ".join(mark[1].replace("\0", " ").split()))
        place = end
    for at, text, marks in pieces:
        line = block.line + block.text.count("\n", 0, at)
        sign = _STARTS.match(text + " ")
        original = " ".join(block.text[at + (sign.end() if sign else 0) : at + len(text)].split())
        yield Sentence(line, original, tuple(marks), claim_words(text))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield place and text of each sentence between two places."""
    begin = start
    for found in _END.finditer(text, start, end):
        if _ABBREVIATION.search(text, begin, found.start()):
            continue
        yield from _trimmed(text, begin, found.end())
        begin = found.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    piece = text[start:end]
    bare = piece.strip()
    if bare.strip("*_.!?\"'”’)"):
        yield start + piece.index(bare), bare
