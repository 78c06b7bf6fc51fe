"""Traces texts: each sentence, number and skill with the source it rests on."""

from collections.abc import Iterable, Iterator, Sequence

from proofkit_core.integrity import FactLedger
from proofkit_core.ledger.carriers import (
    DRAFT_CARRIER,
    Texts,
    carrier_texts,
    is_markdown,
    keyword_carrier,
    point_carriers,
    section_carrier,
)
from proofkit_core.ledger.numbers import RestingAmount, read_numbers
from proofkit_core.ledger.reading import Span, Stretch, find_loose, read_statements
from proofkit_core.ledger.sentences import Rests, rest_of, speaks_for_itself
from proofkit_core.ledger.skills import named_skills, sections_showing, support_of
from proofkit_core.ledger.sources import name_facts, read_sources
from proofkit_core.packet import EntryType, LedgerEntry, SourceKind, Support

_TITLE_WORDS = 6
"""A heading or column head of fewer words names what follows and states nothing."""


def trace(
    carrier: str,
    text: str,
    *,
    facts: FactLedger,
    skills: tuple[str, ...] = (),
    beside: tuple[Support, ...] = (),
) -> tuple[LedgerEntry, ...]:
    """Return what a text says, each sentence, number and skill with its source.

    Args:
        carrier: Name of the carrier; see `LedgerEntry`.
        text: The carrier's text, Markdown or plain.
        facts: What statements may rest on.
        skills: The skills of the brief.
        beside: The person's words that the text answers to, such as a weak spot in the question before it.
    """
    sources = read_sources(facts)
    loose = find_loose(text, facts)
    statements = read_statements(text, plain=not is_markdown(carrier))
    rests = [_rest(s, rest_of(s, text, sources), loose) for s in statements]
    near = _yours_by_place(statements, rests)
    entries: list[LedgerEntry] = []
    number = 0
    for statement, rest in zip(statements, rests, strict=True):
        own = near.get((statement.passage, -1)) or near.get((-1, statement.row)) or beside
        rest_here = Rests(SourceKind.YOURS, own) if own and speaks_for_itself(statement, rest) else rest
        numbers = read_numbers(statement, rest_here, text, sources)
        found = _checked(numbers, loose)
        rest_here = _by_number(statement, rest_here, found)
        if _is_label(statement, rest_here):
            continue
        number += 1
        make = _Maker(carrier, text, number)
        entries.append(make.sentence(statement, rest_here))
        entries += make.parts(found, statement, skills)
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


def trace_packet(packet: Texts) -> tuple[LedgerEntry, ...]:
    """Return the ledger of a packet, computed on its finished texts.

    Args:
        packet: The packet, or its finished texts with what they were made from.
    """
    entries: list[LedgerEntry] = []
    for group in _traced(packet):
        first = sum(_is_top(entry.id) for entry in entries)
        entries += [_numbered(entry, first) for entry in group]
    return tuple(entries)


def _traced(packet: Texts) -> Iterator[Sequence[LedgerEntry]]:
    facts = name_facts(packet.brief, packet.challenge)
    skills = packet.brief.skills
    shown = {section_carrier(section): support for section, support in sections_showing(skills, packet.sample)}
    questions = dict(point_carriers(n)[::-1] for n in range(len(packet.talking_points.items)))
    traced: dict[str, tuple[LedgerEntry, ...]] = {}
    keywords = {keyword_carrier(n): support_of(skill, n) for n, skill in enumerate(skills)}
    for carrier, text in carrier_texts(packet):
        if carrier in keywords:
            yield [_skill_entry(carrier, text, keywords[carrier], 1)]
            continue
        asked = [e.support for e in traced.get(questions.get(carrier, ""), ()) if e.kind is SourceKind.YOURS]
        beside = asked[0] if asked else ()
        traced[carrier] = trace(carrier, text, facts=facts, skills=skills, beside=beside)
        yield traced[carrier]
        if carrier in shown:
            yield [_skill_entry(carrier, text, shown[carrier], 1)]


class _Maker:
    """Makes the entries of one statement."""

    def __init__(self, carrier: str, text: str, number: int) -> None:
        self._carrier = carrier
        self._text = text
        self._id = f"{carrier}#{number}"

    def sentence(self, statement: Stretch, rest: Rests) -> LedgerEntry:
        return self._entry(self._id, EntryType.SENTENCE, statement.span, rest.kind, rest.support)

    def parts(self, numbers: Sequence[RestingAmount], statement: Stretch, skills: tuple[str, ...]) -> list[LedgerEntry]:
        found = [(amount.start, amount.end, EntryType.NUMBER, kind, support) for amount, kind, support in numbers] + [
            (start, end, EntryType.SKILL, SourceKind.YOURS, (support,))
            for start, end, support in named_skills(statement, skills)
        ]
        return [
            self._entry(f"{self._id}.{n}", what, (start, end), kind, support)
            for n, (start, end, what, kind, support) in enumerate(sorted(found, key=lambda each: each[:2]), 1)
        ]

    def _entry(
        self, entry_id: str, what: EntryType, span: Span, kind: SourceKind, support: tuple[Support, ...]
    ) -> LedgerEntry:
        start, end = span
        return LedgerEntry(
            id=entry_id,
            type=what,
            carrier=self._carrier,
            start=start,
            end=end,
            text=self._text[start:end],
            kind=kind,
            support=support,
        )


def _skill_entry(carrier: str, text: str, support: Support, number: int) -> LedgerEntry:
    return LedgerEntry(
        id=f"{carrier}#{number}",
        type=EntryType.SKILL,
        carrier=carrier,
        start=0,
        end=len(text),
        text=support.quote,
        kind=SourceKind.YOURS,
        support=(support,),
    )


def _rest(statement: Stretch, rest: Rests, loose: Sequence[Span]) -> Rests:
    return Rests(SourceKind.UNSUPPORTED, ()) if _touches(statement.span, loose) else rest


def _checked(numbers: Sequence[RestingAmount], loose: Sequence[Span]) -> list[RestingAmount]:
    return [
        RestingAmount(number.amount, SourceKind.UNSUPPORTED, ())
        if _touches((number.amount.start, number.amount.end), loose)
        else number
        for number in numbers
    ]


def _touches(span: Span, loose: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in loose)


def _yours_by_place(
    statements: Sequence[Stretch], rests: Sequence[Rests]
) -> dict[tuple[int, int], tuple[Support, ...]]:
    """Return the person's words by the passage, and by the table row, in which they stand."""
    found: dict[tuple[int, int], tuple[Support, ...]] = {}
    for statement, rest in zip(statements, rests, strict=True):
        if rest.kind is SourceKind.YOURS:
            found.setdefault((statement.passage, -1), rest.support)
            if statement.row >= 0:
                found.setdefault((-1, statement.row), rest.support)
    return found


def _by_number(statement: Stretch, rest: Rests, numbers: Sequence[RestingAmount]) -> Rests:
    """Return the fact whose number a plain statement tells, where nothing else says what it rests on."""
    if rest.kind is not SourceKind.HYPOTHETICAL or statement.is_conditional or any(s.quote for s in rest.support):
        return rest
    told = [n.support for n in numbers if n.kind is SourceKind.BRIEF and n.amount.in_digits]
    return Rests(SourceKind.BRIEF, told[0]) if told else rest


def _is_label(statement: Stretch, rest: Rests) -> bool:
    plain = rest.kind is SourceKind.HYPOTHETICAL and not any(amount.in_digits for amount in statement.amounts)
    return statement.is_title and plain and len(statement.words) < _TITLE_WORDS


def _is_top(entry_id: str) -> bool:
    return "." not in entry_id


def _numbered(entry: LedgerEntry, first: int) -> LedgerEntry:
    place, _, part = entry.id.rpartition("#")[2].partition(".")
    return entry.model_copy(update={"id": f"L{first + int(place)}" + (f".{part}" if part else "")})
