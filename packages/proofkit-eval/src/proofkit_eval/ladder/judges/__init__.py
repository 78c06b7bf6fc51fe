"""Judges that are rules: a checker of the house rules, and three that know nothing and have to be refused."""

from proofkit_eval.ladder.judges.blunt import ConstantJudge, LengthJudge, RandomJudge
from proofkit_eval.ladder.judges.rules import RuleJudge

__all__ = ["ConstantJudge", "LengthJudge", "RandomJudge", "RuleJudge"]
