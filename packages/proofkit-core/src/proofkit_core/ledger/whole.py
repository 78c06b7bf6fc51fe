"""Traces a whole packet: the last thing that is computed, on the texts as they will be shown."""

from collections.abc import Iterator

from proofkit_core.ledger.carriers import Texts, carrier_texts, keyword_carrier, point_carriers, section_carrier
from proofkit_core.ledger.skills import sections_showing, support_of
from proofkit_core.ledger.sources import name_facts
from proofkit_core.ledger.tracing import trace
from proofkit_core.packet import EntryType, LedgerEntry, SourceKind, Support


def trace_packet(packet: Texts) -> tuple[LedgerEntry, ...]:
    """Return the ledger of a packet, computed on its finished texts.

    Args:
        packet: The packet, or its finished texts with what they were made from.
    """
    entries: list[LedgerEntry] = []
    top = 0
    for entry in _traced(packet):
        _, _, part = entry.id.rpartition("#")[2].partition(".")
        top += not part
        entries.append(entry.model_copy(update={"id": f"L{top}.{part}" if part else f"L{top}"}))
    return tuple(entries)


def _traced(packet: Texts) -> Iterator[LedgerEntry]:
    facts = name_facts(packet.brief, packet.challenge)
    skills = packet.brief.skills
    shown = {section_carrier(section): support for section, support in sections_showing(skills, packet.sample)}
    keywords = {keyword_carrier(number): support_of(skill, number) for number, skill in enumerate(skills)}
    questions = {answer: question for question, answer in map(point_carriers, range(len(packet.talking_points.items)))}
    asked: dict[str, tuple[Support, ...]] = {}
    for carrier, text in carrier_texts(packet):
        if carrier in keywords:
            yield _skill(carrier, text, keywords[carrier])
            continue
        beside = asked.get(questions.get(carrier, ""), ())
        for entry in trace(carrier, text, facts=facts, skills=skills, beside=beside):
            if entry.type is EntryType.SENTENCE and entry.kind is SourceKind.YOURS:
                asked.setdefault(carrier, entry.support)
            yield entry
        if carrier in shown:
            yield _skill(carrier, text, shown[carrier])


def _skill(carrier: str, text: str, support: Support) -> LedgerEntry:
    """Return the entry of a skill that a whole text shows."""
    return LedgerEntry(
        id=f"{carrier}#1",
        type=EntryType.SKILL,
        carrier=carrier,
        start=0,
        end=len(text),
        text=support.quote,
        kind=SourceKind.YOURS,
        support=(support,),
    )
