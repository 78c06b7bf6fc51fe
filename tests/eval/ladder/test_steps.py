"""The steps are made by machine from answers that are good, and differ from them in one thing alone."""

import json
import re

import pytest

from proofkit_core.composer.points import read_point
from proofkit_core.drafting.desk import typed_text
from proofkit_core.drafting.fields import carrier_fields, revision_fields, section_fields
from proofkit_core.faithfulness import words_kept
from proofkit_eval.gates import read_answer
from proofkit_eval.heldout import load_set, material_of
from proofkit_eval.judging import load_rubric
from proofkit_eval.ladder import ITEM_OF, SINGLE, Defect, Edit, Rung, Step, build_steps, load_answers
from proofkit_eval.ladder.answers import written
from proofkit_eval.ladder.rewording import PADDED_SHARE
from proofkit_prompts import load_contract

ANSWERS = {answer.prompt.id: answer for answer in load_answers()}
STEPS = build_steps(load_answers())
CONTRACT = load_contract()


def good(step: Step) -> str:
    answer = ANSWERS[step.prompt_id]
    return written(answer.prompt.task, answer.texts)


def words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def planted(defect: Defect) -> list[Step]:
    return [step for step in STEPS if step.defect is defect]


def whole(step: Step) -> str:
    return read_answer(ANSWERS[step.prompt_id].prompt, step.text, CONTRACT).whole


def test_there_are_enough_answers_of_all_kinds() -> None:
    assert len(ANSWERS) >= 12
    assert {answer.prompt.carrier for answer in ANSWERS.values()} == {"section", "post", "bullet", "talking_point"}
    assert len({answer.prompt.persona for answer in ANSWERS.values()}) >= 7


def test_the_prompts_are_held_out_and_render_under_the_contract() -> None:
    held = {prompt.scene.role_id for prompt in load_set().prompts}
    people = {prompt.persona for prompt in load_set().prompts}
    for answer in ANSWERS.values():
        assert answer.prompt.scene.role_id in held
        assert answer.prompt.persona not in people
        assert CONTRACT.render(answer.prompt.task, answer.prompt.fields).text
        assert {"notes", "answers", "facts"}.isdisjoint(CONTRACT.cut_fields(answer.prompt.task, answer.prompt.fields))


def test_the_prompts_are_what_the_app_would_ask() -> None:
    for prompt in (answer.prompt for answer in ANSWERS.values()):
        material = material_of(prompt)
        brief, challenge, sample = prompt.brief, material.challenge, material.sample
        record = next((each for each in sample.sections if each.id == prompt.scene.piece), None)
        if prompt.task == "revise_section" and record:
            draft, action, goal = (str(prompt.fields[key]) for key in ("draft", "action", "rubric_goal"))
            fields = revision_fields(brief, challenge, sample, record, draft=draft, action=action, goal=goal)
        elif record:
            points = tuple(read_point(note, "", number) for number, note in enumerate(brief.notes))
            asked = {f"{record.id}.{question.id}": question.ask for question in record.questions}
            pairs = tuple((asked[ref], text) for ref, text in brief.answers.items())
            fields = section_fields(brief, challenge, sample, record, points, pairs)
        else:
            fields = carrier_fields(brief, challenge, sample, str(prompt.fields["draft"]))
        assert prompt.fields == fields
        assert prompt.typed == typed_text(brief)


def test_the_same_seed_gives_the_same_steps_and_another_seed_others() -> None:
    assert build_steps(load_answers()) == STEPS
    assert build_steps(load_answers(), seed=1) != STEPS
    assert len({step.key for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("defect", Defect)
def test_each_defect_is_planted_wherever_it_can_stand(defect: Defect) -> None:
    found = {step.prompt_id for step in planted(defect)}
    if defect is Defect.MISSING_DISCLOSURE:
        assert found == {key for key, answer in ANSWERS.items() if answer.prompt.carrier in {"post", "bullet"}}
    else:
        assert found == set(ANSWERS)


def test_each_defect_has_an_item_of_the_rubric() -> None:
    rubric = load_rubric()
    assert set(ITEM_OF) == set(Defect)
    assert set(ITEM_OF.values()) <= set(rubric.item_ids)
    for step in STEPS:
        if step.defect:
            asked = {item.id for item in rubric.items_of(ANSWERS[step.prompt_id].prompt.task)}
            assert ITEM_OF[step.defect] in asked


@pytest.mark.parametrize(
    "defect", [Defect.UNLABELLED_METRIC, Defect.INVENTED_JOB, Defect.INVENTED_CLIENT, Defect.INJECTED_GRADE]
)
def test_a_planted_claim_leaves_every_word_of_the_answer(defect: Defect) -> None:
    for step in planted(defect):
        before, after = re.findall(r"\w+", good(step)), re.findall(r"\w+", step.text)
        left = iter(after)
        assert all(word in left for word in before)
        assert len(after) > len(before)


def test_a_planted_number_is_nobodys() -> None:
    for step in planted(Defect.UNLABELLED_METRIC):
        prompt = ANSWERS[step.prompt_id].prompt
        told = f"{prompt.typed} {json.dumps(prompt.fields)} {good(step)}"
        new = set(re.findall(r"\d+", step.text)) - set(re.findall(r"\d+", good(step)))
        assert len(new) == 1
        assert not re.search(rf"\b{new.pop()}\b", told)


def test_a_dropped_point_is_gone_and_the_form_stays() -> None:
    for step in planted(Defect.DROPPED_ANCHOR):
        prompt = ANSWERS[step.prompt_id].prompt
        assert words_kept("\n".join(prompt.must_keep), whole(step)).missing
        assert CONTRACT.parse(prompt.task, step.text)


def test_an_undisclosed_text_says_nowhere_what_it_is() -> None:
    for step in planted(Defect.MISSING_DISCLOSURE):
        assert not re.search(r"simulat|fiction|practice|practise|exercise|invented", step.text, re.IGNORECASE)


def test_keywords_hold_every_word_of_the_person_and_no_sentence() -> None:
    for step in planted(Defect.KEYWORD_STUFFED):
        answer = ANSWERS[step.prompt_id]
        if answer.prompt.carrier in {"section", "post"}:
            assert not words_kept("\n".join(answer.prompt.must_keep), step.text).missing
        assert step.text.count(",") > 15


def test_an_answer_that_ignores_the_person_holds_hardly_a_word_of_theirs() -> None:
    for step in planted(Defect.IGNORES_USER):
        kept = words_kept("\n".join(ANSWERS[step.prompt_id].prompt.must_keep), whole(step))
        assert kept.recall <= 0.25


@pytest.mark.parametrize("edit", Edit)
def test_a_harmless_edit_keeps_the_points_the_figures_and_the_form(edit: Edit) -> None:
    found = [step for step in STEPS if step.edit is edit]
    assert len(found) >= 5
    for step in found:
        prompt = ANSWERS[step.prompt_id].prompt
        assert step.text != good(step)
        assert CONTRACT.parse(prompt.task, step.text)
        assert not words_kept("\n".join(prompt.must_keep), whole(step)).missing
        assert sorted(re.findall(r"\d+", step.text)) == sorted(re.findall(r"\d+", good(step)))


def test_another_order_holds_the_same_words() -> None:
    for step in (each for each in STEPS if each.edit is Edit.BULLET_ORDER):
        assert sorted(re.findall(r"\w+", step.text)) == sorted(re.findall(r"\w+", good(step)))


def test_padding_adds_about_two_fifths() -> None:
    for step in (each for each in STEPS if each.edit is Edit.PADDING):
        answer = ANSWERS[step.prompt_id]
        # A question of a talking point stays as it is, and a short answer has little room.
        least = 0.5 * PADDED_SHARE if answer.is_paired else 0.8 * PADDED_SHARE
        added = words(whole(step)) / words("\n".join(answer.texts)) - 1
        assert least <= added <= PADDED_SHARE + 0.2, (step.prompt_id, added)


def test_the_better_answer_differs_by_one_edit() -> None:
    for step in (each for each in STEPS if each.rung is Rung.BETTER):
        edit = ANSWERS[step.prompt_id].better
        assert step.text == good(step).replace(edit.old, edit.new)
        assert step.text != good(step)


def test_only_single_defects_stand_on_their_rung() -> None:
    assert {step.defect for step in STEPS if step.rung is Rung.DEFECT} == set(SINGLE)
