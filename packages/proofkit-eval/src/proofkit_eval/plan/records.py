"""What stands in a plan."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from proofkit_core.generation import PromptKind
from proofkit_eval.records import PlannedComparison

__all__ = ["ID", "JudgeSource", "ModelSource", "Plan", "PlannedBoard", "PlannedJudge", "PlannedModel", "Source"]

ID = r"^[a-z0-9][a-z0-9._-]{0,59}$"
"""What an id looks like; it is part of file names, so it is plain."""
_Id = Annotated[str, StringConstraints(pattern=ID)]


class ModelSource(StrEnum):
    """Where answers come from."""

    EMBEDDED = "embedded"
    """The model that comes along, with its adapter."""
    BARE = "bare"
    """The same without the adapter."""
    GGUF = "gguf"
    """A file at `path`, with an `adapter` or without."""
    REGISTRY = "registry"
    """The model `model` of a file of models at `path`, as the service reads it."""
    ANSWERS = "answers"
    """Answers that stand in a file at `path`."""
    COMPOSER = "composer"
    """The template."""
    HAND_WRITTEN = "hand-written"
    """The texts that people wrote for the set."""


class JudgeSource(StrEnum):
    """What judges."""

    RULES = "rules"
    CONSTANT = "constant"
    LENGTH = "length"
    RANDOM = "random"
    CHECKLIST = "checklist"
    """A small model that answers yes/no questions."""
    GRADING = "grading"
    """A large model that grades all axes in one reply."""
    RATINGS = "ratings"
    """People, or anybody else whose ratings stand in a file at `path`."""


_ASKED = frozenset({JudgeSource.CHECKLIST, JudgeSource.GRADING})
_PEOPLE = frozenset({"human", "humans", "person"})
"""Families that count without the ladder, so no program may have one."""
_OPENED = frozenset({ModelSource.EMBEDDED, ModelSource.BARE, ModelSource.GGUF, ModelSource.REGISTRY})
"""Where something is loaded or reached, instead of a file read."""
_NEEDS = {
    ModelSource.GGUF: ("path",),
    ModelSource.REGISTRY: ("path", "model"),
    ModelSource.ANSWERS: ("path", "artifact_digest"),
}


class Source(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Where a model is found. Paths are read from the folder of the plan."""

    source: ModelSource
    path: str = ""
    adapter: str = ""
    model: str = ""
    """Id in the file of models."""


class PlannedModel(Source, frozen=True, strict=True, extra="forbid"):
    """A row of the board."""

    id: _Id
    name: str = ""
    """As the board shows it; the model's own name without it."""
    family: str = ""
    """Who made the weights first."""
    size_b: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    teacher_family: str = ""
    data_family: str = ""
    artifact_digest: str = ""
    """Of answers from a file: SHA-256 of the weights, or the dated name of a hosted version."""
    prompts: PromptKind = PromptKind.EDITABLE
    """Of answers from a file: which set of prompts was asked."""

    @model_validator(mode="after")
    def _has_what_its_source_needs(self) -> Self:
        missing = [name for name in _NEEDS.get(self.source, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(f"the model {self.id!r} comes from {self.source.value!r} and needs {', '.join(missing)}")
        return self


class PlannedJudge(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A judge."""

    id: _Id
    source: JudgeSource
    family: str = ""
    """Who made the weights that judge; people are `human`."""
    asked: Source | None = None
    """The model that judges."""
    path: str = ""
    """The file of ratings."""
    prompt_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """What a hosted judge costs, in US dollars a million tokens it reads."""
    completion_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """The same for those it writes."""

    @model_validator(mode="after")
    def _has_what_its_source_needs(self) -> Self:
        if (self.source in _ASKED) != (self.asked is not None):
            raise ValueError(f"the judge {self.id!r}: `asked` names the model of a checklist or grading judge, only")
        if self.asked is not None and self.asked.source not in _OPENED:
            raise ValueError(f"the judge {self.id!r} cannot be asked: {self.asked.source.value!r} answers nothing new")
        if self.source is JudgeSource.RATINGS and not self.path:
            raise ValueError(f"the judge {self.id!r} is a file of ratings and needs a path")
        if self.source is not JudgeSource.RATINGS and self.family.casefold() in _PEOPLE:
            raise ValueError(f"the judge {self.id!r} is no person: {self.family!r} is the family of ratings by people")
        return self


class PlannedBoard(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How the board is worked out."""

    ceiling: tuple[str, ...] = ()
    """Ids of models that are shown for comparison and never ranked."""
    level: float = Field(default=0.95, gt=0.5, lt=1.0)
    resamples: int = Field(default=10_000, ge=100)
    title: str = "Which model writes better work samples?"


class Plan(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One evaluation."""

    set: str = "held-out-v1"
    """A set that comes along, or a file of prompts."""
    seed: int = Field(default=0, ge=0)
    """Of aliases, orders, repeats, bootstrap and ladder."""
    model: tuple[PlannedModel, ...] = Field(min_length=1)
    judge: tuple[PlannedJudge, ...] = ()
    comparison: tuple[PlannedComparison, ...] = ()
    """Named before anything was looked at; all others are exploratory."""
    board: PlannedBoard = PlannedBoard()

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Self:
        ids = [model.id for model in self.model]
        judges = [judge.id for judge in self.judge]
        for what, names in (("models", ids), ("judges", judges)):
            if len(set(names)) < len(names):
                raise ValueError(f"the {what} {', '.join(names)}: one id stands twice; give each its own")
        named = {name for each in self.comparison for name in (each.a, each.b)} | set(self.board.ceiling)
        if unknown := sorted(named - set(ids)):
            raise ValueError(f"comparisons or ceiling name {', '.join(unknown)}; the models are {', '.join(ids)}")
        return self
