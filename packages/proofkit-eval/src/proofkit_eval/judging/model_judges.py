"""Judges over any backend: a large model grades by the whole rubric, a small one answers yes/no questions only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from proofkit_core.errors import GenerationCancelledError, GenerationError
from proofkit_core.generation import Completion, Decoding, FinishReason, GenerationRequest, TextGenerator
from proofkit_eval.judging.asking import Asked, Wire, exercise_of, grading, questioning, to_prompt
from proofkit_eval.judging.leaks import find_leaks, mask
from proofkit_eval.judging.protocol import JudgeItem, RawVerdict
from proofkit_eval.judging.reading import read_reply, read_yes_no
from proofkit_eval.judging.rubric import Rubric
from proofkit_eval.records import JudgeRef
from proofkit_prompts.errors import PromptKindError

__all__ = ["ChecklistJudge", "Exchange", "GradingJudge", "Price", "Ways", "ask"]


_LIKELIEST = Decoding()


class Price(NamedTuple):
    """What a hosted model costs, in US dollars a million tokens."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what some tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1_000_000


@dataclass(frozen=True, slots=True)
class Ways:
    """How a model that judges is spoken to."""

    wire: Wire = "text"
    giveaways: tuple[str, ...] = ()
    """Names that must not reach it, from `giveaways_of`."""
    decoding: Decoding = _LIKELIEST
    max_tokens: int = 800
    time_limit_s: float = 120.0
    price: Price | None = None
    on_prompt: Callable[[str], None] | None = None
    """Called with every prompt, whole, for the record of what judges were shown."""


class Exchange(NamedTuple):
    """One question to a model and what came of it."""

    text: str
    """Empty where there is a reason."""
    reason: str
    tokens: int
    cost_usd: float | None
    seconds: float


class GradingJudge:
    """A large model that grades all axes and answers all items in one reply."""

    def __init__(self, ref: JudgeRef, generator: TextGenerator, rubric: Rubric, ways: Ways | None = None) -> None:
        """Take the model and the rubric.

        Args:
            ref: Who judges, as verdicts name it.
            generator: The backend.
            rubric: What is asked.
            ways: How it is spoken to; None for the usual.
        """
        self.ref = ref
        self._generator, self._rubric, self._ways = generator, rubric, ways or Ways()

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Grade one answer; what cannot be read is unscored, with the reason."""
        shown = _masked(item, self._ways.giveaways)
        said = ask(self._generator, grading(self._rubric, shown), self._ways, exercise=exercise_of(item.prompt))
        if said.reason:
            return _verdict((said,), reason=said.reason)
        questions = self._rubric.items_of(item.prompt.task)
        reply = read_reply(said.text, self._rubric.axis_ids, (each.id for each in questions))
        if reply.axes is None:
            return _verdict((said,), reason=reply.reason)
        untold: dict[str, bool | None] = dict.fromkeys(self._rubric.item_ids)
        return _verdict((said,), axes=reply.axes, items=untold | reply.items)


class ChecklistJudge:
    """A small model that is asked one yes/no question at a time; it is never asked for a grade."""

    def __init__(self, ref: JudgeRef, generator: TextGenerator, rubric: Rubric, ways: Ways | None = None) -> None:
        """Take the model and the rubric.

        Args:
            ref: Who judges, as verdicts name it.
            generator: The backend.
            rubric: What is asked.
            ways: How it is spoken to; None for the usual.
        """
        self.ref = ref
        self._generator, self._rubric, self._ways = generator, rubric, ways or Ways()

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Answer every item that applies; unscored where more than half of them stay untold."""
        shown = _masked(item, self._ways.giveaways)
        answers: dict[str, bool | None] = dict.fromkeys(self._rubric.item_ids)
        said: list[Exchange] = []
        reasons: list[str] = []
        questions, exercise = self._rubric.items_of(item.prompt.task), exercise_of(item.prompt)
        for question in questions:
            asked = questioning(self._rubric, question, shown)
            each = ask(self._generator, asked, self._ways, exercise=exercise, yes_no=True)
            said.append(each)
            answers[question.id] = None if each.reason else read_yes_no(each.text)
            if answers[question.id] is None:
                reasons.append(f"{question.id}: {each.reason or f'neither yes nor no in {each.text[:40]!r}'}")
        if 2 * len(reasons) > len(questions) or not questions:
            told = "; ".join(reasons[:3]) or "no item applies to this task"
            return _verdict(said, reason=f"{len(reasons)} of {len(questions)} items untold ({told})")
        return _verdict(said, items=answers)


def ask(generator: TextGenerator, asked: Asked, ways: Ways, *, exercise: str = "", yes_no: bool = False) -> Exchange:
    """Ask a model once; what would give a writer away is not sent, and a failure is a reason.

    Args:
        generator: The backend.
        asked: What is asked.
        ways: How.
        exercise: What the person was asked; a name that stands there gives nobody away.
        yes_no: Whether the reply is held to the form of a yes or a no.
    """
    whole = f"{asked.system}\n{asked.user}"
    if leaks := find_leaks(whole, ways.giveaways, told=exercise):
        told = ", ".join(sorted({f"{leak.kind} {leak.found!r}" for leak in leaks}))
        return Exchange("", f"not asked, because the prompt would tell who wrote the answer: {told}", 0, None, 0.0)
    if ways.on_prompt is not None:
        ways.on_prompt(whole)
    request = GenerationRequest(
        prompt=to_prompt(asked, ways.wire, max_tokens=ways.max_tokens, yes_no=yes_no),
        decoding=ways.decoding,
        time_limit_s=ways.time_limit_s,
    )
    try:
        completion = generator.generate(request)
    except GenerationCancelledError:
        raise  # the person stops the run; that is no failed verdict
    except GenerationError as error:
        return Exchange("", f"the judge gave no answer ({error.kind.value}): {error}", 0, None, 0.0)
    except PromptKindError as error:
        return Exchange("", f"the judge's backend does not take such prompts: {error}", 0, None, 0.0)
    return _exchange(completion, ways.price)


def _exchange(completion: Completion, price: Price | None) -> Exchange:
    written = completion.completion_tokens + completion.reasoning_tokens
    whole = completion.finish_reason is FinishReason.STOP
    return Exchange(
        text=completion.text if whole else "",
        reason="" if whole else f"the reply was cut ({completion.finish_reason.value})",
        tokens=completion.prompt_tokens + written,
        cost_usd=price.of(completion.prompt_tokens, written) if price else None,
        seconds=completion.total_s,
    )


def _masked(item: JudgeItem, names: tuple[str, ...]) -> JudgeItem:
    return item.model_copy(update={"answer": mask(item.answer, names, told=exercise_of(item.prompt))})


def _verdict(
    said: Sequence[Exchange],
    *,
    axes: dict[str, int] | None = None,
    items: dict[str, bool | None] | None = None,
    reason: str = "",
) -> RawVerdict:
    costs = [each.cost_usd for each in said if each.cost_usd is not None]
    return RawVerdict(
        axes=axes,
        items=items or {},
        reason=reason,
        tokens=sum(each.tokens for each in said),
        cost_usd=sum(costs) if costs else None,
        seconds=sum(each.seconds for each in said),
    )
