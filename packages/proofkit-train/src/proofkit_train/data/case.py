"""A case as it stands in its file: people, what they say, and what should be written for them.

Lists of alternatives begin with the one that the original rows use. Texts may hold `{key}` for a swapped word, a fact's
value, `{company}` or `{own}`, and `[key]` for the citation of a fact.
"""

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

Slots = tuple[tuple[str, ...], ...]
"""Pieces of a text in order, each with its alternatives."""


class Voice(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One way to say a point, and ways to put it to use."""

    said: str
    used: tuple[str, ...] = Field(min_length=1)
    """One or two sentences with all distinctive words of `said` and what follows from it; empty where nothing does."""


class Note(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A point that the person makes."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    voice: tuple[Voice, ...] = Field(min_length=1)


class Answer(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An answer to a guided question of the work sample."""

    section: str
    question: str
    voice: tuple[Voice, ...] = Field(min_length=1)


class Person(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who asks for the packet."""

    background: str
    own: str
    """Noun phrase from the background that completes `from my …`."""
    skills: tuple[str, ...] = ()
    weak_spots: tuple[str, ...] = ()


class Passage(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A text in pieces."""

    slots: Slots = Field(min_length=1)


class BulletSets(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Alternative sets of résumé bullets."""

    sets: tuple[tuple[str, ...], ...] = Field(min_length=1)


class TalkingSlots(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Talking points in order, each with alternatives; one is a question and its answer."""

    slots: tuple[tuple[tuple[str, str], ...], ...] = Field(min_length=1)


class Gap(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Something a draft lacks."""

    section: str
    problem: str
    fix: str


class Review(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A readiness review of a draft."""

    draft: tuple[str, ...] = ()
    """Ids of the sections that make up the draft."""
    draft_text: str = ""
    """A weak draft in its own words, instead."""
    strengths: tuple[str, ...] = Field(min_length=1)
    gaps: tuple[Gap, ...] = Field(min_length=1)
    reasonings: tuple[str, ...] = Field(min_length=1)
    label: Literal["ready", "nearly ready", "not yet"]

    @model_validator(mode="after")
    def _has_one_draft(self) -> Self:
        if bool(self.draft) == bool(self.draft_text):
            raise ValueError("a review needs either `draft` (section ids) or `draft_text`, and not both")
        return self


class SettingRow(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Another setting, invented around the person's points."""

    keeps: tuple[str, ...] = ()
    """Ids of the notes it takes up in their own words."""
    setting: str
    constraint: str
    decision: str
    stakes: str


class Revision(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section rewritten for one action."""

    section: str
    draft: str
    action: str
    rubric_goal: str
    slots: Slots = Field(min_length=1)


class Case(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything written by hand for one role, one scenario and one type of work sample."""

    id: str
    role: str
    scenario: str
    sample: str
    target_roles: tuple[str, ...] = Field(min_length=1)
    vary: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    person: tuple[Person, ...] = Field(min_length=1)
    note: tuple[Note, ...] = ()
    answer: tuple[Answer, ...] = ()
    section: dict[str, Passage]
    post: Passage
    bullets: BulletSets
    talking: TalkingSlots
    review: tuple[Review, ...] = ()
    scenario_row: tuple[SettingRow, ...] = ()
    revise: tuple[Revision, ...] = ()
