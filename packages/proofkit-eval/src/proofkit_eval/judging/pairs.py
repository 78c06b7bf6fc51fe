"""Comparisons of two answers, always in both orders: who wins only where it stands first has not won."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

from proofkit_core.generation import TextGenerator
from proofkit_eval.judging.asking import exercise_of, pairing
from proofkit_eval.judging.leaks import mask
from proofkit_eval.judging.model_judges import Exchange, Ways, ask
from proofkit_eval.judging.protocol import JudgeItem
from proofkit_eval.judging.reading import read_better
from proofkit_eval.judging.rubric import Rubric
from proofkit_eval.logs import length_prefixed, verdict_key
from proofkit_eval.records import JudgeRef, Pair, Verdict

__all__ = ["Outcome", "PairOutcome", "compare_pair", "first_place_share", "settle_pairs"]

Outcome = Literal["a", "b", "tie"]


class PairOutcome(NamedTuple):
    """What one judge made of two answers over both orders."""

    judge: str
    a: str
    """Key of one generation, the smaller of the two."""
    b: str
    winner: Outcome | None
    """None where one of the orders is missing or unscored."""
    turned: bool
    """Whether the two orders disagreed, which counts as a tie."""


def compare_pair(
    one: JudgeItem, other: JudgeItem, *, ref: JudgeRef, generator: TextGenerator, rubric: Rubric, ways: Ways
) -> tuple[Verdict, Verdict]:
    """Ask a judge twice, with the answers in both orders.

    Args:
        one: An answer.
        other: Another answer to the same prompt.
        ref: Who judges.
        generator: The backend.
        rubric: What is asked.
        ways: How it is spoken to.

    Returns:
        Two verdicts about `one`: with it first, and with it second.
    """
    exercise = exercise_of(one.prompt)
    shown = [
        each.model_copy(update={"answer": mask(each.answer, ways.giveaways, told=exercise)}) for each in (one, other)
    ]

    def said(first: JudgeItem, second: JudgeItem) -> Exchange:
        return ask(generator, pairing(rubric, first, second), ways, exercise=exercise)

    straight, turned = said(shown[0], shown[1]), said(shown[1], shown[0])
    return (
        _verdict(one, other, ref, rubric, straight, order=0),
        _verdict(one, other, ref, rubric, turned, order=1),
    )


def settle_pairs(verdicts: Iterable[Verdict]) -> tuple[PairOutcome, ...]:
    """Return who won each comparison, by judge and pair."""
    said: defaultdict[tuple[str, str, str], dict[int, Outcome | None]] = defaultdict(dict)
    for verdict in verdicts:
        if verdict.pair is None:
            continue
        a, b = sorted((verdict.generation_key, verdict.pair.other_key))
        mine: Outcome = "a" if verdict.generation_key == a else "b"
        theirs: Outcome = "b" if mine == "a" else "a"
        names: dict[str | None, Outcome] = {"this": mine, "other": theirs, "tie": "tie"}
        # The place of `a`, so that it does not matter which of the two a verdict is about.
        place = verdict.order if mine == "a" else 1 - verdict.order
        said[verdict.judge.id, a, b][place] = names.get(verdict.pair.preferred)
    return tuple(_outcome(judge, a, b, orders) for (judge, a, b), orders in sorted(said.items()))


def first_place_share(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """Return how often what stood first was preferred, and out of how many choices that were no ties."""
    chosen = [
        (verdict.pair.preferred == "this") == (verdict.order == 0)
        for verdict in verdicts
        if verdict.pair is not None and verdict.pair.preferred in {"this", "other"}
    ]
    return sum(chosen), len(chosen)


def _outcome(judge: str, a: str, b: str, orders: dict[int, Outcome | None]) -> PairOutcome:
    straight, turned = orders.get(0), orders.get(1)
    if straight is None or turned is None:
        return PairOutcome(judge, a, b, None, turned=False)
    return PairOutcome(judge, a, b, straight if straight == turned else "tie", turned=straight != turned)


def _verdict(one: JudgeItem, other: JudgeItem, ref: JudgeRef, rubric: Rubric, said: Exchange, *, order: int) -> Verdict:
    better = read_better(said.text)
    mine = "A" if order == 0 else "B"
    preferred: Literal["this", "other", "tie"] | None = None
    if better is not None:
        preferred = "tie" if better == "tie" else "this" if better == mine else "other"
    reason = said.reason or ("" if preferred else "no line `better: A`, `better: B` or `better: tie` in the reply")
    both = length_prefixed(one.key.encode(), one.answer.encode(), other.key.encode(), other.answer.encode())
    return Verdict(
        key=verdict_key(both.encode(), rubric_digest=rubric.digest, judge=ref, order=order, repeat=one.repeat),
        generation_key=one.key,
        judge=ref,
        rubric_digest=rubric.digest,
        alias=one.alias,
        order=order,
        repeat=one.repeat,
        axes=None,
        items=None,
        pair=Pair(other_key=other.key, preferred=preferred),
        status="unscored" if reason else "scored",
        reason=reason,
        tokens=said.tokens,
        cost_usd=said.cost_usd,
        seconds=said.seconds,
    )
