"""What can happen in a session. Events are only ever added; each says what happened and holds what came of it.

A result that took time carries its `basis`: what it was made from. A result for what is no longer there is refused.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from proofkit_core.brief import FIELD_CAPS, Answer, Brief, Lines
from proofkit_core.challenge.facts import Challenge
from proofkit_core.packet import Packet, Post, Section
from proofkit_core.steps import Travel
from proofkit_core.steps.writing import SECTION_CAP
from proofkit_serve.sessions.basis import Basis
from proofkit_serve.sessions.document import (
    MODEL_CAP,
    Digest,
    Id,
    SeedNumber,
    StoredExercise,
    StoredRole,
    TypedPlace,
    TypedText,
)

TEXT_CAP = SECTION_CAP
"""Longest text of a section that a person may type, in characters."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=FIELD_CAPS["preferred_sample"])]
SectionId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,80}$")]
QuestionRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,80}\.[a-z0-9-]{1,80}$")]
"""`section.question`"""


class GoalSet(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person told what they aim for; all that was made before is cleared."""

    type: Literal["goal_set"] = "goal_set"
    goal: Brief
    notices: tuple[str, ...] = ()


class DemoImported(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The goal of a demo took the place of the person's own."""

    type: Literal["demo_imported"] = "demo_imported"
    demo: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    goal: Brief
    seed: SeedNumber = 0
    notices: tuple[str, ...] = ()


class StartedOver(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything was cleared, save the choice of model and the language."""

    type: Literal["started_over"] = "started_over"


class Typed(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person typed in a form without sending it off; nothing else changes, and nothing is checked."""

    type: Literal["typed"] = "typed"
    texts: tuple[TypedText, ...] = ()
    forgotten: tuple[TypedPlace, ...] = ()
    """Places whose text is kept no longer, such as those that were sent off."""


class ModelChosen(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Another model is to draft from now on; nothing else changes."""

    type: Literal["model_chosen"] = "model_chosen"
    model: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MODEL_CAP)]


class SeedChosen(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Another exercise is wanted."""

    type: Literal["seed_chosen"] = "seed_chosen"
    seed: SeedNumber


class RoleFound(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The role was found, or its profile was written where the catalogue has none."""

    type: Literal["role_found"] = "role_found"
    role: StoredRole
    basis: Basis
    """`role_basis` of the document that it was found for."""


class RoleChosen(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person chose another role than the one that was found."""

    type: Literal["role_chosen"] = "role_chosen"
    role: StoredRole


class SampleChosen(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person chose a type of work sample; empty to leave it to the goal and the role."""

    type: Literal["sample_chosen"] = "sample_chosen"
    sample: Name


class ExerciseSet(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The fictional company and its problem were drawn."""

    type: Literal["exercise_set"] = "exercise_set"
    exercise: StoredExercise
    basis: Basis
    """`exercise_basis` of the document that it was drawn for."""


class ChallengeEdited(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person changed the challenge; sections stay and are marked as stale."""

    type: Literal["challenge_edited"] = "challenge_edited"
    challenge: Challenge


class NotesSet(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person's own points, all of them."""

    type: Literal["notes_set"] = "notes_set"
    notes: Lines


class AnswerGiven(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An answer to a guided question; an empty one takes it back."""

    type: Literal["answer_given"] = "answer_given"
    question: QuestionRef
    answer: Answer


class SectionDrafted(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section was written. Where the person typed in it meanwhile, it becomes a proposal."""

    type: Literal["section_drafted"] = "section_drafted"
    section: Section
    basis: Basis
    """`section_basis` of the document that it was drafted for."""
    proposal_id: Id
    """The id it gets if it becomes a proposal."""


class SectionEdited(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person changed the text of a section."""

    type: Literal["section_edited"] = "section_edited"
    section: Section
    """As `edit_section` of the core returned it, with the text before."""


class RevisionProposed(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section was rewritten; the new text waits for the person."""

    type: Literal["revision_proposed"] = "revision_proposed"
    proposal_id: Id
    section: Section
    action: Annotated[str, StringConstraints(min_length=1, max_length=600)]
    basis: Basis
    """`section_basis` of the document that it was written for."""


class RevisionAccepted(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The proposed text took the section's place."""

    type: Literal["revision_accepted"] = "revision_accepted"
    proposal_id: Id


class RevisionRejected(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The proposed text was put away."""

    type: Literal["revision_rejected"] = "revision_rejected"
    proposal_id: Id


class TravelDrafted(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Post, bullets and talking points were written."""

    type: Literal["travel_drafted"] = "travel_drafted"
    travel: Travel
    basis: Basis
    """`travel_basis` of the document that they were written for."""
    kept_post: Digest | None = None
    """`post_digest` of the person's own post, which was kept with the rules applied once more; none where the post was
    drafted."""


class PostEdited(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The person changed the post, or put their own post away so that it is written anew."""

    type: Literal["post_edited"] = "post_edited"
    post: Post | None
    """As `edit_post` of the core returned it, with the text before; none where they put theirs away."""
    packet: Packet | None = None
    """The finished packet with this post in it, traced and counted again; none where there was no packet."""
    basis: Basis
    """`packet_basis` of the document that it was changed in."""


class PacketFinished(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The packet was put together, traced and reviewed."""

    type: Literal["packet_finished"] = "packet_finished"
    packet: Packet
    basis: Basis
    """`packet_basis` of the document that it was finished for."""


class Undone(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The session went back to an earlier revision. It can be undone like any other event."""

    type: Literal["undone"] = "undone"
    to_revision: int = Field(ge=0)


SessionEvent = Annotated[
    GoalSet
    | DemoImported
    | StartedOver
    | Typed
    | ModelChosen
    | SeedChosen
    | RoleFound
    | RoleChosen
    | SampleChosen
    | ExerciseSet
    | ChallengeEdited
    | NotesSet
    | AnswerGiven
    | SectionDrafted
    | SectionEdited
    | RevisionProposed
    | RevisionAccepted
    | RevisionRejected
    | TravelDrafted
    | PostEdited
    | PacketFinished
    | Undone,
    Field(discriminator="type"),
]
"""Any event, told apart by `type`."""

_EVENTS: TypeAdapter[SessionEvent] = TypeAdapter(SessionEvent)


def event_json(event: SessionEvent) -> str:
    """Return an event as JSON, under the names that it is read by."""
    return _EVENTS.dump_json(event, by_alias=True).decode()


def read_event(text: str | bytes) -> SessionEvent:
    """Read an event back.

    Raises:
        pydantic.ValidationError: The text is not an event.
    """
    return _EVENTS.validate_json(text)
