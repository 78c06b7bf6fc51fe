"""Reads texts into stretches: sentences, cells and lines with their words and amounts, each with its place.

The only module of the ledger that looks into the integrity rules: how they cut a text, fold it and read quantities.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from proofkit_core.faithfulness import anchors, fold, stem
from proofkit_core.integrity import Action, Carrier, FactLedger, review_text
from proofkit_core.integrity.clauses import clause_bounds, is_conditional, sentence_bounds
from proofkit_core.integrity.folding import Folded, fold_passage
from proofkit_core.integrity.lexicon import SMALL_NUMBERS, load_lexicon
from proofkit_core.integrity.passages import Passage, PassageKind, read_passages
from proofkit_core.integrity.patterns import pattern
from proofkit_core.integrity.quantities import Quantity, UnitKind, read_quantities, same_quantity
from proofkit_core.integrity.support import tokens_of

Span = tuple[int, int]
_REAL_LIFE = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG, Action.LABEL_HYPOTHETICAL})
_DATE = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>[a-z]{3})[a-z]*|(?P<m>[a-z]{3})[a-z]*\.?\s(?P<d>\d{1,2})(?!\d)"
)
_WEEKDAY_BEFORE = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s$")
_PEOPLE = frozenset({"people", "persons", "team", "staff", "crew", "group", "colleagues", "employees"})
_NOUN_WINDOW = 6
"""A counted noun stands so many words from its number, parts of joined words counted."""
_NUMBER_WORDS = frozenset(SMALL_NUMBERS) | {"a", "half", "dozen", "hundred", "thousand", "million", "k", "m", "bn"}
_WORD_CHAR = re.compile(r"[^\W_]")


class Word(NamedTuple):
    """A word in comparison form with its place in the original text."""

    text: str
    start: int
    end: int


class Amount(NamedTuple):
    """A number with its unit or noun, or a date."""

    start: int
    end: int
    """Place in the original text."""
    low: int
    high: int
    """Place in the folded stretch."""
    quantity: Quantity
    date: str = ""
    """A date in one plain form, such as `22 may`."""

    @property
    def in_digits(self) -> bool:
        """Say whether it is written in digits."""
        return not self.quantity.in_words


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

    @cached_property
    def lower(self) -> str:
        """Return the folded text in lower case."""
        return self.folded.lower[self.low : self.high]

    @cached_property
    def span(self) -> Span:
        """Return the place in the original text."""
        return self.place(0, self.high - self.low)

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
        return frozenset(stem(fold(word)) for word in anchors(self.lower))

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Return its numbers and dates, in order."""
        return tuple(_amounts(self))

    @cached_property
    def is_conditional(self) -> bool:
        """Say whether it speaks of what would be."""
        return is_conditional(self.lower, 0, len(self.lower))


def read_statements(text: str, *, plain: bool = False) -> list[Stretch]:
    """Return everything that a text says: its sentences, cells, titles and lines of code.

    Args:
        text: Markdown, or plain text.
        plain: A line break is shown as one, as in a post; in Markdown only a hard one is.
    """
    stretches: list[Stretch] = []
    overall = _overall_label(text)
    lines = (
        (n, passage, spans) for n, passage in enumerate(read_passages(text)) for spans in _lines(text, passage, plain)
    )
    for number, passage, spans in lines:
        folded = fold_passage(text, spans)
        whole = passage.row >= 0 or passage.kind is PassageKind.CODE
        bounds = [(0, len(folded.lower))] if whole else _sentences(folded)
        title = passage.kind is PassageKind.HEADING or passage.is_header
        label = overall or (_label_in(text, passage.header) if passage.header else None)
        for low, high in bounds:
            stretch = _stripped(folded, low, high)
            if stretch:
                stretches.append(Stretch(folded, *stretch, number, passage.row, title, label))
    return stretches


def read_lines(text: str) -> list[Stretch]:
    """Return the sentences of a plain text, line by line; what a source says."""
    stretches: list[Stretch] = []
    place = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        folded = fold_passage(text, [(place, place + len(line))])
        place += len(line)
        for low, high in sentence_bounds(folded.lower):
            stretch = _stripped(folded, low, high)
            if stretch:
                stretches.append(Stretch(folded, *stretch, number))
    return stretches


def find_loose(text: str, facts: FactLedger) -> list[Span]:
    """Return the places where a text says something real, or a figure, that no fact carries."""
    verdict = review_text(text, facts=facts, carrier=Carrier.SECTION)
    return [(found.start, found.end) for found in verdict.findings if found.action in _REAL_LIFE]


def label_after(stretch: Stretch, amount: Amount) -> Span | None:
    """Return the place of the `(h)` that belongs to a number: in its clause, before the next number."""
    following = next((a.low for a in stretch.amounts if a.low >= amount.high), len(stretch.lower))
    clause = next((b for b in clause_bounds(stretch.lower, 0, len(stretch.lower)) if b[1] >= amount.high), None)
    last = min(following, clause[1] + len(" (h)") if clause else following)
    at = stretch.lower.find("(h)", amount.low, last)
    return stretch.place(at, at + len("(h)")) if at >= 0 else None


def labelling_words(stretch: Stretch) -> Span | None:
    """Return the place of the words that say that a statement is assumed, estimated or invented."""
    found = pattern("labelled").search(stretch.lower)
    return stretch.place(*found.span()) if found else None


def same_amount(one: Amount, other: Amount, line: Stretch) -> bool:
    """Say whether an amount of a source carries an amount of a statement.

    Args:
        one: The statement's.
        other: The source's.
        line: Where the source says it; a counted noun has to stand right behind the number there.
    """
    if one.date or other.date:
        return one.date == other.date
    if not same_quantity(one.quantity, other.quantity):
        return False
    if one.quantity.kind is UnitKind.COUNT and other.quantity.kind is not UnitKind.NONE:
        both_people = one.quantity.noun in _PEOPLE and other.quantity.noun in _PEOPLE
        behind = [token.word for token in tokens_of(line.lower[other.low :])][:_NOUN_WINDOW]
        return both_people or stem(one.quantity.noun) in map(stem, behind)
    if one.quantity.kind is UnitKind.TIME:
        return other.quantity.kind in {UnitKind.TIME, UnitKind.NONE}
    return True


def _lines(text: str, passage: Passage, plain: bool) -> Iterator[Sequence[Span]]:  # noqa: FBT001 - passed on
    """Yield the lines of a passage that are shown as such: a sentence never runs across a line break."""
    line: list[Span] = []
    for span in passage.spans:
        line.append(span)
        behind = text[span[1] : max(text.find("\n", span[1]), span[1])]
        if plain or behind.endswith(("  ", "\\")):
            yield line
            line = []
    if line:
        yield line


def _sentences(folded: Folded) -> list[Span]:
    """Return the ranges of the sentences; one that goes on in lower case after `…` was not over."""
    bounds: list[Span] = []
    for low, high in sentence_bounds(folded.lower):
        if bounds and folded.lower[: bounds[-1][1]].endswith(("…", "...")) and folded.text[low : low + 1].islower():
            low = bounds.pop()[0]
        bounds.append((low, high))
    return bounds


def _stripped(folded: Folded, low: int, high: int) -> Span | None:
    """Return a range without white space around it; none where no word is left."""
    piece = folded.lower[low:high]
    if not _WORD_CHAR.search(piece):
        return None
    return low + len(piece) - len(piece.lstrip()), high - (len(piece) - len(piece.rstrip()))


def _amounts(stretch: Stretch) -> Iterator[Amount]:
    lower = stretch.lower
    dates = [_dated(stretch, found) for found in pattern("date").finditer(lower)] if re.search(r"\d", lower) else []
    cited = [found.span() for found in re.finditer(r"\[s\d+\]", lower)]
    found = [
        Amount(*stretch.place(q.start, end), q.start, end, q)
        for q in read_quantities(lower)
        if any(q.values) and not _overlaps(q, dates) and not any(q.start < high and low < q.end for low, high in cited)
        if (end := _end_of(q, lower)) > q.start
    ]
    yield from sorted([*dates, *found], key=lambda amount: amount.low)


def _end_of(quantity: Quantity, lower: str) -> int:
    """Return where a quantity ends; a word behind it belongs to it only if it is something that is counted.

    What is no quantity, such as the `one` of `the other one`, ends where it starts.
    """
    lexicon = load_lexicon()
    if quantity.kind is UnitKind.SHARE and quantity.in_words and not lower.startswith(" of ", quantity.end):
        return quantity.start  # `a third thing` is no third
    counted = quantity.noun in lexicon.quantities | lexicon.document
    if lower.startswith("one ", quantity.start) and lower[quantity.start : quantity.end] != f"one {quantity.noun}":
        counted = False
    if quantity.kind not in {UnitKind.COUNT, UnitKind.NONE} or quantity.is_group or counted:
        return quantity.end
    if not quantity.in_words and quantity.noun.endswith("s"):
        return quantity.end
    end = quantity.start
    for token in tokens_of(lower[quantity.start : quantity.end]):
        if not (token.word.isdigit() or token.word in _NUMBER_WORDS):
            break
        end = quantity.start + token.end
    return quantity.start if lower[quantity.start : end] == "one" else end


def same_values(one: Amount, other: Amount) -> bool:
    """Say whether two amounts hold the same numbers, whatever they count."""
    if one.date or other.date:
        return one.date == other.date
    return same_quantity(Quantity(0, 0, one.quantity.values, UnitKind.NONE), other.quantity)


def _overlaps(quantity: Quantity, dates: list[Amount]) -> bool:
    return any(quantity.start < date.high and date.low < quantity.end for date in dates)


def _dated(stretch: Stretch, found: re.Match[str]) -> Amount:
    low, high = found.span()
    before = _WEEKDAY_BEFORE.search(stretch.lower, 0, low)
    low = before.start() if before else low
    parts = _DATE.search(found.group())
    day, month = (parts["day"] or parts["d"], parts["month"] or parts["m"]) if parts else ("", "")
    date = f"{int(day)} {month}" if parts else " ".join(found.group().split())
    return Amount(*stretch.place(low, high), low, high, Quantity(low, high, (), UnitKind.NONE), date)


def _label_in(text: str, span: Span) -> Span | None:
    found = pattern("labelled").search(text.lower(), *span) if len(text.lower()) == len(text) else None
    return found.span() if found else None


def _overall_label(text: str) -> Span | None:
    lower = text.lower()
    found = pattern("all_labelled").search(lower) if len(lower) == len(text) else None
    return found.span() if found else None
