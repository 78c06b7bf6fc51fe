"""The session document: everything about one session, as one frozen value.

It holds no times, so that the same events always give the same document; the store keeps the times.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.packet import Packet, Post, RoleChoice, Section
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.samples.records import SampleType
from proofkit_core.steps import Travel
from proofkit_serve.errors import EventRefusedError

SESSION_SCHEMA = "proofkit.session/1"
MODEL_CAP = 120
"""Longest id of a model, in characters."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,12}_[A-Za-z0-9_-]{22,64}$")]
"""An unguessable id: what it is, and at least 128 random bits."""
TYPED_CAP = 250_000
"""Longest text of a form that is kept while it is typed, in characters."""
TypedPlace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,200}$")]
"""Form and field, such as `goal.background`."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SeedNumber = Annotated[int, Field(ge=0, lt=2**53)]
"""A seed that every client can hold, JavaScript's included."""


class StoredRole(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The role, also where it is not in the catalogue, and how it was found."""

    entry: CatalogueRole
    choice: RoleChoice


class StoredExercise(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The fictional company and its problem, with the work sample that answers it."""

    key: Digest
    """Tells this exercise from any other; an edited challenge keeps it."""
    brief_digest: str
    """What the draws follow in the brief."""
    sample: SampleType
    challenge: Challenge
    edited: bool = False
    """Whether the person changed the challenge."""
    notices: tuple[str, ...] = ()


class SessionSection(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section with what the session knows about it."""

    section: Section
    made_from: Digest
    """The points and the challenge that it was written from; see `section_basis`."""
    edited_by_person: bool = False
    """Whether the text is the person's: no draft takes its place unasked."""
    stale: bool = False
    """Whether notes, answers or challenge changed since; the text is never taken away for that."""


class OwnPost(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The post as the person changed it: no draft takes its place, whatever else is written anew."""

    post: Post
    made_from: Digest
    """The work sample, the points and the challenge that they changed it beside; see `post_inputs`."""
    stale: bool = False
    """Whether any of these changed since; the text is never taken away for that."""


class Proposal(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Another text for a section, which stands beside it until the person decides."""

    id: Id
    section: Section
    action: str
    """What was asked for; empty for a new draft of a section that the person typed in meanwhile."""
    made_from: Digest
    replaces: Digest
    """The text that it was made to replace."""
    outdated: bool = False
    """Whether the section's text changed since. Accepting it takes that change back."""


class TypedText(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A text as it stands in a form: not checked, perhaps not whole, and never used for anything but that form."""

    place: TypedPlace
    text: Annotated[str, StringConstraints(max_length=TYPED_CAP)]


class Document(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One session at one revision."""

    schema_id: Literal["proofkit.session/1"] = Field(
        default=SESSION_SCHEMA, alias="schema", serialization_alias="schema"
    )
    id: Id
    revision: int = Field(default=0, ge=0)
    """How many events led here."""
    language: str = Field(default="en", max_length=35)
    model_choice: str = Field(default="", max_length=MODEL_CAP)
    """Id in the registry of models; empty for the one that the server prefers."""
    goal: Brief | None = None
    """What the person told, with their notes and answers as they stand now."""
    demo: str = ""
    """The demo that the goal was imported from; empty for the person's own."""
    notices: tuple[str, ...] = ()
    """What was changed in the goal on its way in."""
    typed: tuple[TypedText, ...] = ()
    """What stands in forms and was not sent off yet, so that neither a reload nor a crash loses it."""
    seed: SeedNumber = 0
    role: StoredRole | None = None
    sample_choice: str = Field(default="", max_length=120)
    """Id of the type of work sample that the person chose; empty to let the goal and the role decide."""
    exercise: StoredExercise | None = None
    sections: tuple[SessionSection, ...] = ()
    """In the order of the work sample."""
    proposals: tuple[Proposal, ...] = ()
    own_post: OwnPost | None = None
    """The post that the person changed; `travel` holds the same one wherever there is one."""
    travel: Travel | None = None
    packet: Packet | None = None


def new_document(session_id: str, *, language: str = "en", model_choice: str = "") -> Document:
    """Return an empty session.

    Args:
        session_id: An unguessable id; see `proofkit_serve.sessions.ids`.
        language: What it is written in.
        model_choice: Id of the model; empty for the server's.
    """
    return Document(id=session_id, language=language, model_choice=model_choice)


def brief_of(document: Document) -> Brief:
    """Return the brief to work from: the goal, with the chosen type of work sample.

    Raises:
        EventRefusedError: The session has no goal yet.
    """
    if document.goal is None:
        raise EventRefusedError("The session has no goal yet. Set one, or import a demo, before anything is written.")
    if not document.sample_choice:
        return document.goal
    return document.goal.model_copy(update={"preferred_sample": document.sample_choice})


def material_of(document: Document) -> Material:
    """Return what sections are written from, with the notes and answers as they stand now.

    Raises:
        EventRefusedError: The session has no exercise yet.
    """
    if document.exercise is None or document.role is None:
        raise EventRefusedError("The session has no exercise yet. Find the role and set the exercise first.")
    return gather_material(
        brief_of(document),
        brief_digest=document.exercise.brief_digest,
        seed=document.seed,
        role=document.role.entry.role,
        sample=document.exercise.sample,
        challenge=document.exercise.challenge,
    )


def post_of(document: Document) -> Post | None:
    """Return the post as it stands, the person's own where they changed it; None before there is one."""
    if document.own_post:
        return document.own_post.post
    return document.travel.post if document.travel else None


def document_json(document: Document) -> str:
    """Return a document as JSON, under the names that it is read by."""
    return document.model_dump_json(by_alias=True)


def read_document(text: str | bytes) -> Document:
    """Read a document back.

    Raises:
        pydantic.ValidationError: The text is not a document of this version.
    """
    return Document.model_validate_json(text)
