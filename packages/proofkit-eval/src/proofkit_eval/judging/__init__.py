"""Judges: the rubric, blinding, what they are shown and asked, what they said, and whom they are kin to."""

from proofkit_eval.judging.aliases import blind, read_blind_map, write_blind_map
from proofkit_eval.judging.asking import exercise_of
from proofkit_eval.judging.conflicts import Kinship, family_conflicts
from proofkit_eval.judging.imported import Rating, import_ratings
from proofkit_eval.judging.leaks import find_leaks, giveaways_of
from proofkit_eval.judging.model_judges import ChecklistJudge, GradingJudge, Price, Ways
from proofkit_eval.judging.neutral import neutralise
from proofkit_eval.judging.panel import PanelRun, check_rubric, judge_all
from proofkit_eval.judging.planning import Answer, answers_to_judge, plan
from proofkit_eval.judging.protocol import Judge, JudgeItem, RawVerdict
from proofkit_eval.judging.rubric import Rubric, load_rubric, score_of
from proofkit_eval.judging.scores import judge_scores, without_conflicts

__all__ = [
    "Answer",
    "ChecklistJudge",
    "GradingJudge",
    "Judge",
    "JudgeItem",
    "Kinship",
    "PanelRun",
    "Price",
    "Rating",
    "RawVerdict",
    "Rubric",
    "Ways",
    "answers_to_judge",
    "blind",
    "check_rubric",
    "exercise_of",
    "family_conflicts",
    "find_leaks",
    "giveaways_of",
    "import_ratings",
    "judge_all",
    "judge_scores",
    "load_rubric",
    "neutralise",
    "plan",
    "read_blind_map",
    "score_of",
    "without_conflicts",
    "write_blind_map",
]
