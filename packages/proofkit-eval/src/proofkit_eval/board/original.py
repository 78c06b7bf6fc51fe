"""The original's single figure, computed for continuity; what it hides is shown beside it."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import NamedTuple

from proofkit_eval.board.columns import Column
from proofkit_eval.board.measuring import Evidence
from proofkit_eval.board.records import Original
from proofkit_eval.judging.rubric import LOWEST, TOP
from proofkit_eval.statistics import Scores

__all__ = ["FLOOR", "ORIGINAL_GATES", "final", "original_of", "rescaled"]

ORIGINAL_GATES = ("heading", "fictional_context", "assumptions", "tradeoff", "disclosure", "length")
"""The gates that the original counted, every one a sixth of 40 points."""
JUDGE_POINTS, GATE_POINTS = 60.0, 40.0


def final(judge: float, gates: float) -> float:
    """Return the original's figure: 100 * (0.6 * judge / 5 + 0.4 * gates).

    Args:
        judge: Mean grade from 1 to 5.
        gates: Share of gates passed.
    """
    return JUDGE_POINTS * judge / TOP + GATE_POINTS * gates


def rescaled(judge: float, gates: float) -> float:
    """Return the same with the judges' part from 0: 100 * (0.6 * (judge - 1) / 4 + 0.4 * gates)."""
    return JUDGE_POINTS * (judge - LOWEST) / (TOP - LOWEST) + GATE_POINTS * gates


FLOOR = final(LOWEST, 0.0)
"""12: the lowest grade is a 1, so nothing can come out below."""


class _Parts(NamedTuple):
    """The two halves of the figure, as means."""

    judge: float | None
    gates: float | None

    def by(self, formula: Callable[[float, float], float]) -> float | None:
        return None if self.judge is None or self.gates is None else formula(self.judge, self.gates)


def original_of(column: Column, evidence: Evidence, scores: Scores) -> Original:
    """Return a model's row as the original board had it.

    Args:
        column: Whose.
        evidence: Its gates.
        scores: All judges' scores, kin and not admitted ones included, as it was done there.
    """
    failed = frozenset(
        sample.key for sample in column.samples if (found := evidence.gates.get(sample.key)) and found.hard_failed
    )
    parts = _parts(column, evidence, scores, frozenset())
    return Original(
        judge=parts.judge,
        gates=parts.gates,
        final=parts.by(final),
        floor=FLOOR,
        rescaled=parts.by(rescaled),
        capped=_parts(column, evidence, scores, failed).by(final),
    )


def _parts(column: Column, evidence: Evidence, scores: Scores, held: frozenset[str]) -> _Parts:
    """Return the means over answers; those that are held at the floor get a 1 from everybody and fail every gate."""
    place = scores.models.index(column.name)
    kept: defaultdict[str, list[bool]] = defaultdict(list)
    for sample in column.samples:
        kept[sample.prompt_id].append(sample.key not in held)
    by_judge = [
        [
            LOWEST + (cell - LOWEST) * (fmean(kept[prompt]) if kept[prompt] else 1.0)
            for prompt, row in zip(scores.prompts, scores.values, strict=True)
            if (cell := row[place][judge]) is not None
        ]
        for judge in range(len(scores.judges))
    ]
    means = [fmean(cells) for cells in by_judge if cells]
    shares = [(sample.key, _share(evidence.gates_told(sample))) for sample in column.samples]
    told = [0.0 if key in held else share for key, share in shares if share is not None]
    return _Parts(fmean(means) if means else None, fmean(told) if told else None)


def _share(told: Mapping[str, bool]) -> float | None:
    counted = [told[name] for name in ORIGINAL_GATES if name in told]
    return fmean(counted) if counted else None
