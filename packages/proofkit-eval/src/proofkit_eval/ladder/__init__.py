"""The ladder: judges are admitted by answers whose quality is known, because every defect was planted by machine."""

from proofkit_eval.ladder.admission import admit
from proofkit_eval.ladder.answers import KnownGood, load_answers
from proofkit_eval.ladder.card import DefectShare, EditEffect, LadderCard, Thresholds
from proofkit_eval.ladder.defect import ITEM_OF, SINGLE, Defect, Edit, Rung
from proofkit_eval.ladder.grading import Graded, climb
from proofkit_eval.ladder.steps import Step, build_steps

__all__ = [
    "ITEM_OF",
    "SINGLE",
    "Defect",
    "DefectShare",
    "Edit",
    "EditEffect",
    "Graded",
    "KnownGood",
    "LadderCard",
    "Rung",
    "Step",
    "Thresholds",
    "admit",
    "build_steps",
    "climb",
    "load_answers",
]
