"""The steps of the ladder: every known-good answer with each defect and each harmless edit, made by machine."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from proofkit_core.provenance import digest_of
from proofkit_core.seeds import stream
from proofkit_eval.ladder.answers import KnownGood, written
from proofkit_eval.ladder.defect import SINGLE, Defect, Edit, Rung
from proofkit_eval.ladder.planting import plant
from proofkit_eval.ladder.rewording import reworded

__all__ = ["Step", "build_steps"]

_RUNG_OF = {
    Defect.EMPTY: Rung.NOTHING,
    Defect.REFUSAL: Rung.NOTHING,
    Defect.KEYWORD_STUFFED: Rung.STUFFED,
    Defect.IGNORES_USER: Rung.IGNORING,
} | dict.fromkeys(SINGLE, Rung.DEFECT)


class Step(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer whose quality is known by construction."""

    key: str
    """SHA-256 (hex) over prompt, what was done to the answer, and text."""
    prompt_id: str
    rung: Rung
    defect: Defect | None = None
    edit: Edit | None = None
    """A harmless edit; the rung is `GOOD` then."""
    text: str

    @property
    def is_good(self) -> bool:
        """Say whether it is a known-good answer as it was written."""
        return self.rung is Rung.GOOD and self.edit is None


def build_steps(answers: Sequence[KnownGood], *, seed: int = 0) -> tuple[Step, ...]:
    """Return all steps, in the order of the answers. The same answers and seed give the same steps.

    Args:
        answers: The known-good answers.
        seed: Chooses wordings, places and orders.
    """
    return tuple(step for answer in answers for step in _steps(answer, seed))


def _steps(answer: KnownGood, seed: int) -> Iterator[Step]:
    prompt = answer.prompt
    for defect in Defect:
        text = plant(answer, defect, stream("ladder", seed, prompt.id, defect))
        if text is not None:
            yield _step(prompt.id, _RUNG_OF[defect], text, defect=defect)
    yield _step(prompt.id, Rung.GOOD, written(prompt.task, answer.texts))
    for edit in Edit:
        text = reworded(answer, edit, stream("ladder", seed, prompt.id, edit))
        if text is not None:
            yield _step(prompt.id, Rung.GOOD, text, edit=edit)
    better = [text.replace(answer.better.old, answer.better.new) for text in answer.texts]
    yield _step(prompt.id, Rung.BETTER, written(prompt.task, better))


def _step(prompt_id: str, rung: Rung, text: str, *, defect: Defect | None = None, edit: Edit | None = None) -> Step:
    key = digest_of(["ladder", prompt_id, int(rung), defect or "", edit or "", text])
    return Step(key=key, prompt_id=prompt_id, rung=rung, defect=defect, edit=edit, text=text)
