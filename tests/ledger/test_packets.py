"""The ledger of whole packets, as they are made without a model."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_core.brief import Brief
from proofkit_core.ledger import carrier_texts, labels_of, source_texts, trace_packet
from proofkit_core.packet import EntryType, LedgerEntry, Packet, SourceKind
from proofkit_core.roles.catalog import load_catalogue

Make = Callable[[Brief], Packet]
Example = Callable[[str], Packet]
EXAMPLES = ("career-changer", "nurse-educator", "long-tail")
ROLES = tuple(entry.role.title for entry in load_catalogue()[::9])[:10]
NOTES = (
    "the label printer on line three dies whenever it rains, and each shift thinks the other one reported it",
    "night shift finds things out at the kettle, nobody opens the app",
    "I would rather cut the scope than ask people for a fourth Saturday",
    "people nod when you ask if they understood, so I ask them to show me instead",
    "bank staff miss every training because it is always at 2 pm on a Tuesday",
    "a church that is heated on Sunday only is out of tune by Wednesday",
    "write down what you did not touch. The next tuner will thank you!",
    "we lost 3 of 40 pallets (half of them wet), about £12.50 each",
    "never\nagain",
    "the *lilac* folder | nobody_opens #1 [is] `where` <all> the protocols live",
)
ANSWERS = ("call.condition", "risks.worst", "anything.else", "advice.why")


def every_source_is_exact(packet: Packet) -> None:
    texts = dict(carrier_texts(packet))
    sources = source_texts(packet.brief, packet.challenge)
    for entry in packet.ledger:
        if entry.type is not EntryType.SKILL:
            assert texts[entry.carrier][entry.start : entry.end] == entry.text
        for support in entry.support:
            text = texts[entry.carrier] if support.ref == "exercise" else sources[support.ref]
            assert text[support.start : support.end] == support.quote, entry


def uncovered(packet: Packet) -> list[str]:
    """What is said outside of all sentences: nothing but headings, column heads and row numbers."""
    labels = {letters(label) for label in labels_of(packet)}
    found: list[str] = []
    for carrier, text in carrier_texts(packet):
        inside = [entry for entry in packet.ledger if entry.carrier == carrier and "." not in entry.id]
        place = 0
        for entry in sorted(inside, key=lambda each: each.start):
            found += text[place : entry.start].split("|")
            place = max(place, entry.end)
        found += text[place:].split("|")
    return [piece for piece in found if letters(piece) and letters(piece) not in labels]


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_sentence_of_each_carrier_has_an_entry_with_its_exact_source(name: str, example: Example) -> None:
    packet = example(name)
    every_source_is_exact(packet)
    assert uncovered(packet) == []
    assert trace_packet(packet) == packet.ledger


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_the_composer_writes_is_without_a_source(role: str, make: Make) -> None:
    packet = make(
        Brief(target_role=role, background="Warehouse lead, six years.", skills=("planning",), notes=NOTES[:3])
    )
    assert [e for e in packet.ledger if e.kind is SourceKind.UNSUPPORTED] == []
    every_source_is_exact(packet)
    assert uncovered(packet) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.lists(st.sampled_from(NOTES), max_size=5, unique=True),
    answers=st.dictionaries(st.sampled_from(ANSWERS), st.sampled_from(NOTES), max_size=3),
    role=st.sampled_from(ROLES),
)
def test_spans_are_exact_whatever_was_typed(make: Make, notes: list[str], answers: dict[str, str], role: str) -> None:
    packet = make(Brief(target_role=role, background="Shift lead.", notes=tuple(notes), answers=answers))
    every_source_is_exact(packet)
    typed = {support.ref for entry in packet.ledger for support in entry.support if support.kind is SourceKind.YOURS}
    wanted = source_texts(packet.brief, packet.challenge)
    points = {ref for ref in wanted if ref.startswith(("notes", "answers"))}
    assert all(ref in typed or any(wanted[ref] == wanted[other] for other in typed & points) for ref in points)


def test_without_a_note_its_sentences_are_not_yours(make: Make) -> None:
    brief = Brief(target_role="Project manager", background="Retail.", notes=NOTES[:3])
    packet = make(brief)
    mine = [entry for entry in packet.ledger if any(support.ref == "notes[0]" for support in entry.support)]
    assert len(mine) > 1
    less = packet.model_copy(update={"brief": brief.model_copy(update={"notes": NOTES[1:3]})})
    places = {(entry.carrier, entry.start, entry.end) for entry in mine}
    after = [e for e in trace_packet(less) if (e.carrier, e.start, e.end) in places]
    assert len(after) == len(mine)
    assert SourceKind.YOURS not in {entry.kind for entry in after}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_digit_that_only_the_scenario_holds_leads_to_its_fact(name: str, example: Example) -> None:
    packet = example(name)
    drawn = {fact.id: fact.value for fact in packet.challenge.facts if re.search(r"\d", fact.value)}
    typed = packet.brief.model_dump_json()
    told: dict[str, list[LedgerEntry]] = {
        fact_id: [e for e in packet.ledger if e.type is EntryType.NUMBER and re.search(rf"\b{value}\b", e.text)]
        for fact_id, value in drawn.items()
        if value not in typed and sum(value in other for other in drawn.values()) == 1
    }
    assert any(told.values())
    for fact_id, entries in told.items():
        labelled = [entry for entry in entries if entry.kind is SourceKind.HYPOTHETICAL]
        for entry in set(entries) - set(labelled):
            assert entry.kind is SourceKind.BRIEF
            assert fact_id in {support.ref for support in entry.support}, entry


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_skill_of_the_brief_is_in_the_ledger(name: str, example: Example) -> None:
    packet = example(name)
    skills = [entry for entry in packet.ledger if entry.type is EntryType.SKILL]
    assert {entry.support[0].ref for entry in skills} == {f"skills[{n}]" for n in range(len(packet.brief.skills))}
    assert all(entry.kind is SourceKind.YOURS for entry in skills)


def test_a_section_that_shows_a_skill_says_so(example: Example) -> None:
    packet = example("career-changer")
    shown = [e for e in packet.ledger if e.type is EntryType.SKILL and e.carrier.startswith("work_sample.")]
    assert {(entry.carrier, entry.text) for entry in shown} == {
        ("work_sample.start", "planning"),
        ("work_sample.risks", "risk management"),
    }


def test_a_weak_spot_named_in_a_question_is_yours_and_so_is_its_plain_answer(example: Example) -> None:
    packet = example("career-changer")
    refs = {support.ref for entry in packet.ledger for support in entry.support if ".question" in entry.carrier}
    assert {"weak_spots[0]", "weak_spots[1]"} <= refs


def test_sentences_are_numbered_in_reading_order(example: Example) -> None:
    packet = example("nurse-educator")
    assert [entry.id for entry in packet.ledger if "." not in entry.id] == [
        f"L{n}" for n in range(1, 1 + sum("." not in entry.id for entry in packet.ledger))
    ]
