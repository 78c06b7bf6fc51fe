"""What one text says, and what each sentence, number and skill of it rests on."""

import pytest

from proofkit_core.integrity import FactLedger
from proofkit_core.ledger import trace
from proofkit_core.packet import EntryType, LedgerEntry, SourceKind

YOURS, BRIEF, HYPOTHETICAL, UNSUPPORTED = SourceKind
SENTENCE, NUMBER, SKILL = EntryType


def sentences(text: str, facts: FactLedger) -> list[LedgerEntry]:
    return [entry for entry in trace("post", text, facts=facts) if entry.type is SENTENCE]


def kinds(text: str, facts: FactLedger) -> list[SourceKind]:
    return [entry.kind for entry in sentences(text, facts)]


def only(text: str, facts: FactLedger) -> LedgerEntry:
    (entry,) = sentences(text, facts)
    return entry


def numbers(text: str, facts: FactLedger) -> list[tuple[str, SourceKind, str]]:
    found = [entry for entry in trace("work_sample.x", text, facts=facts) if entry.type is NUMBER]
    return [(entry.text, entry.kind, entry.support[0].ref if entry.support else "") for entry in found]


# Sentences


def test_own_words_are_yours_with_the_exact_span_they_come_from(facts: FactLedger) -> None:
    entry = only("I cut our Saturday stock count from five hours to three by re-drawing the aisle map.", facts)
    (support,) = entry.support
    assert (entry.kind, support.ref) == (YOURS, "background")
    assert support.quote == "I cut our Saturday stock count from five hours to three by re-drawing the aisle map"
    assert facts.user_facts[0].text[support.start : support.end] == support.quote


def test_own_words_in_another_order_are_yours(facts: FactLedger) -> None:
    entry = only("Two deliveries were stopped last spring by rabbits in the loading bay that nobody owned.", facts)
    assert (entry.kind, entry.support[0].ref) == (YOURS, "notes[0]")


def test_a_run_of_common_words_is_no_source(facts: FactLedger) -> None:
    assert kinds("It came down to the price, and we saved about as much as anybody would think.", facts) != [YOURS]


def test_what_a_negation_takes_back_is_no_source(facts: FactLedger) -> None:
    found = [e for e in trace("work_sample.x", "Having led a project team helps.", facts=facts) if e.kind is YOURS]
    assert not found
    assert kinds("I have never led a project team.", facts) == [YOURS]


def test_a_citation_is_the_briefs(facts: FactLedger) -> None:
    entry = only("The desk has its Monday peak [S2].", facts)
    assert (entry.kind, entry.support[0].ref) == (BRIEF, "S2")
    assert entry.support[0].quote == "38 deliveries on a normal Monday"


def test_a_citation_that_leads_nowhere_is_unsupported(facts: FactLedger) -> None:
    assert kinds("The desk has its peak on a Monday [S9].", facts) == [UNSUPPORTED]


def test_a_number_of_the_scenario_is_the_briefs(facts: FactLedger) -> None:
    assert kinds("Nobody can stand in all 4 loading bays.", facts) == [BRIEF]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Trucks take 25 minutes (h) per bay.", "(h)"),
        ("I would ask the sponsor to move the date.", "would"),
        ("The gate is the place to begin with.", ""),
    ],
)
def test_hypothetical_says_by_which_words(text: str, quote: str, facts: FactLedger) -> None:
    entry = only(text, facts)
    (support,) = entry.support
    assert (entry.kind, support.ref, support.quote) == (HYPOTHETICAL, "exercise", quote)
    assert text[support.start : support.end] == quote


def test_an_invented_past_is_unsupported(facts: FactLedger) -> None:
    assert kinds("I would move the date. I led a crew of 14 at Marramkeld Supply.", facts) == [
        HYPOTHETICAL,
        UNSUPPORTED,
    ]


def test_cells_are_statements_and_column_heads_are_not(facts: FactLedger) -> None:
    text = (
        "| Risk | Sign | Why |\n| --- | --- | --- |\n"
        "| The rabbits in the loading bay stopped two deliveries last spring | nobody calls | "
        "I know this from practice |"
    )
    entries = [e for e in trace("work_sample.risks", text, facts=facts) if e.type is SENTENCE]
    assert [e.kind for e in entries] == [YOURS, HYPOTHETICAL, YOURS]
    assert entries[2].support == entries[0].support


def test_a_disclosure_speaks_of_the_exercise(facts: FactLedger) -> None:
    assert kinds("Marramkeld Supply is fictional.", facts) == [BRIEF]


def test_a_sentence_never_runs_across_a_line_break_that_is_shown(facts: FactLedger) -> None:
    quoted = "> **A card** (Marramkeld Supply, fictional)  \n> Ring the bell."
    entries = [e.text for e in trace("work_sample.x", quoted, facts=facts) if e.type is SENTENCE]
    assert entries == ["A card** (Marramkeld Supply, fictional)", "Ring the bell."]
    wrapped = trace("work_sample.x", "Ring the bell\nat the gate.", facts=facts)
    assert [e.text for e in wrapped] == ["Ring the bell\nat the gate."]


def test_each_entry_stands_where_it_says(facts: FactLedger) -> None:
    text = "One thing. Another thing.\n\n- A third thing, in all 4 loading bays"
    entries = trace("work_sample.x", text, facts=facts)
    assert [e.text for e in entries] == ["One thing.", "Another thing.", text[29:], "4 loading bays"]
    assert all(text[e.start : e.end] == e.text for e in entries)
    assert [e.id.rpartition("#")[2] for e in entries] == ["1", "2", "3", "3.1"]


# Numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The site has 4 loading bays.", [("4 loading bays", BRIEF, "S1")]),
        ("A Monday brings 38 deliveries.", [("38 deliveries", BRIEF, "S2")]),
        ("It goes live on Friday 22 May.", [("Friday 22 May", BRIEF, "S3")]),
        ("Nobody is in before 20 May [S4].", [("20 May", BRIEF, "S4")]),
        ("I trained 12 new starters.", [("12 new starters", YOURS, "notes[1]")]),
        ("Trucks take 25 minutes (h) per bay.", [("25 minutes", HYPOTHETICAL, "exercise")]),
        ("Trucks take 25 minutes (hypothetical) per bay.", [("25 minutes", HYPOTHETICAL, "exercise")]),
        ("It takes 25 minutes (h) for 38 deliveries.", [
            ("25 minutes", HYPOTHETICAL, "exercise"), ("38 deliveries", BRIEF, "S2"),
        ]),
        ("| What | Aim (h) |\n| --- | --- |\n| Waiting | 25 minutes |", [("25 minutes", HYPOTHETICAL, "exercise")]),
        ("The whole lot has 77 pallets.", [("77 pallets", UNSUPPORTED, "")]),
        ("It begins on Friday 29 May.", [("Friday 29 May", UNSUPPORTED, "")]),
        ("| # | Risk |\n| --- | --- |\n| 11 | The gate is shut |", []),
        ("See step 2, then the other one.", []),
    ],
)  # fmt: skip
def test_each_number_has_its_own_source(
    text: str, wanted: list[tuple[str, SourceKind, str]], facts: FactLedger
) -> None:
    assert numbers(text, facts) == wanted


def test_a_changed_number_in_own_words_is_unsupported(facts: FactLedger) -> None:
    text = "I trained 14 new starters and we saved about £40 a week."
    assert UNSUPPORTED in {entry.kind for entry in trace("post", text, facts=facts)}


def test_a_number_says_where_it_stands_in_its_source(facts: FactLedger) -> None:
    entries = trace("post", "We saved about £40 a week.", facts=facts)
    (support,) = next(entry for entry in entries if entry.type is NUMBER).support
    assert facts.user_facts[2].text[support.start : support.end] == support.quote
    assert "40" in support.quote


# Skills


def test_a_skill_is_found_where_it_is_named(facts: FactLedger) -> None:
    text = "This shows Risk management, and planners plan."
    entries = trace("post", text, facts=facts, skills=("planning", "risk management"))
    (skill,) = [entry for entry in entries if entry.type is SKILL]
    assert (skill.text, skill.kind, skill.support[0].ref) == ("Risk management", YOURS, "skills[1]")
    assert text[skill.start : skill.end] == "Risk management"
