"""Which judges are kin to which models: of one maker, or of the maker of a model's teacher or training data."""

import re
from collections.abc import Iterable

from pydantic import BaseModel

from proofkit_eval.records import JudgeRef, ModelRef

__all__ = ["Conflict", "Kinship", "family_conflicts", "maker_of"]

_MAKERS = {
    "anthropic": ("anthropic", "claude"),
    "deepseek": ("deepseek",),
    "google": ("gemini", "gemma", "google", "palm"),
    "huggingface": ("huggingface", "smollm"),
    "meta": ("llama", "meta"),
    "microsoft": ("microsoft", "phi"),
    "mistral": ("codestral", "ministral", "mistral", "mixtral"),
    "openai": ("chatgpt", "gpt", "openai"),
    "qwen": ("alibaba", "qwen", "qwq"),
}
_NOBODY = frozenset({"composer", "human", "humans", "none", "person", "rule", "rules", "template"})
"""People and programs without weights are kin to no model."""


class Conflict(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Why what a judge says of a model stays out of the headline."""

    judge: str
    model: str
    reasons: tuple[str, ...]


class Kinship(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The matrix of judges and models."""

    judges: tuple[str, ...]
    models: tuple[str, ...]
    conflicts: tuple[Conflict, ...]

    def reasons(self, judge: str, model: str) -> tuple[str, ...]:
        """Return why a cell is greyed out; nothing where it is not."""
        return next((each.reasons for each in self.conflicts if (each.judge, each.model) == (judge, model)), ())


def maker_of(family: str) -> str:
    """Return who makes a family of models, which is what judges are partial to; the family itself where unknown."""
    name = re.sub(r"[^a-z]+", " ", family.casefold()).strip()
    words = name.split()
    for maker, starts in _MAKERS.items():
        if any(word.startswith(start) for word in words for start in starts):
            return maker
    return "" if not name or set(words) <= _NOBODY else name


def family_conflicts(judges: Iterable[JudgeRef], models: Iterable[ModelRef]) -> Kinship:
    """Compare every judge with every model, its teacher and the generator of its data.

    Args:
        judges: Who judges. A judge with weights and no family stated is kin to all: nothing clears it.
        models: Who is judged.
    """
    judges, models = tuple(judges), tuple(models)
    found = [
        Conflict(judge=judge.id, model=model.id, reasons=reasons)
        for judge in judges
        for model in models
        if (reasons := _reasons(judge, model))
    ]
    return Kinship(
        judges=tuple(judge.id for judge in judges), models=tuple(model.id for model in models), conflicts=tuple(found)
    )


def _reasons(judge: JudgeRef, model: ModelRef) -> tuple[str, ...]:
    if not judge.family.strip() and judge.artifact_digest:
        return ("the judge's family is not stated",)
    maker = maker_of(judge.family)
    reasons: list[str] = []
    if judge.artifact_digest and judge.artifact_digest in {model.artifact_digest, model.base_digest}:
        reasons.append("the judge is the model or its base")
    if maker:
        kin = (("model", model.family), ("teacher", model.teacher_family), ("generator of its data", model.data_family))
        reasons += [
            f"the {what} is of the judge's family ({family})" for what, family in kin if maker_of(family) == maker
        ]
    return tuple(reasons)
