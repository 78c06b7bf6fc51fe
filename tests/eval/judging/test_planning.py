"""Who sees what, in which order and what twice."""

from collections import Counter
from collections.abc import Callable

from proofkit_eval.judging import Answer, answers_to_judge, blind, plan
from proofkit_eval.records import EvalLog, Prompt

MakePrompt = Callable[..., Prompt]


def many(make_prompt: MakePrompt, prompts: int, models: int) -> list[Answer]:
    return [
        Answer(key=f"{number}/{model}", prompt=make_prompt(number), text="A text.")
        for number in range(prompts)
        for model in range(models)
    ]


def test_no_model_keeps_a_place(make_prompt: MakePrompt) -> None:
    answers = many(make_prompt, 200, 4)
    items = plan(answers, blind([each.key for each in answers], 1), judge_id="j", seed=1)
    places = Counter((item.key.split("/")[1], item.order) for item in items if not item.repeat)
    assert all(25 <= places[str(model), place] <= 75 for model in range(4) for place in range(4))


def test_each_judge_has_an_order_of_its_own(make_prompt: MakePrompt) -> None:
    answers = many(make_prompt, 20, 4)
    aliases = blind([each.key for each in answers], 1)
    one, other = (plan(answers, aliases, judge_id=judge, seed=1) for judge in ("a", "b"))
    assert [item.key for item in one] != [item.key for item in other]
    assert one == plan(list(reversed(answers)), aliases, judge_id="a", seed=1)


def test_one_answer_in_ten_comes_again_after_all_others(make_prompt: MakePrompt) -> None:
    answers = many(make_prompt, 300, 4)
    items = plan(answers, blind([each.key for each in answers], 1), judge_id="j", seed=1)
    again = [item for item in items if item.repeat]
    assert 0.07 <= len(again) / len(answers) <= 0.13
    assert all(item.repeat for item in items[-len(again) :])


def test_one_more_model_moves_no_repeat(make_prompt: MakePrompt) -> None:
    few, more = many(make_prompt, 50, 3), many(make_prompt, 50, 4)
    aliases = blind([each.key for each in more], 1)
    twice = [
        {item.key for item in plan(each, aliases, judge_id="j", seed=1) if item.repeat and item.key[-1] != "3"}
        for each in (few, more)
    ]
    assert twice[0] == twice[1]


def test_void_answers_and_twins_go_before_no_judge(make_log: Callable[..., EvalLog]) -> None:
    log = make_log({"tuned": 4.0}, prompts=3)
    first, second, third = log.screenings
    samples = (*log.samples[:2], log.samples[2].model_copy(update={"swap": True}))
    void = first.model_copy(update={"status": "void", "reasons": ("empty",)})
    kept = answers_to_judge(log.prompts, samples, (void, second, third))
    assert [each.key for each in kept] == [second.key]
