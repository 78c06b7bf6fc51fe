"""Contamination is found before anybody judges; a repair is shown, and a void row stays a row."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from proofkit_eval.heldout import load_set
from proofkit_eval.ladder import load_answers
from proofkit_eval.ladder.answers import written
from proofkit_eval.records import Generation, ModelRef, Prompt, Screening
from proofkit_eval.screening import echoed, screen
from proofkit_prompts import Contract, load_contract

MODEL = ModelRef(id="m", name="M", artifact_digest="0" * 64, family="none", backend="file", prompt_set="frozen-v1")
ANSWERS = {answer.prompt.id: answer for answer in load_answers()}
GOOD = ANSWERS["roadie-reversal"]
Look = Callable[..., Screening]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
def look(contract: Contract) -> Look:
    def _look(
        text: str, *, prompt: Prompt = GOOD.prompt, finish: str = "stop", tokens: int = 90, swap: bool = False
    ) -> Screening:
        generation = Generation(
            key="k",
            prompt_id=prompt.id,
            prompt_digest="0" * 64,
            contract_digest=contract.digest,
            task_digest=contract.task_digest(prompt.task),
            model=MODEL,
            decoding={},
            seed=0,
            text=text,
            finish_reason=finish,
            prompt_tokens=100,
            completion_tokens=tokens,
            seconds=1.0,
            swap=swap,
            made_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
        return screen(generation, prompt, contract)

    return _look


def test_good_answers_pass_untouched(look: Look) -> None:
    for answer in ANSWERS.values():
        text = written(answer.prompt.task, answer.texts)
        assert look(text, prompt=answer.prompt) == Screening(key="k", status="ok", reasons=(), text=text, diff="")


@pytest.mark.parametrize(
    ("text", "finish", "tokens", "reason"),
    [
        ("", "stop", 0, "empty"),
        (" \n\t", "stop", 400, "empty after 400 tokens"),
        (GOOD.texts[0], "length", 200, "cut: it ended by 'length'"),
        (GOOD.texts[0], "deadline", 80, "cut: it ended by 'deadline'"),
    ],
)
def test_what_is_empty_or_cut_is_void(look: Look, text: str, finish: str, tokens: int, reason: str) -> None:
    found = look(text, finish=finish, tokens=tokens)
    assert found.status == "void"
    assert found.text == ""
    assert found.reasons[0].startswith(reason)


def test_a_leaked_channel_is_taken_out_and_the_change_is_kept(look: Look) -> None:
    found = look(f"analysisThe user wants a section.assistantfinal{GOOD.texts[0]}")
    assert found.status == "repaired"
    assert found.text == GOOD.texts[0]
    assert "-analysisThe user wants a section." in found.diff


def test_reasoning_alone_is_void(look: Look) -> None:
    assert look("analysisWe need to write the section. Let me plan it first").status == "void"


def test_a_json_object_around_prose_is_taken_off(look: Look) -> None:
    found = look(json.dumps({"section": GOOD.texts[0]}))
    assert found.status == "repaired"
    assert found.text == GOOD.texts[0]


@pytest.mark.parametrize(
    "text", ['{"risk": "late", "owner": "nurse"}', f'{GOOD.texts[0]}\n"owner": nurse', '{"a": {"b": 1}}']
)
def test_other_keys_in_prose_are_void(look: Look, text: str) -> None:
    found = look(text)
    assert found.status == "void"
    assert "JSON key" in found.reasons[-1]


def test_keys_are_expected_in_a_json_task(look: Look) -> None:
    bullets = ANSWERS["lifeguard-bullets"]
    assert look(written(bullets.prompt.task, bullets.texts), prompt=bullets.prompt).status == "ok"


@pytest.mark.parametrize("line", ["Section goal: ", "Scenario facts: ", "Setting: "])
def test_a_line_of_the_prompt_is_an_echo(look: Look, contract: Contract, line: str) -> None:
    asked = contract.render(GOOD.prompt.task, GOOD.prompt.fields).text
    whole = next(each for each in asked.splitlines() if each.startswith(line))
    found = look(f"{whole}\n{GOOD.texts[0]}")
    assert found.status == "void"
    assert "repeats the prompt" in found.reasons[-1]


def test_an_instruction_of_the_prompt_is_an_echo(look: Look) -> None:
    assert look(f"Write this one section of the work sample in Markdown. {GOOD.texts[0]}").status == "void"


def test_the_persons_points_and_the_facts_are_no_echo(contract: Contract) -> None:
    asked = contract.render(GOOD.prompt.task, GOOD.prompt.fields).text
    said = "\n".join([*GOOD.prompt.must_keep, *(fact.text for fact in GOOD.prompt.facts)])
    assert echoed(said, asked) == ""


def test_a_script_that_the_person_did_not_use_is_void(look: Look) -> None:
    found = look(f"{GOOD.texts[0]} 试验")
    assert found.status == "void"
    assert "foreign script" in found.reasons[0]


def test_the_twin_is_held_against_its_own_prompt(look: Look, contract: Contract) -> None:
    prompt = next(each for each in load_set().prompts if each.swap and "background" in each.fields)
    assert prompt.swap
    asked = contract.render(prompt.task, prompt.swap.fields).text
    line = next(each for each in asked.splitlines() if each.startswith("Background: "))
    assert look(f"{line}\n{GOOD.texts[0]}", prompt=prompt, swap=True).status == "void"
