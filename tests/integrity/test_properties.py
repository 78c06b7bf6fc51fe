"""What holds for every text, whatever it says."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_core.integrity import Carrier, Fact, FactLedger, Outcome, review_text, undo
from proofkit_core.integrity.passages import read_passages

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
]
_PROSE = [
    c["text"] for c in CASES if c["carrier"] == "section" and not c["text"].startswith(("|", "{", "```", ">", "1."))
]
_KEPT = [c["text"] for c in CASES if c["action"] == "keep" and c["carrier"] == "section" and c["text"] in _PROSE]
_MILDER = list(Outcome)
_PIECES: list[str] = json.loads((Path(__file__).parent / "cases" / "pieces.json").read_text(encoding="utf-8"))
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=24).map(" ".join)
_CARRIERS = st.sampled_from(list(Carrier))
RULES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(text=_TEXTS, carrier=_CARRIERS)
@RULES
def test_a_second_pass_changes_nothing(text: str, carrier: Carrier, facts: FactLedger) -> None:
    verdict = review_text(text, facts=facts, carrier=carrier)
    if verdict.outcome is Outcome.BLOCKED:
        assert verdict.text == text
        assert not verdict.edits
    else:
        again = review_text(verdict.text, facts=facts, carrier=carrier)
        assert again.text == verdict.text
        assert again.outcome is Outcome.CLEAN


@given(text=_TEXTS, carrier=_CARRIERS)
@RULES
def test_undo_restores_the_input_and_edits_tell_the_output(text: str, carrier: Carrier, facts: FactLedger) -> None:
    verdict = review_text(text, facts=facts, carrier=carrier)
    assert undo(verdict.text, verdict.edits) == text
    for edit in verdict.edits:
        assert text[edit.start_before : edit.end_before] == edit.before
        assert verdict.text[edit.start_after : edit.end_after] == edit.after


@given(text=_TEXTS, carrier=_CARRIERS)
@RULES
def test_digits_and_blocks_stay(text: str, carrier: Carrier, facts: FactLedger) -> None:
    verdict = review_text(text, facts=facts, carrier=carrier)
    assert Counter(filter(str.isdigit, verdict.text)) == Counter(filter(str.isdigit, text))
    if carrier is not Carrier.POST:
        kinds = [(p.kind, p.row) for p in read_passages(text)]
        assert [(p.kind, p.row) for p in read_passages(verdict.text)] == kinds


@given(text=_TEXTS)
@RULES
def test_findings_point_into_the_text(text: str, facts: FactLedger) -> None:
    for finding in review_text(text, facts=facts, carrier=Carrier.SECTION).findings:
        assert text[finding.start : finding.end] == finding.quote


@given(text=_TEXTS, carrier=_CARRIERS)
@RULES
def test_removing_a_supporting_fact_is_never_milder(text: str, carrier: Carrier, facts: FactLedger) -> None:
    fewer = facts.model_copy(update={"scenario_facts": facts.scenario_facts[2:]})
    full, less = (review_text(text, facts=f, carrier=carrier).outcome for f in (facts, fewer))
    assert _MILDER.index(less) >= _MILDER.index(full)


@pytest.mark.parametrize("case", CASES, ids=[f"line {n}" for n in range(1, len(CASES) + 1)])
def test_an_unrelated_fact_changes_nothing(case: dict[str, Any], facts: FactLedger) -> None:
    more = facts.model_copy(
        update={
            "user_facts": (*facts.user_facts, Fact(ref="notes[7]", text="pumpkins ripen late")),
            "scenario_facts": (*facts.scenario_facts, Fact(ref="S9", text="the roof is green")),
        }
    )
    carrier = Carrier(case["carrier"])
    assert review_text(case["text"], facts=more, carrier=carrier) == review_text(
        case["text"], facts=facts, carrier=carrier
    )


@given(one=st.sampled_from(_PROSE), other=st.sampled_from(_PROSE))
@RULES
def test_two_paragraphs_together_are_each_alone(one: str, other: str, facts: FactLedger) -> None:
    apart = [review_text(text, facts=facts, carrier=Carrier.SECTION) for text in (one, other)]
    together = review_text(f"{one}\n\n{other}", facts=facts, carrier=Carrier.SECTION)
    if any(verdict.outcome is Outcome.BLOCKED for verdict in apart):
        assert together.outcome is Outcome.BLOCKED
    else:
        assert together.text == "\n\n".join(verdict.text for verdict in apart)


@given(text=st.sampled_from(_KEPT))
@RULES
def test_what_is_kept_stays_kept_in_another_dress(text: str, facts: FactLedger) -> None:
    wrapped = text.replace(" ", "\n", 3)
    spaced = text.replace(" ", "\u00a0")
    for dressed in (wrapped, spaced, f"- {text}", f"| A | B |\n| --- | --- |\n| {text} | x |"):
        if "\n" not in text and "|" not in text:
            assert review_text(dressed, facts=facts, carrier=Carrier.SECTION).text == dressed


@pytest.mark.parametrize("text", [c["text"] for c in CASES if c["text"] in _PROSE and c["action"] != "keep"])
def test_dress_does_not_change_the_action(text: str, facts: FactLedger) -> None:
    plain = review_text(text, facts=facts, carrier=Carrier.SECTION).findings[0].rule
    arabic = text.translate({ord("0") + i: 0x660 + i for i in range(10)})
    for dressed in (text.replace(" ", "\n", 2), text.replace(" ", "\u2009"), arabic, text.upper(), text.lower()):
        found = review_text(dressed, facts=facts, carrier=Carrier.SECTION).findings
        assert found, dressed
        assert found[0].rule == plain, dressed


@given(values=st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=30) | _TEXTS, max_size=2), max_size=3))
@RULES
def test_json_stays_json_with_its_keys(values: dict[str, list[str]], facts: FactLedger) -> None:
    text = json.dumps({"I led 20%": values}, ensure_ascii=False)
    after = json.loads(review_text(text, facts=facts, carrier=Carrier.SECTION).text)
    assert list(after) == ["I led 20%"]
    assert list(after["I led 20%"]) == list(values)


def test_verdicts_are_the_same_in_another_process(facts: FactLedger) -> None:
    program = (
        "import json,sys\n"
        "from proofkit_core.integrity import *\n"
        "facts = FactLedger.model_validate_json(sys.argv[1])\n"
        "for line in open(sys.argv[2], encoding='utf-8'):\n"
        "    case = json.loads(line)\n"
        "    print(review_text(case['text'], facts=facts, carrier=Carrier(case['carrier'])).model_dump_json())\n"
    )
    path = Path(__file__).parent / "cases" / "actions.jsonl"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, facts.model_dump_json(), str(path)],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
