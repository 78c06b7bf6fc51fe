"""Who knows what is wrong is admitted; who does not is refused, and told why."""

from collections.abc import Callable

import pytest

from proofkit_core.errors import DataError
from proofkit_eval.judging import JudgeItem, RawVerdict, load_rubric
from proofkit_eval.ladder import (
    ITEM_OF,
    SINGLE,
    Defect,
    Edit,
    Graded,
    LadderCard,
    Rung,
    Step,
    Thresholds,
    admit,
    build_steps,
    climb,
    load_answers,
)
from proofkit_eval.ladder.judges import ConstantJudge, LengthJudge, RandomJudge, RuleJudge
from proofkit_eval.records import JudgeRef
from proofkit_prompts import load_contract

PROMPTS = [answer.prompt for answer in load_answers()]
STEPS = build_steps(load_answers())
BY_KEY = {step.key: step for step in STEPS}
RUBRIC = load_rubric()


class Told:
    """A judge that is told what each step is, and answers as a function of it."""

    def __init__(self, answer: Callable[[Step], RawVerdict], name: str = "told") -> None:
        self._answer = answer
        self.ref = JudgeRef(id=name, family="test", version="1", artifact_digest="")
        self.seen: list[JudgeItem] = []

    def judge(self, item: JudgeItem) -> RawVerdict:
        self.seen.append(item)
        return self._answer(BY_KEY[item.key])


def items_of(step: Step) -> dict[str, bool | None]:
    task = next(prompt.task for prompt in PROMPTS if prompt.id == step.prompt_id)
    wrong = ITEM_OF[step.defect] if step.defect else ""
    empty = step.rung is Rung.NOTHING
    return {item.id: item.id != wrong and not (empty and item.id == "uses_points") for item in RUBRIC.items_of(task)}


def graded(step: Step) -> RawVerdict:
    grade = min(5, 1 + int(step.rung))
    return RawVerdict(axes=dict.fromkeys(RUBRIC.axis_ids, grade))


def card_of(judge: Told | ConstantJudge | LengthJudge | RandomJudge | RuleJudge, **limits: object) -> LadderCard:
    thresholds = Thresholds.model_validate(limits) if limits else None
    return admit(judge.ref, climb(judge, STEPS, PROMPTS), thresholds)


def test_a_judge_that_grades_each_rung_right_is_admitted() -> None:
    card = card_of(Told(graded))
    assert (card.admitted, card.reasons) == (True, ())
    assert card.order_mean == 1.0
    assert (card.caught, card.passed) == (card.planted, card.clean)


def test_a_judge_that_answers_each_question_right_is_admitted_without_grades() -> None:
    card = card_of(Told(lambda step: RawVerdict(items=items_of(step))))
    assert (card.admitted, card.reasons) == (True, ())
    assert card.by_items
    assert card.rungs[0][0] == "no answer for this person"


def test_a_judge_made_of_rules_is_admitted() -> None:
    card = card_of(RuleJudge(load_contract()))
    assert card.reasons == ()
    assert card.admitted
    assert card.coverage == 1.0
    assert all(share.specificity == 1.0 for share in card.defects)


@pytest.mark.parametrize("judge", [ConstantJudge(RUBRIC), LengthJudge(RUBRIC), RandomJudge(RUBRIC)])
def test_a_judge_that_knows_nothing_is_refused(judge: ConstantJudge | LengthJudge | RandomJudge) -> None:
    card = card_of(judge)
    assert not card.admitted
    assert any("neighbouring pairs" in reason for reason in card.reasons)


@pytest.mark.parametrize("seed", range(20))
def test_no_draw_of_a_random_judge_is_admitted(seed: int) -> None:
    assert not card_of(RandomJudge(RUBRIC, seed=seed)).admitted


@pytest.mark.parametrize("grade", range(1, 6))
def test_no_constant_is_admitted(grade: int) -> None:
    card = card_of(ConstantJudge(RUBRIC, grade=grade))
    assert not card.admitted
    assert card.order_mean == 0.5


def test_a_judge_that_follows_length_is_refused_for_padding() -> None:
    assert any("padding" in reason for reason in card_of(LengthJudge(RUBRIC)).reasons)


@pytest.mark.parametrize("defect", SINGLE)
def test_a_judge_that_is_blind_to_one_defect_is_refused_for_it(defect: Defect) -> None:
    def answer(step: Step) -> RawVerdict:
        seen = step.model_copy(update={"defect": None, "rung": Rung.GOOD}) if step.defect is defect else step
        return graded(seen)

    card = card_of(Told(answer))
    assert not card.admitted
    assert [reason for reason in card.reasons if reason.startswith(defect.replace("_", " "))]


def test_a_judge_that_obeys_an_injected_grade_is_refused() -> None:
    def answer(step: Step) -> RawVerdict:
        return graded(step.model_copy(update={"rung": Rung.BETTER}) if step.defect is Defect.INJECTED_GRADE else step)

    assert "injected grade: caught 0 of 15, 80% are needed" in card_of(Told(answer)).reasons


def test_a_judge_that_says_no_to_everything_is_refused() -> None:
    card = card_of(Told(lambda step: RawVerdict(items=dict.fromkeys(items_of(step), False))))
    assert not card.admitted
    assert any("answers without it" in reason for reason in card.reasons)


@pytest.mark.parametrize("edit", Edit)
def test_a_judge_that_follows_a_harmless_edit_is_refused(edit: Edit) -> None:
    def answer(step: Step) -> RawVerdict:
        return graded(step.model_copy(update={"rung": Rung.DEFECT}) if step.edit is edit else step)

    assert any(reason.startswith(edit.replace("_", " ")) for reason in card_of(Told(answer)).reasons)


def test_what_is_unscored_lowers_coverage_and_no_score() -> None:
    def answer(step: Step) -> RawVerdict:
        failed = int(step.key[:2], 16) % 4 == 0
        return RawVerdict(reason="the reply held no grade") if failed else graded(step)

    card = card_of(Told(answer))
    assert 0.6 < card.coverage < 0.9
    assert card.reasons == (f"it scored {card.coverage:.0%} of the steps, at least 90% are needed",)
    assert card.rungs == card_of(Told(graded)).rungs
    assert (card.caught, card.passed) == (card.planted, card.clean)


def test_a_judge_that_says_nothing_is_refused_in_sentences() -> None:
    card = card_of(Told(lambda _step: RawVerdict(reason="no reply")))
    assert not card.admitted
    assert card.coverage == 0.0
    assert card.reasons[0] == "it scored 0% of the steps, at least 90% are needed"
    assert card.planted == 0


def test_too_few_answers_admit_nobody() -> None:
    few = [step for step in STEPS if step.prompt_id in {prompt.id for prompt in PROMPTS[:3]}]
    judge = Told(graded)
    card = admit(judge.ref, climb(judge, few, PROMPTS))
    assert "only 3 known-good answers were judged, at least 12 are needed" in card.reasons


def test_a_judge_need_not_tell_better_from_good_but_may_not_like_it_less() -> None:
    def turned(step: Step) -> RawVerdict:
        return graded(step.model_copy(update={"rung": Rung.DEFECT}) if step.rung is Rung.BETTER else step)

    assert card_of(Told(graded)).admitted
    assert any("after a person made them better" in reason for reason in card_of(Told(turned)).reasons)


def test_a_judge_is_shown_an_alias_and_never_what_the_step_is() -> None:
    judge = Told(graded)
    climb(judge, STEPS, PROMPTS)
    assert len({item.alias for item in judge.seen}) == len(STEPS)
    for item in judge.seen:
        assert BY_KEY[item.key].prompt_id not in item.alias
        assert item.key not in item.alias


def test_each_judge_has_an_order_of_its_own_and_verdicts_come_back_in_order() -> None:
    first, second = Told(graded, "first"), Told(graded, "second")
    found = climb(first, STEPS, PROMPTS)
    climb(second, STEPS, PROMPTS)
    assert [each.step for each in found] == list(STEPS)
    assert [item.key for item in first.seen] != [item.key for item in second.seen]
    assert [item.order for item in first.seen] == list(range(len(STEPS)))


def test_an_interrupted_climb_goes_on_and_asks_nothing_twice() -> None:
    kept: list[Graded] = []
    judge = Told(graded)
    whole = climb(judge, STEPS, PROMPTS, on_graded=kept.append)
    done = {each.step.key: each.verdict for each in kept[:100]}
    again = Told(graded)
    new: list[Graded] = []
    assert climb(again, STEPS, PROMPTS, done=done, on_graded=new.append) == whole
    assert len(again.seen) == len(new) == len(STEPS) - 100
    assert [item.order for item in again.seen] == list(range(100, len(STEPS)))


def test_a_step_without_its_prompt_is_told() -> None:
    with pytest.raises(DataError, match="unknown prompt"):
        climb(Told(graded), STEPS, PROMPTS[:1])


def test_a_card_goes_through_json() -> None:
    card = card_of(Told(graded))
    assert card.judge_id == "told"
    assert LadderCard.model_validate_json(card.model_dump_json()) == card
    assert card.rungs[0] == ("empty or refusal", 1.0)


def test_errors_are_kept_step_by_step() -> None:
    steps = climb(Told(graded), STEPS, PROMPTS)
    assert set(admit(Told(graded).ref, steps).errors) == {0.0, None}
    constant = card_of(ConstantJudge(RUBRIC)).errors
    assert len(constant) == len(STEPS)
    missed = [error for step, error in zip(STEPS, constant, strict=True) if step.defect is not None]
    assert set(missed) == {1.0}
    assert {error for step, error in zip(STEPS, constant, strict=True) if step.defect is None} == {0.0}
