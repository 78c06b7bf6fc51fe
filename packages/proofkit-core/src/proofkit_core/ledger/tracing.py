"""Traces one text: each sentence, number and skill with the source it rests on."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from proofkit_core.integrity import FactLedger
from proofkit_core.ledger.carriers import DRAFT_CARRIER, FIXED_CARRIERS, is_markdown
from proofkit_core.ledger.numbers import RestingAmount, read_numbers
from proofkit_core.ledger.reading import Stretch, read_statements
from proofkit_core.ledger.rules import Span, find_loose
from proofkit_core.ledger.sentences import Rests, rest_of, speaks_for_itself
from proofkit_core.ledger.skills import named_skills
from proofkit_core.ledger.sources import read_sources
from proofkit_core.packet import EntryType, LedgerEntry, SourceKind, Support

Supports = tuple[Support, ...]
_TITLE_WORDS = 6
"""A heading or column head of fewer words names what follows and states nothing."""


def trace(
    carrier: str,
    text: str,
    *,
    facts: FactLedger,
    skills: tuple[str, ...] = (),
    beside: Supports = (),
) -> tuple[LedgerEntry, ...]:
    """Return what a text says, each sentence, number and skill with its source.

    Args:
        carrier: Name of the carrier; see `LedgerEntry`.
        text: The carrier's text, Markdown or plain.
        facts: What statements may rest on.
        skills: The skills of the brief.
        beside: The person's words that the text answers to, such as a weak spot in the question before it.

    Returns:
        The entries in order; a sentence's id ends in `#2`, those of its numbers and skills in `#2.1`, `#2.2` …
    """
    return _traced(carrier, text, facts, skills, beside)


@lru_cache(maxsize=256)
def _traced(
    carrier: str, text: str, facts: FactLedger, skills: tuple[str, ...], beside: Supports
) -> tuple[LedgerEntry, ...]:
    """Return the entries of a text; the export traces once more what was traced when the packet was made."""
    sources = read_sources(facts)
    loose = [] if carrier in FIXED_CARRIERS else find_loose(text, facts)
    statements = read_statements(text, plain=not is_markdown(carrier))
    rests = [
        Rests(SourceKind.UNSUPPORTED, ()) if _touches(each.span, loose) else rest_of(each, text, sources)
        for each in statements
    ]
    near = _yours_by_place(statements, rests)
    entries: list[LedgerEntry] = []
    number = 0
    for statement, alone in zip(statements, rests, strict=True):
        own = near.get((statement.passage, -1)) or near.get((-1, statement.row)) or beside
        rest = Rests(SourceKind.YOURS, own) if own and speaks_for_itself(statement, alone) else alone
        numbers = [_checked(n, statement, loose) for n in read_numbers(statement, rest, text, sources)]
        rest = _by_number(statement, rest, numbers)
        if not _is_label(statement, rest):
            number += 1
            parts = _parts(statement, rest, numbers, skills)
            entries += _entries(f"{carrier}#{number}", carrier, text, parts)
    return tuple(entries)


def first_unsupported(texts: Iterable[str], facts: FactLedger) -> str:
    """Return the first statement or number of some drafts that has no source; empty where all have one.

    Args:
        texts: Markdown or plain texts, after the integrity rules edited them.
        facts: What they may rest on. Without facts of the exercise nothing can be said.
    """
    if not facts.scenario_facts:
        return ""
    entries = (entry for text in texts for entry in trace(DRAFT_CARRIER, text, facts=facts))
    return next((entry.text for entry in entries if entry.kind is SourceKind.UNSUPPORTED), "")


_Part = tuple[EntryType, Span, SourceKind, Supports]


def _parts(
    statement: Stretch, rest: Rests, numbers: Sequence[RestingAmount], skills: tuple[str, ...]
) -> Iterator[_Part]:
    """Yield the statement, then what stands in it, in order."""
    yield EntryType.SENTENCE, statement.span, rest.kind, rest.support
    inside: list[_Part] = [
        (EntryType.NUMBER, statement.place(amount.low, amount.high), kind, support) for amount, kind, support in numbers
    ]
    inside += [
        (EntryType.SKILL, (start, end), SourceKind.YOURS, (support,))
        for start, end, support in named_skills(statement, skills)
    ]
    yield from sorted(inside, key=lambda part: part[1])


def _entries(first_id: str, carrier: str, text: str, parts: Iterable[_Part]) -> Iterator[LedgerEntry]:
    for number, (what, (start, end), kind, support) in enumerate(parts):
        yield LedgerEntry(
            id=f"{first_id}.{number}" if number else first_id,
            type=what,
            carrier=carrier,
            start=start,
            end=end,
            text=text[start:end],
            kind=kind,
            support=support,
        )


def _checked(number: RestingAmount, statement: Stretch, loose: Sequence[Span]) -> RestingAmount:
    place = statement.place(number.amount.low, number.amount.high)
    return RestingAmount(number.amount, SourceKind.UNSUPPORTED, ()) if _touches(place, loose) else number


def _touches(span: Span, loose: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in loose)


def _yours_by_place(statements: Sequence[Stretch], rests: Sequence[Rests]) -> dict[tuple[int, int], Supports]:
    """Return the person's words by the passage, and by the table row, in which they stand."""
    found: dict[tuple[int, int], Supports] = {}
    for statement, rest in zip(statements, rests, strict=True):
        if rest.kind is SourceKind.YOURS:
            found.setdefault((statement.passage, -1), rest.support)
            if statement.row >= 0:
                found.setdefault((-1, statement.row), rest.support)
    return found


def _by_number(statement: Stretch, rest: Rests, numbers: Sequence[RestingAmount]) -> Rests:
    """Return the fact whose number a plain statement tells, where nothing else says what it rests on."""
    if rest.kind is not SourceKind.HYPOTHETICAL or statement.is_conditional or statement.label:
        return rest
    told = [n.support for n in numbers if n.kind is SourceKind.BRIEF and n.amount.in_digits]
    return Rests(SourceKind.BRIEF, told[0]) if told else rest


def _is_label(statement: Stretch, rest: Rests) -> bool:
    plain = rest.kind is SourceKind.HYPOTHETICAL and not any(amount.in_digits for amount in statement.amounts)
    return statement.is_title and plain and len(statement.words) < _TITLE_WORDS
