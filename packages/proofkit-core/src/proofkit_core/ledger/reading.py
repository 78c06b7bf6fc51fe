"""Reads texts into stretches: sentences, cells and lines with their words and amounts, each with its place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from proofkit_core.faithfulness import distinctive_stems
from proofkit_core.ledger.amounts import Amount, read_amounts
from proofkit_core.ledger.rules import (
    Folded,
    Passage,
    PassageKind,
    Span,
    clause_bounds,
    find_all_labelled,
    find_label,
    fold_passage,
    is_conditional,
    read_passages,
    sentence_bounds,
    tokens_of,
)

_LABEL = re.compile(r"\((?:h|hypothetical)\)")
_COUNTER = re.compile(r"#?\d{1,3}[.)]?")
"""What the first cell of a row holds where it only numbers the row."""
_OPENING = re.compile(r"!?\[$")
_LEAD = re.compile(r"\s*(?:[-*•]\s+)?")
_LETTER = re.compile(r"[^\W_]")


class Word(NamedTuple):
    """A word in comparison form with its place in the original text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Stretch:
    """A sentence, a table cell, a line of code or a title."""

    folded: Folded
    low: int
    high: int
    """Place in the folded passage."""
    passage: int = 0
    """Number of its passage in the text."""
    row: int = -1
    """Number of its table row, or -1."""
    is_title: bool = False
    """A heading or the head of a column."""
    labelled: Span | None = None
    """Place of the words by which a whole column or text says that its figures are hypothetical."""
    opening: int = 0
    """Length of the mark right before it that opens a link or a picture."""

    @cached_property
    def lower(self) -> str:
        """Return the folded text in lower case."""
        return self.folded.lower[self.low : self.high]

    @cached_property
    def span(self) -> Span:
        """Return the place in the original text."""
        start, end = self.place(0, self.high - self.low)
        return start - self.opening, end

    def place(self, low: int, high: int) -> Span:
        """Return the place in the original of a range of `lower`."""
        return self.folded.span(self.low + low, self.low + high)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Return the words."""
        return tuple(Word(t.word, *self.place(t.start, t.end)) for t in tokens_of(self.lower))

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """Return the stems of the words that tell it from other stretches."""
        return distinctive_stems(self.lower)

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Return its numbers and dates, in order."""
        return read_amounts(self.lower)

    @cached_property
    def is_conditional(self) -> bool:
        """Say whether it speaks of what would be."""
        return is_conditional(self.lower, 0, len(self.lower))

    @cached_property
    def label(self) -> Span | None:
        """Return the place of the words that say that it is assumed, estimated or invented."""
        found = find_label(self.lower)
        return self.place(*found) if found else None

    def label_of(self, amount: Amount) -> Span | None:
        """Return the place of the label of a number: in its clause before the next number, or over its column."""
        following = next((a.low for a in self.amounts if a.low >= amount.high), len(self.lower))
        clauses = clause_bounds(self.lower, 0, len(self.lower))
        end = next((high for _, high in clauses if high >= amount.high), following)
        found = _LABEL.search(self.lower, amount.low, following)
        return self.place(*found.span()) if found and found.start() <= end + 1 else self.labelled


def read_statements(text: str, *, plain: bool = False) -> list[Stretch]:
    """Return everything that a text says: its sentences, cells, titles and lines of code.

    Args:
        text: Markdown, or plain text.
        plain: Nothing in the text is Markdown, and each of its line breaks is shown as one, as in a post.
    """
    overall = _label_in(text, (0, len(text)), everywhere=True)
    if plain:
        return [replace(line, labelled=overall) for line in read_lines(text)]
    stretches: list[Stretch] = []
    row = -1
    for number, passage in enumerate(read_passages(text)):
        begins, row = passage.row > row, passage.row
        if begins and _COUNTER.fullmatch(text[slice(*passage.spans[0])]):
            continue
        title = passage.kind is PassageKind.HEADING or passage.is_header
        label = overall or (_label_in(text, passage.header) if passage.header else None)
        for line in _lines(text, passage):
            folded = fold_passage(text, line)
            whole = passage.row >= 0 or passage.kind is PassageKind.CODE
            for low, high in [(0, len(folded.lower))] if whole else _sentences(folded):
                stripped = _stripped(folded, low, high)
                if stripped:
                    start = folded.span(*stripped)[0]
                    opening = _OPENING.search(text[max(0, start - 2) : start])
                    mark = len(opening.group()) if opening else 0
                    stretches.append(Stretch(folded, *stripped, number, passage.row, title, label, mark))
    return stretches


def read_lines(text: str) -> list[Stretch]:
    """Return the sentences of a plain text, line by line; paragraphs count as its passages."""
    stretches: list[Stretch] = []
    place = number = 0
    for line in text.splitlines(keepends=True):
        folded = fold_passage(text, [(place, place + len(line))])
        place += len(line)
        number += not line.strip()
        for low, high in _sentences(folded):
            stripped = _stripped(folded, low, high)
            if stripped:
                stretches.append(Stretch(folded, *stripped, number))
    return stretches


def _lines(text: str, passage: Passage) -> Iterator[Sequence[Span]]:
    """Yield the lines of a passage that are shown as such: a sentence never runs across a line break."""
    line: list[Span] = []
    for span in passage.spans:
        line.append(span)
        behind = text[span[1] : max(text.find("\n", span[1]), span[1])]
        if behind.endswith(("  ", "\\")):
            yield line
            line = []
    if line:
        yield line


def _sentences(folded: Folded) -> list[Span]:
    """Return the ranges of the sentences; one that goes on in lower case after `…` was not over."""
    bounds: list[Span] = []
    for low, high in sentence_bounds(folded.lower):
        over = not folded.lower[: bounds[-1][1] if bounds else 0].endswith(("…", "..."))
        start = low if over or not folded.text[low : low + 1].islower() else bounds.pop()[0]
        bounds.append((start, high))
    return bounds


def _stripped(folded: Folded, low: int, high: int) -> Span | None:
    """Return a range without white space around it and without a list mark; none where no word is left."""
    piece = folded.lower[low:high]
    lead = _LEAD.match(piece)
    if not _LETTER.search(piece):
        return None
    return low + (lead.end() if lead else 0), high - (len(piece) - len(piece.rstrip()))


def _label_in(text: str, span: Span, *, everywhere: bool = False) -> Span | None:
    """Return the place of the words that label a column, or all figures of a text."""
    folded = fold_passage(text, [span])
    found = find_all_labelled(folded.lower) if everywhere else find_label(folded.lower)
    return folded.span(*found) if found else None
