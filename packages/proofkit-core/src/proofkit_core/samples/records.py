"""The work-sample type as it stands in the data files."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field, model_validator


class View(StrEnum):
    """What a section shows of a challenge; the composer has one writer a view."""

    RECOMMENDATION = "recommendation"
    SITUATION = "situation"
    RISKS = "risks"
    OPTIONS = "options"
    TRADEOFF = "tradeoff"
    STEPS = "steps"
    PEOPLE = "people"
    MEASURES = "measures"
    ASSUMPTIONS = "assumptions"
    REVERSAL = "reversal"
    QUESTIONS = "questions"
    REQUIREMENTS = "requirements"
    CHECKLIST = "checklist"
    SPECIMEN = "specimen"


COLUMNS: dict[View, int] = {
    View.RISKS: 5,
    View.OPTIONS: 3,
    View.STEPS: 3,
    View.PEOPLE: 4,
    View.MEASURES: 4,
    View.REQUIREMENTS: 4,
    View.CHECKLIST: 2,
}
"""Number of columns of the views that are tables."""


class QuestionRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A guided question; its answer goes into the section it belongs to."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    ask: str
    """The question in plain words."""
    example: str
    """An answer a real person might type."""
    lead: str
    """Two to five words that introduce the answer in the text, without a full stop, such as `What I would watch`."""


class SectionRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section of a work sample."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    view: View
    goal: str
    """What the section must achieve; one sentence that starts with a verb."""
    columns: tuple[str, ...] = ()
    """Column headings where the view is a table."""
    questions: tuple[QuestionRecord, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _columns_fit_the_view(self) -> Self:
        expected = COLUMNS.get(self.view, 0)
        if len(self.columns) != expected:
            raise ValueError(f"section {self.id!r}: view {self.view} takes {expected} columns, got {len(self.columns)}")
        return self


class CriterionRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One line of the rubric."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    criterion: str
    """What a good sample of this type does; a sentence."""
    fix: str
    """What to do if it does not; one plain imperative sentence."""


class SampleType(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One type of work sample."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    plain: str
    """What it is, in words that somebody outside the trade understands."""
    aliases: tuple[str, ...] = Field(min_length=3)
    reader: str
    """Who would read it, with article, such as `the sponsor`."""
    did: str
    """Past-tense phrase for résumé bullets, such as `wrote a risk plan`."""
    sections: tuple[SectionRecord, ...] = Field(min_length=5, max_length=7)
    rubric: tuple[CriterionRecord, ...] = Field(min_length=4, max_length=6)

    @model_validator(mode="after")
    def _holds_what_every_sample_needs(self) -> Self:
        views = [section.view for section in self.sections]
        ids = [section.id for section in self.sections]
        if len(set(ids)) != len(ids) or len(set(views)) != len(views):
            raise ValueError(f"sample type {self.id!r}: a section id or a view stands twice")
        for needed in ({View.RECOMMENDATION}, {View.TRADEOFF, View.OPTIONS}, {View.ASSUMPTIONS}, {View.REVERSAL}):
            if not needed & set(views):
                raise ValueError(f"sample type {self.id!r}: needs a section with one of the views {sorted(needed)}")
        return self


class SamplesFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One data file of work-sample types."""

    samples: tuple[SampleType, ...] = Field(min_length=1)
