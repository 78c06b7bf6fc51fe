"""Judges that know nothing: always the same, the longer the better, a draw. The ladder has to refuse them."""

from proofkit_core.seeds import stream
from proofkit_eval.judging.protocol import JudgeItem, RawVerdict
from proofkit_eval.judging.rubric import LOWEST, TOP, Rubric
from proofkit_eval.records import JudgeRef

__all__ = ["ConstantJudge", "LengthJudge", "RandomJudge"]

_FAMILY = "blunt"
_WORDS_A_GRADE = 25
"""So that a text of the length that is asked for gets the highest grade."""


class ConstantJudge:
    """Gives every answer the same grade and a yes to every question."""

    def __init__(self, rubric: Rubric, *, grade: int = 4) -> None:
        """Take the grade.

        Args:
            rubric: What judges are asked with.
            grade: From 1 to 5.
        """
        self._rubric, self._grade = rubric, grade

    @property
    def ref(self) -> JudgeRef:
        """Return who judges."""
        return _ref(f"constant-{self._grade}")

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Return the same as always."""
        items = {each.id: True for each in self._rubric.items_of(item.prompt.task)}
        return RawVerdict(axes=dict.fromkeys(self._rubric.axis_ids, self._grade), items=dict[str, bool | None](items))


class LengthJudge:
    """Likes what is long."""

    def __init__(self, rubric: Rubric) -> None:
        """Take the rubric, for the names of its axes."""
        self._rubric = rubric

    @property
    def ref(self) -> JudgeRef:
        """Return who judges."""
        return _ref("length")

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Return a grade for each 25 words."""
        grade = min(TOP, max(LOWEST, len(item.answer.split()) // _WORDS_A_GRADE + LOWEST))
        return RawVerdict(axes=dict.fromkeys(self._rubric.axis_ids, grade))


class RandomJudge:
    """Draws each grade and each answer; the same text gets the same ones."""

    def __init__(self, rubric: Rubric, *, seed: int = 0) -> None:
        """Take the seed.

        Args:
            rubric: What judges are asked with.
            seed: Of the draws.
        """
        self._rubric, self._seed = rubric, seed

    @property
    def ref(self) -> JudgeRef:
        """Return who judges."""
        return _ref("random")

    def judge(self, item: JudgeItem) -> RawVerdict:
        """Return what is drawn for this text."""
        draw = stream("random judge", self._seed, item.prompt.id, item.answer, item.repeat)
        axes = {axis: draw.randint(LOWEST, TOP) for axis in self._rubric.axis_ids}
        items: dict[str, bool | None] = {
            each.id: draw.random() < 0.5  # noqa: PLR2004 - a coin
            for each in self._rubric.items_of(item.prompt.task)
        }
        return RawVerdict(axes=axes, items=items)


def _ref(name: str) -> JudgeRef:
    return JudgeRef(id=name, family=_FAMILY, version="1", artifact_digest="")
