"""The ladder card: what the ladder says about one judge, ready for the board."""

from pydantic import BaseModel

from proofkit_eval.ladder.defect import SINGLE, Defect, Edit
from proofkit_eval.ladder.reading import ASIDE
from proofkit_eval.records import JudgeRef

__all__ = ["DefectShare", "EditEffect", "LadderCard", "Thresholds"]


class Thresholds(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a judge has to reach."""

    order: float = 0.75
    """Pairs of neighbouring rungs told apart, averaged over the neighbours."""
    caught: float = 0.8
    """Of each single defect."""
    passed: float = 0.8
    """Of answers without it."""
    moved: float = ASIDE
    """Points by which a harmless edit may move a score, on average and without signs."""
    coverage: float = 0.9
    """Of the steps scored at all."""
    prompts: int = 12
    """Known-good answers under which nothing can be said."""


class DefectShare(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How a judge deals with one kind of defect."""

    defect: Defect
    caught: int
    planted: int
    passed: int
    clean: int
    sensitivity: float | None
    specificity: float | None


class EditEffect(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How a harmless edit moves a judge's scores."""

    edit: Edit
    answers: int
    mean: float | None
    """With its sign: what padding does to the scores."""
    size: float | None
    """Without signs: how much the scores move at all."""


class LadderCard(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the ladder says about one judge; part of the board, and its `Admission`."""

    judge: JudgeRef
    admitted: bool
    reasons: tuple[str, ...]
    """Why not; empty for one that is admitted."""
    rungs: tuple[tuple[str, float | None], ...]
    """Name and mean score, worst first."""
    order: tuple[tuple[str, str, float | None], ...]
    """Two neighbours, and the share of pairs told apart."""
    order_mean: float | None
    defects: tuple[DefectShare, ...]
    edits: tuple[EditEffect, ...]
    coverage: float
    by_items: bool
    """Whether it judges by yes/no items alone; the three lowest rungs count as one then."""
    thresholds: Thresholds
    errors: tuple[float | None, ...] = ()
    """By step, in the ladder's order: the share of looks at it that went wrong; None where nothing was told. From these
    it is seen which judges err together. Empty on a card from before they were kept."""
    steps_digest: str
    """SHA-256 (hex) of the steps that it was shown."""

    @property
    def judge_id(self) -> str:
        """Return whom it is about."""
        return self.judge.id

    @property
    def caught(self) -> int:
        """Return how many single defects were caught."""
        return sum(share.caught for share in self.defects if share.defect in SINGLE)

    @property
    def planted(self) -> int:
        """Return how many single defects were looked at."""
        return sum(share.planted for share in self.defects if share.defect in SINGLE)

    @property
    def passed(self) -> int:
        """Return how many looks at answers without the defect ended in a pass."""
        return sum(share.passed for share in self.defects if share.defect in SINGLE)

    @property
    def clean(self) -> int:
        """Return how many such looks there were."""
        return sum(share.clean for share in self.defects if share.defect in SINGLE)
