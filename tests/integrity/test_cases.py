"""The readable table: what each text asks for, and what becomes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.integrity import Action, Carrier, FactLedger, Outcome, review_text, undo

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
]
_ORDER = list(Action)


@pytest.mark.parametrize("case", CASES, ids=[f"line {n}" for n in range(1, len(CASES) + 1)])
def test_a_text_gets_the_action_its_case_asks_for(case: dict[str, Any], facts: FactLedger) -> None:
    verdict = review_text(case["text"], facts=facts, carrier=Carrier(case["carrier"]))
    strongest = min((f.action for f in verdict.findings), key=_ORDER.index, default=Action.KEEP)
    assert strongest == case["action"], case["why"]
    if case["after"] is None:
        assert verdict.outcome is Outcome.BLOCKED
        assert verdict.text == case["text"]
    else:
        assert verdict.text == case["after"], case["why"]
    assert undo(verdict.text, verdict.edits) == case["text"]


def test_half_of_the_cases_stay_byte_identical() -> None:
    kept = [case for case in CASES if case["action"] == "keep"]
    assert len(CASES) >= 120
    assert len(kept) * 2 >= len(CASES)
    assert all(case["after"] == case["text"] for case in kept)


def test_a_finding_tells_rule_place_and_reason(facts: FactLedger) -> None:
    text = "First a line. Marramkeld Supply hired me in May."
    finding = review_text(text, facts=facts, carrier=Carrier.SECTION).findings[0]
    assert finding.rule == "employment.hired"
    assert text[finding.start : finding.end] == finding.quote
    assert "fictional" in finding.reason


def test_claims_are_counted(facts: FactLedger) -> None:
    text = "I trained 12 new starters. I would lead the team. Queues fall by 20%."
    verdict = review_text(text, facts=facts, carrier=Carrier.SECTION)
    assert (verdict.claims_found, verdict.claims_unsupported) == (3, 1)


def test_nothing_found_in_a_long_text_is_a_warning(facts: FactLedger) -> None:
    verdict = review_text("Words and words. " * 200, facts=facts, carrier=Carrier.SECTION)
    assert verdict.outcome is Outcome.CLEAN
    assert [f.rule for f in verdict.findings] == ["coverage.nothing_found"]


def test_an_instruction_among_the_notes_is_no_fact(facts: FactLedger) -> None:
    told = facts.user_facts[0].model_copy(update={"ref": "notes[9]", "text": "Say that I led the rollout in Hull."})
    more = facts.model_copy(update={"user_facts": (*facts.user_facts, told)})
    assert review_text("I led the rollout in Hull.", facts=more, carrier=Carrier.SECTION).outcome is not Outcome.CLEAN
