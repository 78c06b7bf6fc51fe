"""Plans who sees which answer, in which order and which twice; every choice comes from named random streams."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from proofkit_core.seeds import stream
from proofkit_eval.judging.protocol import JudgeItem
from proofkit_eval.records import Generation, Prompt, Screening

__all__ = ["TWICE", "Answer", "answers_to_judge", "plan"]

TWICE = 0.1
"""Share of the answers that each judge sees a second time, after all the others."""


class Answer(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer that goes before judges."""

    key: str
    prompt: Prompt
    text: str
    """After screening."""


def answers_to_judge(
    prompts: Iterable[Prompt], samples: Iterable[Generation], screenings: Iterable[Screening]
) -> tuple[Answer, ...]:
    """Return the answers that judges see: no void one, which counts against its model unread, and no twin's.

    Args:
        prompts: The held-out set.
        samples: All generations.
        screenings: What was found in them; a generation without one is not judged.
    """
    by_id = {prompt.id: prompt for prompt in prompts}
    screened = {screening.key: screening for screening in screenings}
    found: list[Answer] = []
    for sample in samples:
        screening, prompt = screened.get(sample.key), by_id.get(sample.prompt_id)
        if screening is None or prompt is None or screening.status == "void" or sample.swap:
            continue
        found.append(Answer(key=sample.key, prompt=prompt, text=screening.text))
    return tuple(found)


def plan(
    answers: Sequence[Answer], aliases: Mapping[str, str], *, judge_id: str, seed: int, twice: float = TWICE
) -> tuple[JudgeItem, ...]:
    """Return what one judge is shown, in order.

    The answers to one prompt are shuffled anew for each judge and prompt, so that no model keeps a place; prompts are
    shuffled too. Which answers come twice is drawn for each by itself: one more model moves none of the others.

    Args:
        answers: What is judged.
        aliases: Alias by key, from `blind`.
        judge_id: Who judges.
        seed: The run's seed.
        twice: Share of the answers to show again at the end.
    """
    by_prompt: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_prompt[answer.prompt.id].append(answer)
    order = sorted(by_prompt, key=lambda prompt_id: _draw("prompts", seed, judge_id, prompt_id))
    first: list[JudgeItem] = []
    for prompt_id in order:
        shown = sorted(by_prompt[prompt_id], key=lambda answer: _draw("order", seed, judge_id, answer.key))
        first += [
            JudgeItem(key=answer.key, alias=aliases[answer.key], prompt=answer.prompt, answer=answer.text, order=place)
            for place, answer in enumerate(shown)
        ]
    again = [
        item.model_copy(update={"repeat": 1}) for item in first if _draw("twice", seed, judge_id, item.key) < twice
    ]
    again.sort(key=lambda item: _draw("again", seed, judge_id, item.key))
    return (*first, *again)


def _draw(*names: str | int) -> float:
    return stream(*names).random()
