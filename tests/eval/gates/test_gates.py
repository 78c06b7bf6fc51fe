"""The gates say of each answer which house rules it keeps, as the program itself would."""

import json
from importlib.resources import files
from typing import Literal

import pytest

from proofkit_core.integrity import Outcome, review_text
from proofkit_eval.gates import GATES, carrier_of, check_gates, read_answer, read_claims, view_of
from proofkit_eval.heldout import ledger_of, load_set
from proofkit_eval.ladder import Defect, Edit, Step, build_steps, load_answers
from proofkit_eval.ladder.answers import written
from proofkit_eval.records import GateResult, Prompt
from proofkit_prompts import Contract, load_contract

ANSWERS = {answer.prompt.id: answer for answer in load_answers()}
BROKEN_BY = {
    Defect.UNLABELLED_METRIC: "assumptions",
    Defect.INVENTED_CLIENT: "integrity",
    Defect.MISSING_DISCLOSURE: "disclosure",
    Defect.LEAKED_CHANNEL: "form",
}
"""Defects that a gate sees whatever the wording; the rest is for measures and judges."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="module")
def steps() -> tuple[Step, ...]:
    return build_steps(load_answers())


def failed(result: GateResult) -> set[str]:
    return {gate for gate, kept in result.gates.items() if kept is False}


def gated(prompt_id: str, text: str, contract: Contract) -> GateResult:
    return check_gates("k", ANSWERS[prompt_id].prompt, text, contract)


def hand_written(name: Literal["held-out-v1", "smoke-v1"]) -> list[tuple[Prompt, str]]:
    prompts = {prompt.id: prompt for prompt in load_set(name).prompts}
    lines = files("proofkit_eval.heldout").joinpath("data", f"{name}.hand-written.jsonl").read_text(encoding="utf-8")
    return [(prompts[row["prompt_id"]], row["text"]) for row in map(json.loads, lines.splitlines())]


@pytest.mark.parametrize("name", ["held-out-v1", "smoke-v1"])
def test_no_gate_refuses_what_was_written_by_hand(name: Literal["held-out-v1", "smoke-v1"], contract: Contract) -> None:
    found = {prompt.id: check_gates("k", prompt, text, contract).findings for prompt, text in hand_written(name)}
    assert {key: told for key, told in found.items() if told} == {}


def test_known_good_answers_keep_every_rule_after_any_harmless_edit(
    steps: tuple[Step, ...], contract: Contract
) -> None:
    harmless = [step for step in steps if step.defect is None]
    assert {step.edit for step in harmless} == {None, *Edit}
    found = {(step.prompt_id, step.edit): gated(step.prompt_id, step.text, contract).findings for step in harmless}
    assert {key: told for key, told in found.items() if told} == {}


@pytest.mark.parametrize("defect", BROKEN_BY)
def test_a_planted_defect_breaks_its_gate(defect: Defect, steps: tuple[Step, ...], contract: Contract) -> None:
    planted = [step for step in steps if step.defect is defect]
    assert planted
    for step in planted:
        assert BROKEN_BY[defect] in failed(gated(step.prompt_id, step.text, contract)), step.text


def test_an_answer_without_text_keeps_nothing_that_is_asked_of_it(contract: Contract) -> None:
    for answer in ANSWERS.values():
        empty = check_gates("k", answer.prompt, "", contract)
        whole = check_gates("k", answer.prompt, written(answer.prompt.task, answer.texts), contract)
        assert tuple(empty.gates) == GATES
        assert {gate for gate, kept in empty.gates.items() if kept is None} == {
            gate for gate, kept in whole.gates.items() if kept is None
        }
        assert not any(empty.gates.values())
        assert empty.hard_failed


def test_integrity_is_the_products_own_verdict(steps: tuple[Step, ...], contract: Contract) -> None:
    for step in steps:
        prompt = ANSWERS[step.prompt_id].prompt
        texts = read_answer(prompt, step.text, contract).texts
        verdicts = [review_text(text, facts=ledger_of(prompt), carrier=carrier_of(prompt)) for text in texts]
        if any(verdict.outcome is Outcome.BLOCKED for verdict in verdicts):
            assert gated(step.prompt_id, step.text, contract).hard_failed


def test_a_missing_label_is_told_and_no_hard_failure(contract: Contract) -> None:
    answer = ANSWERS["roadie-reversal"]
    found = gated("roadie-reversal", f"{answer.texts[0]} It saves 37 hours a week.", contract)
    assert failed(found) == {"assumptions"}
    assert not found.hard_failed


def test_a_heading_is_one_too_many(contract: Contract) -> None:
    text = ANSWERS["roadie-reversal"].texts[0]
    for heading in ("## When I would redo the rota", "**When I would redo the rota**", "When I would redo the rota"):
        assert "heading" in failed(gated("roadie-reversal", f"{heading}\n\n{text}", contract))


def test_length_counts_words_and_no_table_lines(contract: Contract) -> None:
    text = ANSWERS["roadie-reversal"].texts[0]
    assert "length" in failed(gated("roadie-reversal", f"{text} {'And so on and on, as before. ' * 8}", contract))
    assert "length" in failed(gated("roadie-reversal", "With 8 faults in 7 flats [S4] [S3], I would wait.", contract))
    assert gated("stagehand-steps", ANSWERS["stagehand-steps"].texts[0], contract).gates["length"] is True


def test_another_exercise_is_the_wrong_context(contract: Contract) -> None:
    other = "I would keep the greenhouse closed until the tomatoes have hardened, because the nights are cold. " * 2
    assert "fictional_context" in failed(gated("roadie-reversal", other, contract))


def test_a_fact_cited_for_something_else_is_the_wrong_context(contract: Contract) -> None:
    text = ANSWERS["roadie-reversal"].texts[0].replace("8 faults in 7 flats [S4] [S3]", "8 faults [S3] in 7 flats [S4]")
    assert "fictional_context" in failed(gated("roadie-reversal", text, contract))


def test_a_sentence_that_begins_with_a_citation_is_gated(contract: Contract) -> None:
    text = f"{ANSWERS['roadie-reversal'].texts[0]} [S5] is when the flats go back."
    assert gated("roadie-reversal", text, contract).gates["form"] is True


def test_a_tradeoff_needs_a_price(contract: Contract) -> None:
    free = "I would pilot in the harbour depot, with paper beside the phones. It is best, and all will like it."
    assert "tradeoff" in failed(gated("organist-tradeoff", free, contract))


def test_what_is_not_asked_of_a_text_is_none(contract: Contract) -> None:
    section = gated("roadie-reversal", ANSWERS["roadie-reversal"].texts[0], contract).gates
    assert section["disclosure"] is None
    assert section["tradeoff"] is None
    bullets = ANSWERS["lifeguard-bullets"]
    gates = gated("lifeguard-bullets", written(bullets.prompt.task, bullets.texts), contract).gates
    assert gates["heading"] is None
    assert gates["length"] is None
    assert gates["disclosure"] is True


def test_the_composer_reads_no_prompt_so_neither_form_nor_length_is_asked_of_it(contract: Contract) -> None:
    bullets = ANSWERS["lifeguard-bullets"]
    long = written(bullets.prompt.task, (*bullets.texts, *bullets.texts[:2]))
    assert "form" in failed(check_gates("k", bullets.prompt, long, contract))
    composed = check_gates("k", bullets.prompt, long, contract, composed=True)
    assert composed.gates["form"] is composed.gates["length"] is None
    assert failed(composed) == set()


def test_a_review_may_name_the_figures_of_the_draft(contract: Contract) -> None:
    prompt = ANSWERS["roadie-reversal"].prompt
    claims = read_claims(("95 percent has no source.",), ledger_of(prompt), carrier_of(prompt))
    quoted = read_claims(
        ("95 percent has no source.",), ledger_of(prompt), carrier_of(prompt), quoted="It works in 95 percent of cases."
    )
    assert claims.unlabelled
    assert not quoted.unlabelled
    assert contract.digest


def test_each_section_of_the_catalogue_has_its_view() -> None:
    sections = [prompt for prompt in load_set().prompts if prompt.task in {"draft_section", "coauthor_section"}]
    assert sections
    assert all(view_of(prompt) for prompt in sections)
