"""What a caller sends. Every record refuses what it does not know."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, StringConstraints, Tag

from proofkit_core.brief import FIELD_CAPS, LIST_CAP, UNTRUSTED_CAP
from proofkit_core.challenge.editing import ChallengeChanges
from proofkit_core.steps.posting import POST_CAP
from proofkit_core.steps.writing import ACTION_CAP, SECTION_CAP
from proofkit_serve.sessions.document import MODEL_CAP, SeedNumber
from proofkit_serve.sessions.events import QuestionRef, SectionId

_Name = Annotated[str, StringConstraints(max_length=120)]
_ModelId = Annotated[str, StringConstraints(max_length=MODEL_CAP, pattern=r"^[A-Za-z0-9._:/-]*$")]
_Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]


class GoalInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What a person tells: only `target_role` and `background` are needed. What is pasted is cleaned, and told."""

    target_role: str = Field(examples=["Project manager (entry level)"])
    """The role aimed for; 2 to 120 characters."""
    background: str = Field(examples=["Shift lead in a parcel depot for six years, nights and weekends."])
    """What the person has done so far; at most 4,000 characters."""
    skills: tuple[str, ...] = Field(default=(), max_length=LIST_CAP)
    """Skills to demonstrate."""
    weak_spots: tuple[str, ...] = Field(default=(), max_length=LIST_CAP)
    """What the person feels unsure about."""
    notes: tuple[str, ...] = Field(default=(), max_length=LIST_CAP)
    """The person's own points; each ends up in the work sample."""
    job_ad: str = Field(default="", max_length=10 * UNTRUSTED_CAP)
    """A pasted job advertisement; only the first 20,000 characters are used."""
    resume: str = Field(default="", max_length=10 * UNTRUSTED_CAP)
    """The person's résumé; only the first 20,000 characters are used."""
    preferred_sample: str = Field(default="", examples=["risk plan"])
    """The type of work sample, by name or id."""
    answers: dict[str, str] = Field(default_factory=dict, max_length=400)
    """Answers to guided questions, by question id (`section.question`)."""
    name: str = ""
    """The person's name, if it shall stand on the packet."""


class SessionInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A new session; everything can be set later too."""

    language: _Language = "en"
    model: _ModelId = ""
    """Id of a backend; empty for the one that the server prefers."""
    seed: SeedNumber = 0
    """Another number gives another company."""
    goal: GoalInput | None = None


class GoalChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Another goal; everything that was made before is cleared."""

    goal: GoalInput


class ModelChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Another model from now on; nothing else changes."""

    model: _ModelId


class SeedChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Another exercise."""

    seed: SeedNumber


class RoleChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Another role than the one that was found."""

    role: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(examples=["project-manager"])
    """Id of a role of the catalogue."""


class SampleChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Another type of work sample; empty to leave it to the goal and the role."""

    sample: _Name = Field(examples=["risk-plan"])


class ChallengeChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What the person wants to be different in the exercise; sections stay and are marked as stale."""

    challenge: ChallengeChanges


class NotesChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The person's own points, all of them."""

    notes: tuple[Annotated[str, StringConstraints(max_length=FIELD_CAPS["note"])], ...] = Field(max_length=LIST_CAP)


class AnswerInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """An answer to a guided question; an empty one takes it back."""

    question: QuestionRef = Field(examples=["start.monday"])
    answer: Annotated[str, StringConstraints(max_length=FIELD_CAPS["answer"])]


class AnswerChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One answer."""

    answer: AnswerInput


class SectionInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The text of a section as the person wants it."""

    id: SectionId
    markdown: Annotated[str, StringConstraints(max_length=SECTION_CAP)]


class SectionChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One section, edited."""

    section: SectionInput


class PostInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The text of the post as the person wants it."""

    text: Annotated[str, StringConstraints(max_length=POST_CAP)]
    """Plain text; where it does not say any more that it is a practice piece, the sentence that says so is put back.
    Empty to put the person's own post away: the next packet has a new one."""


class PostChange(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The post, edited; a finished packet stays finished, with the new post in it."""

    post: PostInput


def _only_key(value: object) -> str:
    if isinstance(value, dict):
        return next((str(key) for key in value), "") if len(value) == 1 else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return next(iter(type(value).model_fields), "") if isinstance(value, BaseModel) else ""


SessionChange = Annotated[
    Annotated[GoalChange, Tag("goal")]
    | Annotated[ModelChange, Tag("model")]
    | Annotated[SeedChange, Tag("seed")]
    | Annotated[RoleChange, Tag("role")]
    | Annotated[SampleChange, Tag("sample")]
    | Annotated[ChallengeChange, Tag("challenge")]
    | Annotated[NotesChange, Tag("notes")]
    | Annotated[AnswerChange, Tag("answer")]
    | Annotated[SectionChange, Tag("section")]
    | Annotated[PostChange, Tag("post")],
    Discriminator(
        _only_key,
        custom_error_type="one_change",
        custom_error_message=(
            "Expected exactly one of goal, model, seed, role, sample, challenge, notes, answer, section and post"
        ),
    ),
]
"""One change a request: each is one revision, so that each can be undone alone."""


class DemoInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Which demo to import."""

    demo: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(examples=["career-changer"])


class UndoInput(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Where to go back to."""

    to_revision: Annotated[int, Field(ge=0, lt=2**31)]


class RoleJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Find the role, or have its profile written where the catalogue has none."""

    kind: Literal["role"]


class ExerciseJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Draw the fictional company and its problem; finds the role first where there is none."""

    kind: Literal["exercise"]


class SectionJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Write one section."""

    kind: Literal["section"]
    section: SectionId


class SectionsJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Write every section that is missing or stale; those that the person edited stay."""

    kind: Literal["sections"]
    fallbacks: bool = False
    """Write those again, too, that the template wrote because a model could not."""


class RevisionJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Propose another text for a section."""

    kind: Literal["revision"]
    section: SectionId
    action: Annotated[str, StringConstraints(min_length=1, max_length=ACTION_CAP, strip_whitespace=True)] = Field(
        examples=["Make it shorter"]
    )


class RevisionsJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Propose another text for every section, one proposal each."""

    kind: Literal["revisions"]
    action: Annotated[str, StringConstraints(min_length=1, max_length=ACTION_CAP, strip_whitespace=True)] = Field(
        examples=["Make it more specific"]
    )


class TravelJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Write the post, the bullets and the talking points; a post that the person edited stays."""

    kind: Literal["travel"]


class PacketJob(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Make whatever is still missing, and finish the packet."""

    kind: Literal["packet"]
    fallbacks: bool = False
    """Write that again, too, which the template wrote because a model could not."""


GenerationInput = Annotated[
    RoleJob | ExerciseJob | SectionJob | SectionsJob | RevisionJob | RevisionsJob | TravelJob | PacketJob,
    Discriminator("kind"),
]
"""What to make."""


def as_fields(goal: GoalInput) -> dict[str, Any]:
    """Return a goal as the plain fields that `brief_from_data` takes."""
    return goal.model_dump(mode="json", exclude_unset=True)
