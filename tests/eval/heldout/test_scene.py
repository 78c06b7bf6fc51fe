"""A prompt's exercise is built again from the catalogue, and is the one that stands in its fields."""

import pytest

from proofkit_core.errors import DataError
from proofkit_eval.heldout import HeldOutSet, challenge_of, ledger_of, material_of


def test_the_exercise_of_every_prompt_is_the_one_in_its_fields(held_out: HeldOutSet) -> None:
    for prompt in held_out.prompts:
        if not prompt.company:
            assert prompt.facts == ()
            continue
        challenge = challenge_of(prompt)
        assert challenge.facts == prompt.facts
        told = prompt.fields.get("facts", ())
        assert set(told) <= {f"[{fact.id}] {fact.text}" for fact in challenge.facts}
        assert str(prompt.fields.get("company", prompt.company)).startswith(challenge.company)


def test_what_a_statement_may_rest_on_follows_the_twin(held_out: HeldOutSet) -> None:
    prompt = next(
        each for each in held_out.prompts if each.swap and any(each.swap.old in note for note in each.brief.notes)
    )
    assert prompt.swap is not None
    facts = " ".join(fact.text for fact in ledger_of(prompt).user_facts)
    twin = " ".join(fact.text for fact in ledger_of(prompt, swap=True).user_facts)
    assert (prompt.swap.old in facts, prompt.swap.new in facts) == (True, False)
    assert (prompt.swap.old in twin, prompt.swap.new in twin) == (False, True)


def test_nothing_is_known_before_there_is_an_exercise(held_out: HeldOutSet) -> None:
    setting = next(prompt for prompt in held_out.prompts if prompt.family == "setting")
    assert ledger_of(setting).scenario_facts == ()


@pytest.mark.parametrize("field", ["role_id", "scenario_id"])
def test_a_prompt_whose_role_or_scenario_is_gone_is_told(held_out: HeldOutSet, field: str) -> None:
    prompt = held_out.prompts[0]
    lost = prompt.model_copy(update={"scene": prompt.scene.model_copy(update={field: "nowhere"})})
    with pytest.raises(DataError, match="no longer holds"):
        material_of(lost)


def test_a_prompt_without_a_twin_has_none_to_ask(held_out: HeldOutSet) -> None:
    alone = held_out.prompts[0].model_copy(update={"swap": None})
    with pytest.raises(DataError, match="no counterfactual twin"):
        ledger_of(alone, swap=True)
