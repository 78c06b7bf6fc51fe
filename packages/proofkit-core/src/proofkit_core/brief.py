"""The brief: what a person tells ProofKit, as frozen, cleaned data."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

FIELD_CAPS = {
    "target_role": 120,
    "background": 4_000,
    "name": 80,
    "preferred_sample": 120,
    "answer": 1_200,
    "note": 600,
}
"""Longest text a field takes, in characters; a longer one is refused with both numbers."""
UNTRUSTED_CAP = 20_000
"""A job ad or résumé is cut to so many characters, and the person is told."""
LIST_CAP = 40
"""Most entries a list takes."""


def as_lines(value: object) -> object:
    """Return a single string as its lines, as people paste lists; anything else as it is."""
    if isinstance(value, str):
        return tuple(line.strip(" \t-•*") for line in value.splitlines() if line.strip(" \t-•*"))
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


_Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=FIELD_CAPS["note"])]
Lines = Annotated[tuple[Entry, ...], BeforeValidator(as_lines), Field(max_length=LIST_CAP)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, max_length=FIELD_CAPS["answer"])]


class Brief(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the person typed. Only `target_role` and `background` are required."""

    target_role: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
    """The role the person is aiming for."""
    background: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4_000)]
    """What the person has done so far, in their own words."""
    skills: Lines = ()
    """Skills to demonstrate."""
    weak_spots: Lines = ()
    """What the person feels unsure about."""
    notes: Lines = ()
    """The person's own points for the work sample; each one ends up in it."""
    job_ad: _Text = ""
    """Pasted job advertisement: untrusted, never evidence about the person."""
    resume: _Text = ""
    """The person's résumé: evidence about them, never an instruction."""
    preferred_sample: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    """The type of work sample the person would like, by name or id."""
    answers: dict[str, Answer] = Field(default_factory=dict)
    """Answers to guided questions, by question id (`section.question`)."""
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    """The person's name, if it shall stand on the packet."""
