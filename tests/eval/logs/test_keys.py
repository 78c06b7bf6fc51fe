"""Keys tell answers apart by what was asked and by which weights, and by nothing else."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import InputError
from proofkit_eval.logs.keys import check_sealed, generation_key, length_prefixed, sealed, verdict_key
from proofkit_eval.records import Decoded, Generation, JudgeRef, ModelRef, Spec

MODEL = ModelRef(
    id="tuned", name="Tuned", artifact_digest="1" * 64, base_digest="2" * 64, family="f", backend="b", prompt_set="s"
)
GREEDY: Decoded = {"temperature": 0.0, "repeat_penalty": 1.1}
JUDGE = JudgeRef(id="j", family="f", version="1", artifact_digest="")
SETTINGS = st.dictionaries(
    st.text(max_size=8), st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8), max_size=4
)


def key(
    prompt: bytes = b"Write.",
    *,
    contract: str = "c",
    model: ModelRef = MODEL,
    decoding: Decoded = GREEDY,
    seed: int = 0,
) -> str:
    return generation_key(prompt, contract_digest=contract, model=model, decoding=decoding, seed=seed)


def test_a_changed_artifact_digest_under_the_same_name_is_another_key() -> None:
    published_again = MODEL.model_copy(update={"artifact_digest": "3" * 64})
    assert key(model=published_again) != key()


def test_another_base_under_the_same_adapter_is_another_key() -> None:
    assert key(model=MODEL.model_copy(update={"base_digest": "4" * 64})) != key()


def test_a_new_name_for_the_same_weights_keeps_the_key() -> None:
    assert key(model=MODEL.model_copy(update={"id": "other", "name": "Other"})) == key()


@pytest.mark.parametrize(
    "other",
    [
        key(b"Write!"),
        key(contract="d"),
        key(seed=1),
        key(decoding={"temperature": 0.6, "repeat_penalty": 1.1}),
        key(decoding={"temperature": 0.0}),
        key(decoding={}),
    ],
)
def test_prompt_contract_decoding_and_seed_each_make_another_key(other: str) -> None:
    assert other != key()


def test_the_order_and_the_notation_of_settings_make_no_difference() -> None:
    assert key(decoding={"repeat_penalty": 1.1, "temperature": 0}) == key()
    assert key(decoding={"temperature": -0.0, "repeat_penalty": 1.1}) == key()


def test_a_number_a_text_and_a_truth_that_look_alike_are_different_settings() -> None:
    assert len({key(decoding={"x": value}) for value in (1, "1", True, "True", "b1")}) == 5


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_no_two_lists_of_parts_come_to_the_same(one: list[bytes], other: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@given(SETTINGS)
def test_settings_keep_their_key_through_json(settings: Decoded) -> None:
    assert key(decoding=json.loads(json.dumps(settings))) == key(decoding=settings)


def test_another_rubric_makes_another_verdict_of_the_same_answer() -> None:
    def verdict(rubric: str = "r", order: int = 0, repeat: int = 0, judge: JudgeRef = JUDGE) -> str:
        return verdict_key(b"text", rubric_digest=rubric, judge=judge, order=order, repeat=repeat)

    others = {
        verdict("q"),
        verdict(order=1),
        verdict(repeat=1),
        verdict(judge=JUDGE.model_copy(update={"version": "2"})),
    }
    assert len(others | {verdict()}) == 5


def spec(**changed: object) -> Spec:
    made = Spec(
        set_digest="s",
        contract_digest="c",
        models=(MODEL,),
        judges=(JUDGE,),
        rubric_digest="r",
        decoding=GREEDY,
        seeds=(0,),
        comparisons=(),
        code_version="0.1.0",
    )
    return made.model_copy(update=changed)


def test_a_sealed_spec_goes_through_json_and_back() -> None:
    check_sealed(Spec.model_validate_json(sealed(spec()).model_dump_json()))


@pytest.mark.parametrize("change", [{"rubric_digest": "other"}, {"models": ()}, {"seeds": (1,)}, {"digest": ""}])
def test_a_spec_that_was_changed_in_the_middle_of_a_run_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="changed after the run began"):
        check_sealed(sealed(spec()).model_copy(update=change))


def test_a_row_goes_through_json_and_back(row: Callable[..., Generation]) -> None:
    made = row(3)
    assert Generation.model_validate_json(made.model_dump_json()) == made
