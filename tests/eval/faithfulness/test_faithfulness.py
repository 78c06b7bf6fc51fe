"""The measures say what was kept, what followed, what nothing carries, and what is recited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_eval.faithfulness import (
    known_runs,
    measure,
    read_swap,
    template_distance,
    variety,
    variety_at_equal_size,
)
from proofkit_eval.heldout import load_set
from proofkit_eval.ladder import Defect, Edit, build_steps, load_answers
from proofkit_eval.ladder.answers import written
from proofkit_eval.records import Swap
from proofkit_prompts import Contract, load_contract

ANSWERS = {answer.prompt.id: answer for answer in load_answers()}
STEPS = build_steps(load_answers())
TEXTS = st.lists(st.text(alphabet="abcd efgh.", max_size=60), max_size=6)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="module")
def swap() -> Swap:
    prompt = next(each for each in load_set().prompts if each.swap)
    assert prompt.swap
    return prompt.swap.model_copy(update={"old": "the kettle room", "new": "the boiler shed"})


def test_known_good_answers_keep_every_point_and_claim_nothing(contract: Contract) -> None:
    for answer in ANSWERS.values():
        found = measure("k", answer.prompt, written(answer.prompt.task, answer.texts), contract)
        assert (found.anchor_recall, found.missing, found.unsupported) == (1.0, (), ()), answer.prompt.id
        assert found.claims


def test_a_dropped_point_lowers_recall_and_names_the_words(contract: Contract) -> None:
    for step in (each for each in STEPS if each.defect is Defect.DROPPED_ANCHOR):
        found = measure("k", ANSWERS[step.prompt_id].prompt, step.text, contract)
        assert found.anchor_recall is not None
        assert found.anchor_recall < 1
        assert found.missing


def test_an_invented_client_is_unsupported(contract: Contract) -> None:
    for step in (each for each in STEPS if each.defect is Defect.INVENTED_CLIENT):
        found = measure("k", ANSWERS[step.prompt_id].prompt, step.text, contract)
        assert found.unsupported, step.text
        assert found.unsupported_rate


def test_order_and_padding_change_no_recall(contract: Contract) -> None:
    for step in (each for each in STEPS if each.edit in {Edit.BULLET_ORDER, Edit.PADDING}):
        assert measure("k", ANSWERS[step.prompt_id].prompt, step.text, contract).anchor_recall == 1.0


def test_a_void_answer_keeps_nothing_and_has_no_rate(contract: Contract) -> None:
    found = measure("k", ANSWERS["roadie-reversal"].prompt, "", contract)
    assert found.anchor_recall == 0.0
    assert (found.unsupported_rate, found.words) == (None, 0)


def test_a_swap_is_followed_where_the_new_words_stand_and_the_old_do_not(swap: Swap) -> None:
    before, after = "I post it in the kettle room. The rest stays.", "I post it in the boiler shed. The rest stays."
    found = read_swap(before, after, swap)
    assert found
    assert found == (True, False, 0.0)


def test_an_answer_that_ignores_the_person_does_not_follow(swap: Swap) -> None:
    same = "A clear plan helps everybody."
    found = read_swap(same, same, swap)
    assert found
    assert not found.followed
    assert found.unchanged


def test_reciting_the_old_fact_does_not_follow(swap: Swap) -> None:
    both = "In the kettle room, or in the boiler shed."
    found = read_swap("In the kettle room.", both, swap)
    assert found
    assert not found.followed


def test_one_old_word_in_another_sense_is_no_old_fact(swap: Swap) -> None:
    found = read_swap("In the kettle room.", "In the boiler shed there is room for two.", swap)
    assert found
    assert found.followed


def test_changes_in_another_paragraph_are_strays(swap: Swap) -> None:
    before = "I post it in the kettle room.\n\nThe vans leave at six."
    after = "I post it in the boiler shed.\n\nThe vans stay in the yard."
    found = read_swap(before, after, swap)
    assert found
    assert found.followed
    assert found.strays > 0


def test_a_fact_that_was_free_to_be_left_out_is_not_asked_for(swap: Swap) -> None:
    same = "A clear plan helps everybody."
    assert read_swap(same, same, swap, must_follow=False) is None


def test_a_swap_without_distinctive_words_says_nothing(swap: Swap) -> None:
    assert read_swap("a", "b", swap.model_copy(update={"old": "and", "new": "or"})) is None


def test_a_recited_target_is_at_distance_nought_and_own_words_at_one() -> None:
    target = "The trustees decide on the third Thursday whether the vans go out again or not"
    assert template_distance(target, known_runs([target])) == 0.0
    assert template_distance("Nobody here has ever written these seven words before", known_runs([target])) == 1.0
    assert template_distance("too short to tell", known_runs([target])) is None
    assert template_distance(target, known_runs([])) is None


def test_what_the_prompt_said_is_not_held_against_an_answer() -> None:
    told = "whatever is locked is not there when a child goes blue"
    assert template_distance(told, known_runs([told]), told=told) is None


@given(TEXTS)
def test_variety_is_in_bounds(texts: list[str]) -> None:
    found = variety(texts)
    assert 0 <= found.shared_runs <= 1
    assert 0 <= found.distinct <= 1
    assert 0 <= found.self_bleu <= 1
    assert found == variety(texts)


def test_one_template_filled_in_is_less_varied_than_free_texts() -> None:
    words = ["kettle", "harbour", "ladder", "pillow", "saddle", "lantern"]
    filled = {word: f"I would begin with the {word} and look again after a week, on one condition." for word in words}
    free = {answer.prompt.id: answer.texts[0] for answer in list(ANSWERS.values())[:6]}
    same = variety_at_equal_size(
        {
            "filled": dict(zip(words, filled.values(), strict=True)),
            "free": dict(zip(words, free.values(), strict=True)),
        }
    )
    assert same["filled"].size == same["free"].size
    assert same["filled"].answers == same["free"].answers == 6
    assert same["filled"].compression > same["free"].compression
    assert same["filled"].shared_runs > same["free"].shared_runs
    assert same["filled"].self_bleu > same["free"].self_bleu


def test_variety_is_compared_on_the_prompts_that_all_answered() -> None:
    answers = {"a": {"p1": "one two three", "p2": ""}, "b": {"p1": "four five six seven", "p2": "x", "p3": "y"}}
    found = variety_at_equal_size(answers)
    assert found["a"].answers == found["b"].answers == 1
    assert variety_at_equal_size({}) == {}
