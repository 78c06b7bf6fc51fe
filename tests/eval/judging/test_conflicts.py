"""Judges that are kin to a model stay out of its headline."""

from collections.abc import Callable

import pytest

from proofkit_eval.judging import family_conflicts, judge_scores, without_conflicts
from proofkit_eval.judging.conflicts import maker_of
from proofkit_eval.records import EvalLog, JudgeRef, ModelRef

MakeModel = Callable[..., ModelRef]
MakeJudge = Callable[..., JudgeRef]


@pytest.mark.parametrize(
    ("one", "other"), [("gpt-5.5", "gpt-oss"), ("Gemini", "gemma-3"), ("Qwen2.5", "qwq"), ("claude", "Anthropic")]
)
def test_families_of_one_maker_are_kin(one: str, other: str) -> None:
    assert maker_of(one) == maker_of(other) != ""


def test_model_teacher_and_data_count(make_model: MakeModel, make_judge: MakeJudge) -> None:
    models = [
        make_model("own", family="gpt-oss"),
        make_model("student", teacher_family="gpt-oss"),
        make_model("fed", data_family="gpt-4"),
        make_model("other"),
    ]
    kinship = family_conflicts(
        [make_judge("g", "gpt"), make_judge("people", "human"), make_judge("rule", "rule")], models
    )
    assert [bool(kinship.reasons("g", model.id)) for model in models] == [True, True, True, False]
    assert not any(kinship.reasons(judge, model.id) for judge in ("people", "rule") for model in models)


def test_a_model_does_not_judge_itself_under_another_family(make_model: MakeModel, make_judge: MakeJudge) -> None:
    model = make_model("same", family="a")
    judge = make_judge("same", "b")
    assert family_conflicts([judge], [model]).reasons("same", "same") == ("the judge is the model or its base",)


def test_a_judge_without_a_family_is_cleared_by_nothing(make_model: MakeModel, make_judge: MakeJudge) -> None:
    assert family_conflicts([make_judge("j", "")], [make_model("m")]).reasons("j", "m")


def test_barred_cells_are_left_out_and_no_others(make_log: Callable[..., EvalLog], make_judge: MakeJudge) -> None:
    log = make_log({"tuned": 4.0}, prompts=4, judges=(make_judge("kin", "smollm"), make_judge("far")))
    scores = without_conflicts(judge_scores(log), family_conflicts(log.spec.judges, log.spec.models))
    assert all(row[0][0] is None and row[0][1] is not None for row in scores.values)
