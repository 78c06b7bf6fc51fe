"""Opens the judges of a plan."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from proofkit_core.errors import InputError
from proofkit_core.generation import TextGenerator
from proofkit_eval.commands.opening import open_generator
from proofkit_eval.judging import ChecklistJudge, GradingJudge, Price, Rubric, Ways, giveaways_of
from proofkit_eval.judging.protocol import Judge, JudgeItem, RawVerdict
from proofkit_eval.ladder.judges.blunt import ConstantJudge, LengthJudge, RandomJudge
from proofkit_eval.ladder.judges.rules import RuleJudge
from proofkit_eval.plan import JudgeSource, PlannedJudge
from proofkit_eval.records import JudgeRef, ModelRef
from proofkit_prompts import Contract

__all__ = ["AskedJudge", "chosen_judges", "open_asked", "open_judge", "ref_of_ratings"]

_PEOPLE = "human"


class AskedJudge(NamedTuple):
    """A model that judges, open."""

    ref: JudgeRef
    generator: TextGenerator
    ways: Ways


def chosen_judges(judges: Sequence[PlannedJudge], only: Sequence[str]) -> tuple[PlannedJudge, ...]:
    """Return the judges of a plan that were asked for; all without a choice.

    Raises:
        InputError: The plan has no such judge, or none at all.
    """
    known = [judge.id for judge in judges]
    if not known:
        raise InputError("The plan names no judges. Add some under [[judge]], or go on with `proofkit-eval board`.")
    if unknown := sorted(set(only) - set(known)):
        raise InputError(f"The plan has no judge {', '.join(unknown)}; it has {', '.join(known)}.")
    return tuple(judge for judge in judges if not only or judge.id in only)


@contextmanager
def open_judge(
    planned: PlannedJudge,
    at: Path,
    *,
    rubric: Rubric,
    contract: Contract,
    models: Sequence[ModelRef],
    on_prompt: Callable[[str], None] | None = None,
) -> Generator[Judge]:
    """Open a judge, for as long as it judges. Ratings are read from a file instead.

    Args:
        planned: The judge of the plan.
        at: Where the plan's paths begin.
        rubric: What is asked.
        contract: The contract that the answers were asked for with.
        models: Whose names must not reach the judge.
        on_prompt: Called with every prompt to a model that judges.

    Raises:
        GenerationError: The model that judges cannot be opened.
        InputError: It is a file of ratings.
    """
    match planned.source:
        case JudgeSource.RULES:
            yield _Named(RuleJudge(contract), planned.id)
        case JudgeSource.CONSTANT:
            yield _Named(ConstantJudge(rubric), planned.id)
        case JudgeSource.LENGTH:
            yield _Named(LengthJudge(rubric), planned.id)
        case JudgeSource.RANDOM:
            yield _Named(RandomJudge(rubric), planned.id)
        case JudgeSource.RATINGS:
            raise InputError(f"The judge {planned.id} is a file of ratings and is not asked. Read the file instead.")
        case _:
            with open_asked(planned, at, contract=contract, models=models, on_prompt=on_prompt) as asked:
                kind = ChecklistJudge if planned.source is JudgeSource.CHECKLIST else GradingJudge
                yield kind(asked.ref, asked.generator, rubric, asked.ways)


def ref_of_ratings(planned: PlannedJudge) -> JudgeRef:
    """Return who rated a file."""
    return JudgeRef(id=planned.id, family=planned.family or _PEOPLE, version="1", artifact_digest="")


@contextmanager
def open_asked(
    planned: PlannedJudge,
    at: Path,
    *,
    contract: Contract,
    models: Sequence[ModelRef],
    on_prompt: Callable[[str], None] | None = None,
) -> Generator[AskedJudge]:
    """Open the model behind a judge, for as long as it is asked.

    Args:
        planned: The judge of the plan.
        at: Where the plan's paths begin.
        contract: The contract that the answers were asked for with.
        models: Whose names must not reach the judge.
        on_prompt: Called with every prompt.

    Raises:
        GenerationError: The model cannot be opened.
        InputError: The judge has no model that could be asked.
    """
    if planned.asked is None:
        raise InputError(
            f"The judge {planned.id} is {planned.source.value!r} and has no model that could be asked. Take a "
            "checklist or grading judge."
        )
    with open_generator(planned.asked, at, contract) as opened:
        identity = opened.generator.identity
        ref = JudgeRef(
            id=planned.id,
            family=planned.family or identity.name,
            version=identity.name,
            artifact_digest=identity.artifact_digest,
        )
        ways = Ways(
            wire="chat" if opened.takes_chat else "text",
            giveaways=giveaways_of(models),
            price=_price(planned),
            on_prompt=on_prompt,
        )
        yield AskedJudge(ref, opened.generator, ways)


class _Named:
    """A judge under its id in the plan. What it is made of stays its own: nobody becomes a person by a line there."""

    def __init__(self, judge: Judge, judge_id: str) -> None:
        self._judge = judge
        self.ref = judge.ref.model_copy(update={"id": judge_id})

    def judge(self, item: JudgeItem) -> RawVerdict:
        return self._judge.judge(item)


def _price(planned: PlannedJudge) -> Price | None:
    if planned.prompt_usd is None or planned.completion_usd is None:
        return None
    return Price(planned.prompt_usd, planned.completion_usd)
