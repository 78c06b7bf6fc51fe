"""What a result is made from, as digests: so that a late result is never taken for one about something else.

Each function is called on the document that the work starts from; its value travels in the event with the result.
"""

from pydantic import BaseModel

from proofkit_core.composer.material import Material
from proofkit_core.provenance import digest_of
from proofkit_serve.sessions.document import Digest, Document, StoredExercise


class Basis(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a result is made from."""

    exercise: str = ""
    """Key of the exercise; empty before there is one."""
    inputs: Digest
    """What the person told, as far as it counts for this result."""
    text: Digest
    """The text that it builds on or replaces."""


def text_digest(document: Document, section_id: str) -> str:
    """Return the digest of a section's text, or of nothing where it has none yet."""
    return digest_of([item.section.markdown for item in document.sections if item.section.id == section_id])


def role_basis(document: Document) -> Basis:
    """Return what a role is found for: the goal, whatever the notes and answers."""
    return Basis(inputs=digest_of(_told(document)), text=digest_of([]))


def exercise_basis(document: Document) -> Basis:
    """Return what an exercise is drawn for: goal, role, seed and type of work sample."""
    role = document.role.model_dump(mode="json") if document.role else None
    return Basis(inputs=digest_of([_told(document), role, document.seed, document.sample_choice]), text=digest_of([]))


def section_basis(document: Document, section_id: str) -> Basis:
    """Return what a section is written from: the challenge, the notes, its answers, and its text so far."""
    return Basis(
        exercise=_key(document),
        inputs=section_inputs(document, section_id),
        text=text_digest(document, section_id),
    )


def section_inputs(document: Document, section_id: str) -> str:
    """Return the digest of what the person told that counts for one section.

    An answer to a question of another section does not count; one to a question that the work sample does not ask
    counts as a note, and so for all.
    """
    goal, exercise = document.goal, document.exercise
    if goal is None or exercise is None:
        return digest_of([])
    asked = {f"{section.id}.{question.id}" for section in exercise.sample.sections for question in section.questions}
    answers = {
        ref: answer
        for ref, answer in goal.answers.items()
        if answer.strip() and (ref not in asked or ref.startswith(f"{section_id}."))
    }
    return digest_of([_challenge(exercise), list(goal.notes), answers])


def travel_basis(document: Document) -> Basis:
    """Return what post, bullets and talking points are written from: all points, the challenge and all sections."""
    return Basis(exercise=_key(document), inputs=_all_inputs(document), text=digest_of(_sections(document)))


def post_digest(document: Document) -> str | None:
    """Return the digest of the person's own post, or None where they have none."""
    return digest_of(document.own_post.post.text) if document.own_post else None


def post_inputs(document: Document) -> str:
    """Return the digest of what a post is about: all that counts for what travels."""
    return digest_of(travel_basis(document))


def packet_basis(document: Document) -> Basis:
    """Return what a packet is put together from: all that stands in the session."""
    sections = [item.section.model_dump(mode="json") for item in document.sections]
    travel = document.travel.model_dump(mode="json") if document.travel else None
    return Basis(exercise=_key(document), inputs=_all_inputs(document), text=digest_of([sections, travel]))


def store_exercise(material: Material, notices: tuple[str, ...] = ()) -> StoredExercise:
    """Return what the session keeps of an exercise; `material_of` gives the material back.

    Args:
        material: The exercise as it was drawn.
        notices: What has to be told about it.
    """
    challenge = material.challenge
    return StoredExercise(
        key=digest_of([material.brief_digest, material.sample.id, challenge.model_dump(mode="json")]),
        brief_digest=material.brief_digest,
        sample=material.sample,
        challenge=challenge,
        notices=notices,
    )


def _told(document: Document) -> object:
    return document.goal.model_dump(mode="json", exclude={"notes", "answers"}) if document.goal else None


def _all_inputs(document: Document) -> str:
    goal = document.goal.model_dump(mode="json") if document.goal else None
    challenge = _challenge(document.exercise) if document.exercise else None
    return digest_of([goal, challenge])


def _sections(document: Document) -> list[list[str]]:
    return [[item.section.id, item.section.markdown] for item in document.sections]


def _key(document: Document) -> str:
    return document.exercise.key if document.exercise else ""


def _challenge(exercise: StoredExercise) -> object:
    return exercise.challenge.model_dump(mode="json")
