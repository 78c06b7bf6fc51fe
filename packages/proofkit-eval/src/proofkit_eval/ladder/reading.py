"""Reads from a judge's verdicts how it tells the rungs apart, what it catches, and what moves its scores in vain."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from proofkit_eval.ladder.defect import ITEM_OF, SINGLE, Defect, Edit, Rung
from proofkit_eval.ladder.grading import Graded

__all__ = [
    "ASIDE",
    "Caught",
    "Order",
    "catches",
    "caught_of",
    "errors_of",
    "moved_by",
    "order_of",
    "passed_of",
    "rung_scores",
]

ASIDE = 0.25
"""A score may move by so much without telling anything."""
_EPSILON = 1e-9
_LOW = "no answer for this person"
_NAMES = {
    Rung.NOTHING: "empty or refusal",
    Rung.STUFFED: "keywords",
    Rung.IGNORING: "ignores the person",
    Rung.DEFECT: "one defect",
    Rung.GOOD: "good",
    Rung.BETTER: "better by hand",
}


class Order(NamedTuple):
    """How two neighbouring rungs stand to each other."""

    lower: str
    upper: str
    accuracy: float | None
    """Share of pairs of the same prompt whose upper one has the higher score, a tie counting half; None without any."""


class Caught(NamedTuple):
    """How often a judge was right about one thing."""

    right: int
    told: int
    """How often it said anything about it."""

    @property
    def rate(self) -> float | None:
        """Return the share; None where nothing was told."""
        return self.right / self.told if self.told else None


def rung_scores(graded: Sequence[Graded], *, merged: bool) -> dict[str, list[tuple[str, float]]]:
    """Return prompt id and score of each scored step by name of its rung, worst rung first.

    Args:
        graded: A judge's verdicts.
        merged: Whether the three lowest rungs count as one: yes/no items say that something is missing and not which
            of these misses more.
    """
    low = {Rung.NOTHING, Rung.STUFFED, Rung.IGNORING}
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for rung in Rung:
        name = _LOW if merged and rung in low else _NAMES[rung]
        for each in graded:
            if each.step.rung is rung and each.step.edit is None and each.score is not None:
                found[name].append((each.step.prompt_id, each.score))
    return dict(found)


def order_of(scores: dict[str, list[tuple[str, float]]]) -> tuple[Order, ...]:
    """Return how each rung stands to the one above it, prompt by prompt."""
    return tuple(Order(lower, upper, _accuracy(scores[lower], scores[upper])) for lower, upper in pairwise(scores))


def _accuracy(lower: Sequence[tuple[str, float]], upper: Sequence[tuple[str, float]]) -> float | None:
    pairs = [(low, high) for prompt, low in lower for other, high in upper if prompt == other]
    if not pairs:
        return None
    return fmean(1.0 if high > low + _EPSILON else 0.5 if abs(high - low) <= _EPSILON else 0.0 for low, high in pairs)


def catches(found: Graded, good: Graded | None) -> bool | None:
    """Say whether a judge noticed the defect of a step; None where it said nothing that tells.

    A no to the item that asks for it counts. Without an answer to that item, a lower score than for the answer without
    the defect does.

    Args:
        found: The step with the defect.
        good: The same answer without it.
    """
    if found.step.defect is None:
        return None
    said = found.says(ITEM_OF[found.step.defect])
    if said is not None:
        return not said
    if good is None or good.score is None or found.score is None:
        return None
    return found.score < good.score - _EPSILON


def caught_of(graded: Sequence[Graded], defect: Defect) -> Caught:
    """Return how often a judge noticed one kind of defect."""
    good = {each.step.prompt_id: each for each in graded if each.step.is_good}
    found = (each for each in graded if each.step.defect is defect)
    told = [said for each in found if (said := catches(each, good.get(each.step.prompt_id))) is not None]
    return Caught(sum(told), len(told))


def passed_of(graded: Sequence[Graded], defect: Defect) -> Caught:
    """Return how often a judge left an answer alone that does not have this defect: as written, edited or better."""
    told = list(_left_alone(graded, defect))
    return Caught(sum(told), len(told))


def errors_of(graded: Sequence[Graded]) -> tuple[float | None, ...]:
    """Return, step by step, the share of looks that went wrong: a defect that was missed, or a clean text blamed.

    Args:
        graded: A judge's verdicts.
    """
    good = {each.step.prompt_id: each for each in graded if each.step.is_good}
    planted = {(each.step.prompt_id, each.step.defect) for each in graded}
    return tuple(_error(each, good.get(each.step.prompt_id), planted) for each in graded)


def _error(found: Graded, good: Graded | None, planted: Collection[tuple[str, Defect | None]]) -> float | None:
    if found.step.defect is not None:
        said = catches(found, good)
        return None if said is None else float(not said)
    asked = [defect for defect in SINGLE if (found.step.prompt_id, defect) in planted]
    told = [said for defect in asked if (said := _passes(found, good, defect)) is not None]
    return fmean(not said for said in told) if told else None


def _left_alone(graded: Sequence[Graded], defect: Defect) -> Iterator[bool]:
    good = {each.step.prompt_id: each for each in graded if each.step.is_good}
    concerned = {each.step.prompt_id for each in graded if each.step.defect is defect}
    for each in graded:
        if each.step.defect is None and each.step.prompt_id in concerned:
            said = _passes(each, good.get(each.step.prompt_id), defect)
            if said is not None:
                yield said


def _passes(found: Graded, good: Graded | None, defect: Defect) -> bool | None:
    """Say whether a judge left an answer alone that does not have a defect; None where it said nothing that tells."""
    said = found.says(ITEM_OF[defect])
    if said is not None:
        return said
    if found.step.is_good or good is None or good.score is None or found.score is None:
        return None
    return found.score >= good.score - ASIDE - _EPSILON


def moved_by(graded: Sequence[Graded], edit: Edit) -> tuple[float, ...]:
    """Return by how much a harmless edit moved each score, sign and all."""
    good = {each.step.prompt_id: each.score for each in graded if each.step.is_good}
    return tuple(_moves((each for each in graded if each.step.edit is edit), good))


def _moves(edited: Iterable[Graded], good: dict[str, float | None]) -> Iterator[float]:
    for each in edited:
        before = good.get(each.step.prompt_id)
        if before is not None and each.score is not None:
            yield each.score - before
