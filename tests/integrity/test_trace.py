from proofkit_core.integrity import FactLedger
from proofkit_core.ledger import trace
from proofkit_core.packet import LedgerEntry, SourceKind


def _kinds(text: str, facts: FactLedger) -> list[SourceKind]:
    return [entry.kind for entry in trace("post", text, facts=facts)]


def _only(text: str, facts: FactLedger) -> LedgerEntry:
    (entry,) = trace("work_sample.advice", text, facts=facts)
    return entry


def test_own_words_are_yours_with_the_span_they_come_from(facts: FactLedger) -> None:
    entry = _only("I cut our Saturday stock count from five hours to three by re-drawing the aisle map.", facts)
    assert entry.kind is SourceKind.YOURS
    assert entry.support[0].ref == "background"
    assert entry.support[0].quote.startswith("I cut our Saturday stock count")
    assert entry.support[0].quote in facts.user_facts[0].text


def test_a_citation_is_the_briefs(facts: FactLedger) -> None:
    entry = _only("The desk has its Monday peak [S2].", facts)
    assert (entry.kind, entry.support[0].ref) == (SourceKind.BRIEF, "S2")
    assert entry.support[0].quote == "38 deliveries on a normal Monday"


def test_a_number_of_the_scenario_is_the_briefs(facts: FactLedger) -> None:
    assert _kinds("Nobody can stand in all 4 loading bays.", facts) == [SourceKind.BRIEF]


def test_a_labelled_figure_is_hypothetical(facts: FactLedger) -> None:
    entry = _only("Trucks take 25 minutes (h) per bay.", facts)
    assert (entry.kind, entry.support[0].quote) == (SourceKind.HYPOTHETICAL, "(h)")


def test_a_plan_is_hypothetical(facts: FactLedger) -> None:
    assert _kinds("I would ask the sponsor to move the date.", facts) == [SourceKind.HYPOTHETICAL]


def test_an_invented_past_is_unsupported(facts: FactLedger) -> None:
    kinds = _kinds("I would move the date. I led a crew of 14 at Marramkeld Supply.", facts)
    assert kinds == [SourceKind.HYPOTHETICAL, SourceKind.UNSUPPORTED]


def test_cells_are_statements_and_headers_are_not(facts: FactLedger) -> None:
    text = (
        "| Risk | Sign | Why |\n| --- | --- | --- |\n"
        "| The rabbits in the loading bay stopped two deliveries last spring | nobody calls | "
        "I know this from practice |"
    )
    entries = trace("work_sample.risks", text, facts=facts)
    assert [e.kind for e in entries] == [SourceKind.YOURS, SourceKind.HYPOTHETICAL, SourceKind.YOURS]
    assert entries[2].support == entries[0].support


def test_a_disclosure_speaks_of_the_exercise(facts: FactLedger) -> None:
    assert _kinds("Marramkeld Supply is fictional.", facts) == [SourceKind.BRIEF]


def test_ids_differ(facts: FactLedger) -> None:
    entries = trace("post", "One thing. Another thing.\n\n- A third thing", facts=facts)
    assert [e.text for e in entries] == ["One thing.", "Another thing.", "A third thing"]
    assert len({e.id for e in entries}) == 3
