"""What the builder shows: all sections with how far they are, and one section with its questions and its text."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.brief import FIELD_CAPS
from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.material import Material
from proofkit_core.packet import Writer
from proofkit_core.samples.records import SectionRecord
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.drafts import DraftView
from proofkit_ui.web.views.naming import inside
from proofkit_ui.web.views.texts import Kept, Text, kept_of, mark_of, text_of, typed_text

__all__ = [
    "NOTES_PLACE",
    "BuilderView",
    "Question",
    "Row",
    "RowState",
    "Scene",
    "SectionLink",
    "SectionView",
    "answer_place",
    "builder_view",
    "field_of",
    "section_view",
]

NOTES_PLACE = "builder.notes"
"""Where the person's points are kept that could not be taken."""


class RowState(StrEnum):
    """How far a section is."""

    OPEN = "open"
    """Nothing is there yet."""
    ANSWERED = "answered"
    """The person answered something; nothing is written."""
    WRITTEN = "written"
    STALE = "stale"
    """Written from answers, notes or a challenge that changed since."""


class SectionLink(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section by its name and address."""

    id: str
    title: str
    href: str


class Row(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section in the list of all."""

    number: int
    link: SectionLink
    goal: str
    state: RowState
    writer: Writer | None
    answered: int
    questions: int
    waiting: bool
    """Whether a change to it waits for the person."""


class BuilderView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All sections."""

    session_id: str
    sample_name: str
    """Its type as it stands inside a sentence."""
    rows: tuple[Row, ...]
    written: int
    notes: str
    """The person's own points, one a line, as typed."""
    notes_error: str
    notes_mark: str
    kept: Kept
    """Of all that they typed, in all that is written."""
    first_open: SectionLink | None
    """The first section that is not written."""
    sample_href: str
    draft: DraftView | None
    revision: int


class Question(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One guided question."""

    id: str
    field: str
    """Name of its field in the form."""
    ask: str
    example: str
    answer: str
    mark: str
    """Tells the answer that the page was made with, so that a page that is older than the answer does not undo it."""
    cap: int
    error: str = ""


class Scene(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The challenge, to look up while one answers."""

    situation: str
    decision: str
    facts: tuple[tuple[str, str], ...]
    """Each fact: its mark, and what it says."""
    href: str
    """Where it can be changed."""


class SectionView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section."""

    session_id: str
    id: str
    number: int
    total: int
    title: str
    goal: str
    company: str
    scene: Scene
    questions: tuple[Question, ...]
    text: Text | None
    kept: Kept
    """Of the answers and points that belong to this section."""
    points: tuple[str, ...]
    """The person's own points that this section takes up."""
    before: SectionLink | None
    after: SectionLink | None
    builder_href: str
    sample_href: str
    written: int
    """Of all sections."""
    draft: DraftView | None
    revision: int


def builder_view(
    document: Document,
    material: Material,
    draft: DraftView | None = None,
    *,
    notes: str | None = None,
    notes_error: str = "",
) -> BuilderView:
    """Return the view of all sections.

    Args:
        document: The session.
        material: What its sections are written from.
        draft: What is being made, or was made last.
        notes: What the person typed just now, where it could not be taken.
        notes_error: Why not.
    """
    rows = tuple(_row(document, material, number) for number in range(1, len(material.sample.sections) + 1))
    stored = "\n".join(material.brief.notes)
    typed = "\n".join([*material.brief.notes, *material.brief.answers.values()])
    text = "\n\n".join(item.section.markdown for item in document.sections)
    return BuilderView(
        session_id=document.id,
        sample_name=inside(material.sample.title),
        rows=rows,
        written=sum(row.writer is not None for row in rows),
        notes=(typed_text(document, NOTES_PLACE) or stored) if notes is None else notes,
        notes_error=notes_error,
        notes_mark=mark_of(stored),
        kept=kept_of(typed, text),
        first_open=next((row.link for row in rows if row.writer is None), None),
        sample_href=f"/s/{document.id}/sample",
        draft=draft,
        revision=document.revision,
    )


def section_view(
    document: Document,
    material: Material,
    section_id: str,
    draft: DraftView | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> SectionView | None:
    """Return the view of one section; None where the work sample has no such section.

    Args:
        document: The session.
        material: What its sections are written from.
        section_id: Which section.
        draft: What is being made, or was made last.
        typed: Answers by field, as the person typed them just now.
        errors: Why some could not be taken, by field.
    """
    records = material.sample.sections
    place = next((n for n, record in enumerate(records) if record.id == section_id), None)
    if place is None:
        return None
    record = records[place]
    text = text_of(document, material, section_id)
    points = tuple(point.text for point in material.points_by_view.get(record.view, ()))
    answers = [item.answer for item in material.answers_by_section[record.id]]
    return SectionView(
        session_id=document.id,
        id=record.id,
        number=place + 1,
        total=len(records),
        title=record.title,
        goal=record.goal,
        company=material.challenge.company,
        scene=_scene(document.id, material.challenge),
        questions=_questions(document, record, material, typed or {}, errors or {}),
        text=text,
        kept=kept_of("\n".join([*points, *answers]), text.markdown if text else ""),
        points=points,
        before=_link(document.id, records[place - 1]) if place else None,
        after=_link(document.id, records[place + 1]) if place + 1 < len(records) else None,
        builder_href=f"/s/{document.id}/builder",
        sample_href=f"/s/{document.id}/sample",
        written=len(document.sections),
        draft=draft,
        revision=document.revision,
    )


def _scene(session_id: str, challenge: Challenge) -> Scene:
    return Scene(
        situation=challenge.situation,
        decision=challenge.decision,
        facts=tuple((fact.id, fact.text) for fact in challenge.facts),
        href=f"/s/{session_id}/challenge",
    )


def field_of(section_id: str, question_id: str) -> str:
    """Return the name of the field of a question; it is what answers are stored under."""
    return f"{section_id}.{question_id}"


def answer_place(field: str) -> str:
    """Return where an answer is kept that could not be taken."""
    return f"answer.{field}"


def _questions(
    document: Document, record: SectionRecord, material: Material, typed: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[Question, ...]:
    found: list[Question] = []
    for question in record.questions:
        field = field_of(record.id, question.id)
        stored = material.brief.answers.get(field, "")
        found.append(
            Question(
                id=question.id,
                field=field,
                ask=question.ask,
                example=question.example,
                answer=typed.get(field, typed_text(document, answer_place(field)) or stored),
                mark=mark_of(stored),
                cap=FIELD_CAPS["answer"],
                error=errors.get(field, ""),
            )
        )
    return tuple(found)


def _row(document: Document, material: Material, number: int) -> Row:
    record = material.sample.sections[number - 1]
    item = next((each for each in document.sections if each.section.id == record.id), None)
    answered = len(material.answers_by_section[record.id])
    if item is None:
        state = RowState.ANSWERED if answered else RowState.OPEN
    else:
        state = RowState.STALE if item.stale else RowState.WRITTEN
    return Row(
        number=number,
        link=_link(document.id, record),
        goal=record.goal,
        state=state,
        writer=item.section.origin.writer if item else None,
        answered=answered,
        questions=len(record.questions),
        waiting=any(proposal.section.id == record.id for proposal in document.proposals),
    )


def _link(session_id: str, record: SectionRecord) -> SectionLink:
    return SectionLink(id=record.id, title=record.title, href=f"/s/{session_id}/builder/{record.id}")
