"""Judges over backends: what they ask, and what becomes of a reply that cannot be used."""

from collections.abc import Callable
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, GenerationError, InputError
from proofkit_core.generation import FinishReason, GenerationRequest, TextGenerator
from proofkit_eval.judging import ChecklistJudge, GradingJudge, JudgeItem, Price, Ways, judge_all, load_rubric
from proofkit_eval.judging.pairs import compare_pair, first_place_share, settle_pairs
from proofkit_eval.judging.panel import check_rubric
from proofkit_eval.judging.planning import Answer
from proofkit_eval.records import JudgeRef, Prompt, Verdict
from proofkit_prompts.prompt import EditablePrompt, FreePrompt

MakePrompt = Callable[..., Prompt]
MakeJudge = Callable[..., JudgeRef]
Backend = Callable[..., Any]
Says = Callable[[GenerationRequest], str]
RUBRIC = load_rubric()
GOOD = "\n".join([*(f"{axis}: 4" for axis in RUBRIC.axis_ids), *(f"{item}: yes" for item in RUBRIC.item_ids)])


def item_of(prompt: Prompt, answer: str = "At Marramkeld Supply I plan.", key: str = "k") -> JudgeItem:
    return JudgeItem(key=key, alias=f"R-{key}", prompt=prompt, answer=answer)


def saying(text: str) -> Says:
    def says(_request: GenerationRequest) -> str:
        return text

    return says


def test_a_large_model_grades_by_the_whole_rubric(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    backend = scripted(saying(GOOD))
    judge = GradingJudge(make_judge("large"), backend, RUBRIC, Ways(wire="chat", price=Price(1.0, 2.0)))
    verdict = judge.judge(item_of(make_prompt()))
    assert verdict.axes == dict.fromkeys(RUBRIC.axis_ids, 4)
    assert verdict.items["uses_points"] is True
    assert verdict.items["says_simulated"] is None
    assert verdict.cost_usd == pytest.approx((1 + 2 * len(GOOD.split())) / 1e6)
    assert isinstance(backend.prompts[0], EditablePrompt)


def test_a_small_model_is_asked_yes_or_no_only(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    def says(request: GenerationRequest) -> str:
        prompt = request.prompt
        assert isinstance(prompt, FreePrompt)
        return "no" if "Is every point" in prompt.text else "yes"

    backend = scripted(says)
    verdict = ChecklistJudge(make_judge("small"), backend, RUBRIC).judge(item_of(make_prompt()))
    assert verdict.axes is None
    assert (verdict.items["answers_task"], verdict.items["uses_points"]) == (True, False)
    assert len(backend.prompts) == len(RUBRIC.items_of("draft_section"))
    assert all(isinstance(prompt, FreePrompt) and prompt.output_schema for prompt in backend.prompts)


def test_a_checklist_left_half_open_is_unscored(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    verdict = ChecklistJudge(make_judge("small"), scripted(saying("hm")), RUBRIC).judge(item_of(make_prompt()))
    assert verdict.reason.startswith("8 of 8 items untold")


def fails(_: GenerationRequest) -> str:
    raise GenerationError("Nobody answers.", kind=FailureKind.CONNECT)


@pytest.mark.parametrize(
    ("answer", "finish", "reason"),
    [
        (saying("I like it."), FinishReason.STOP, "no whole grade"),
        (saying(GOOD), FinishReason.LENGTH, "cut"),
        (fails, FinishReason.STOP, "connect"),
    ],
)
def test_a_failed_verdict_is_unscored_with_its_reason(
    answer: Says,
    finish: FinishReason,
    reason: str,
    scripted: Backend,
    make_prompt: MakePrompt,
    make_judge: MakeJudge,
) -> None:
    judge = GradingJudge(make_judge("large"), scripted(answer, finish), RUBRIC)
    kept: list[Verdict] = []
    run = judge_all(
        [judge], [Answer(key="k", prompt=make_prompt(), text="A text.")], {"k": "R-1"}, RUBRIC, seed=1, keep=kept.append
    )
    assert run.unscored == len(kept) >= 1
    assert kept[0].status == "unscored"
    assert kept[0].axes is None
    assert reason in kept[0].reason


def test_a_name_in_an_answer_never_reaches_the_judge(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    shown: list[str] = []
    ways = Ways(giveaways=("qwen",), on_prompt=shown.append)
    judge = GradingJudge(make_judge("large"), scripted(saying(GOOD)), RUBRIC, ways)
    assert judge.judge(item_of(make_prompt(), "I am Qwen2.5 and I plan.")).axes is not None
    assert shown
    assert "qwen" not in shown[0].casefold()


def test_a_second_run_asks_for_what_is_missing_only(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    judge = GradingJudge(make_judge("large"), scripted(saying(GOOD)), RUBRIC)
    answers = [Answer(key=str(number), prompt=make_prompt(number), text="A text.") for number in range(20)]
    aliases = {each.key: f"R-{each.key}" for each in answers}
    kept: list[Verdict] = []
    judge_all([judge], answers[:12], aliases, RUBRIC, seed=1, keep=kept.append)
    before = len(kept)
    run = judge_all([judge], answers, aliases, RUBRIC, seed=1, keep=kept.append, done={each.key for each in kept})
    assert run.skipped == before
    assert len({each.key for each in kept}) == len(kept)


def test_a_rubric_changed_in_the_middle_is_refused() -> None:
    with pytest.raises(InputError, match="changed in the middle"):
        check_rubric(RUBRIC, "0" * 64)


def test_two_judges_of_one_id_are_refused(scripted: Backend, make_judge: MakeJudge) -> None:
    judge = GradingJudge(make_judge("large"), scripted(saying(GOOD)), RUBRIC)
    with pytest.raises(InputError, match="twice"):
        judge_all([judge, judge], [], {}, RUBRIC, seed=1, keep=lambda _: None)


def test_who_wins_only_by_standing_first_has_not_won(
    scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge
) -> None:
    one, other = item_of(make_prompt(), "One.", "a"), item_of(make_prompt(), "Other.", "b")
    ref, ways = make_judge("large"), Ways()

    def compare(left: JudgeItem, right: JudgeItem, generator: TextGenerator) -> tuple[Verdict, Verdict]:
        return compare_pair(left, right, ref=ref, generator=generator, rubric=RUBRIC, ways=ways)

    first = compare(one, other, scripted(saying("better: A")))
    assert settle_pairs(first)[0].winner == "tie"
    assert settle_pairs(first)[0].turned
    assert first_place_share(first) == (2, 2)

    def fair(request: GenerationRequest) -> str:
        asked = request.prompt.user
        return "better: A" if asked.index("One.") < asked.index("Other.") else "better: B"

    assert settle_pairs(compare(one, other, scripted(fair)))[0].winner == "a"
    assert settle_pairs(compare(other, one, scripted(fair)))[0].winner == "a"


def test_a_pair_half_unscored_has_no_winner(scripted: Backend, make_prompt: MakePrompt, make_judge: MakeJudge) -> None:
    one, other = item_of(make_prompt(), "One.", "a"), item_of(make_prompt(), "Other.", "b")
    verdicts = compare_pair(
        one, other, ref=make_judge("large"), generator=scripted(saying("Both.")), rubric=RUBRIC, ways=Ways()
    )
    assert [each.status for each in verdicts] == ["unscored", "unscored"]
    assert settle_pairs(verdicts)[0].winner is None
