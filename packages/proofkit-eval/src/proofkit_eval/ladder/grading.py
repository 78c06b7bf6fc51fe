"""Lets a judge climb the ladder: blind, in an order of its own."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel

from proofkit_core.errors import DataError
from proofkit_core.seeds import stream
from proofkit_eval.judging.aliases import blind
from proofkit_eval.judging.protocol import Judge, JudgeItem, RawVerdict
from proofkit_eval.judging.rubric import score_of
from proofkit_eval.ladder.steps import Step
from proofkit_eval.records import Prompt

__all__ = ["Graded", "climb"]


class Graded(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a judge said of one step."""

    step: Step
    verdict: RawVerdict

    @property
    def score(self) -> float | None:
        """Return the score from 1 to 5; None where the judge told nothing."""
        return score_of(self.verdict.axes, self.verdict.items)

    def says(self, item: str) -> bool | None:
        """Return what the judge answered to an item of the checklist; None where it did not."""
        return self.verdict.items.get(item)


def climb(
    judge: Judge,
    steps: Sequence[Step],
    prompts: Sequence[Prompt],
    *,
    seed: int = 0,
    done: Mapping[str, RawVerdict] | None = None,
    on_graded: Callable[[Graded], None] | None = None,
) -> tuple[Graded, ...]:
    """Return what a judge says of each step, in the order of the steps.

    Args:
        judge: Who judges; it sees an alias, the prompt and the text.
        steps: The steps.
        prompts: Those of the known-good answers.
        seed: For the aliases and the judge's order.
        done: Verdicts of this judge by the key of the step, from a run that was interrupted.
        on_graded: Called after each new verdict, such as to keep it.

    Raises:
        DataError: A step belongs to a prompt that is not among them.
    """
    known = {prompt.id: prompt for prompt in prompts}
    aliases = blind([step.key for step in steps], seed)
    order = stream("ladder order", seed, judge.ref.id).sample(range(len(steps)), len(steps))
    graded: dict[int, Graded] = {}
    for place, number in enumerate(order):
        step = steps[number]
        prompt = known.get(step.prompt_id)
        if prompt is None:
            raise DataError(f"A step of the ladder has the unknown prompt {step.prompt_id!r}. Hand in its prompt.")
        if done and step.key in done:
            graded[number] = Graded(step=step, verdict=done[step.key])
            continue
        item = JudgeItem(key=step.key, alias=aliases[step.key], prompt=prompt, answer=step.text, order=place)
        graded[number] = Graded(step=step, verdict=judge.judge(item))
        if on_graded is not None:
            on_graded(graded[number])
    return tuple(graded[number] for number in range(len(steps)))
