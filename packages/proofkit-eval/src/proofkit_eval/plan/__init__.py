"""The plan of an evaluation: who answers, who judges and what is compared, named before anything is looked at."""

from proofkit_eval.plan.reading import load_plan
from proofkit_eval.plan.records import JudgeSource, ModelSource, Plan, PlannedBoard, PlannedJudge, PlannedModel

__all__ = ["JudgeSource", "ModelSource", "Plan", "PlannedBoard", "PlannedJudge", "PlannedModel", "load_plan"]
