"""A section's text as both steps show it: its words, who wrote them, what waits beside it."""

from hashlib import sha256

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.composer.material import Material
from proofkit_core.faithfulness import words_kept
from proofkit_core.ledger import Pieces, who_wrote
from proofkit_core.ledger.carriers import section_carrier
from proofkit_core.packet import (
    Bullets,
    FallbackReason,
    Origin,
    Post,
    Section,
    TalkingPoints,
    WhoWrote,
    WorkSample,
    Writer,
)
from proofkit_serve.sessions import Document, Proposal, SessionSection
from proofkit_ui.web.views.changes import Changes, changes_between
from proofkit_ui.web.views.sources import SourcedText, sourced

__all__ = [
    "Kept",
    "Proposed",
    "Text",
    "Written",
    "kept_of",
    "mark_of",
    "text_of",
    "texts_of",
    "typed_text",
    "written_of",
]

_NOBODY = Origin(writer=Writer.TEMPLATE)


class Written(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote a text, counted in words."""

    writer: Writer
    """Who wrote it as a whole; a text that the person changed is the person's."""
    model: str = ""
    """Name of the model that drafted, where one did."""
    fallback: str = ""
    """Why no model's draft was used, as a clause behind `because`."""
    words: int = 0
    typed: int = 0
    drafted: int = 0
    supplied: int = 0
    mark: str = ""
    """Why the model was asked although it was not trained for this."""


class Proposed(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A change that waits for the person's word."""

    id: str
    action: str
    """What was asked for; empty for a new draft of a text that the person typed in meanwhile."""
    changes: Changes
    written: Written
    outdated: bool
    """Whether the text changed since it was made."""
    same: bool
    """Whether it says just what stands there."""


class Kept(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How many of the person's own telling words stand in a text."""

    kept: int
    total: int
    missing: tuple[str, ...]


class Text(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section as it stands."""

    id: str
    title: str
    goal: str
    markdown: str
    sourced: SourcedText
    written: Written
    stale: bool
    """Whether answers, notes or challenge changed since it was written."""
    edited: bool
    proposals: tuple[Proposed, ...]
    mark: str
    """Tells this text from any other; see `mark_of`."""
    typed: str
    """What the person typed in its place and did not put in yet; empty if nothing."""


def texts_of(document: Document, material: Material) -> tuple[Text, ...]:
    """Return all sections that are written.

    Args:
        document: The session.
        material: What its sections are written from.
    """
    return tuple(_text(item, document, material) for item in document.sections)


def text_of(document: Document, material: Material, section_id: str) -> Text | None:
    """Return one section, or None before it is written.

    Args:
        document: The session.
        material: What its sections are written from.
        section_id: Which one.
    """
    found = next((item for item in document.sections if item.section.id == section_id), None)
    return _text(found, document, material) if found else None


def written_of(section: Section, brief: Brief, material: Material) -> Written:
    """Return who wrote a section.

    Args:
        section: The section.
        brief: What the person typed.
        material: What it was written from.
    """
    told = _counted(section, brief, material)
    origin = section.origin
    models = [told.model.name] if told.model else []
    return Written(
        writer=origin.writer,
        model=models[0] if models else "",
        fallback=_told(origin),
        words=told.words,
        typed=told.typed,
        drafted=told.drafted,
        supplied=told.supplied,
        mark=origin.mark,
    )


def mark_of(text: str) -> str:
    """Return a short mark of a text, to tell whether it was changed since a page was made."""
    return sha256(text.encode()).hexdigest()[:16]


def typed_text(document: Document, place: str) -> str:
    """Return what stands in a field of a form and could not be taken, or was not sent off yet; empty if nothing.

    Args:
        document: The session.
        place: Which field.
    """
    return next((each.text for each in document.typed if each.place == place), "")


def kept_of(typed: str, text: str) -> Kept:
    """Return which of the words that a person typed stand in a text.

    Args:
        typed: What they typed.
        text: The text.
    """
    found = words_kept(typed, text)
    return Kept(kept=found.kept, total=found.total, missing=found.missing)


def _text(item: SessionSection, document: Document, material: Material) -> Text:
    section, brief = item.section, material.brief
    asked = {f"{s.id}.{q.id}": q.ask for s in material.sample.sections for q in s.questions}
    return Text(
        id=section.id,
        title=section.title,
        goal=section.goal,
        markdown=section.markdown,
        sourced=sourced(section, brief, material.challenge, asked, f"/s/{document.id}/sample"),
        written=written_of(section, brief, material),
        stale=item.stale,
        edited=item.edited_by_person,
        proposals=tuple(
            _proposed(each, section, material) for each in document.proposals if each.section.id == section.id
        ),
        mark=mark_of(section.markdown),
        typed=typed_text(document, f"section.{section.id}"),
    )


def _proposed(proposal: Proposal, current: Section, material: Material) -> Proposed:
    return Proposed(
        id=proposal.id,
        action=proposal.action,
        changes=changes_between(current.markdown, proposal.section.markdown),
        written=written_of(proposal.section, material.brief, material),
        outdated=proposal.outdated,
        same=current.markdown == proposal.section.markdown,
    )


def _told(origin: Origin) -> str:
    """Return why a model's draft was not used; where none was asked for, nothing has to be told."""
    fell_back = origin.fallback if origin.writer is Writer.TEMPLATE else None
    return fell_back.message if fell_back and fell_back.reason is not FallbackReason.NO_MODEL else ""


def _counted(section: Section, brief: Brief, material: Material) -> WhoWrote:
    """Count one section by the rule that counts the finished packet."""
    sample = WorkSample(title="", sample_type="", sample_title="", reader="", disclosure="", sections=(section,))
    alone = Pieces(
        brief,
        material.challenge,
        sample,
        Post(text="", origin=_NOBODY),
        Bullets(items=(), origin=_NOBODY),
        TalkingPoints(items=(), origin=_NOBODY),
    )
    return next(part for part in who_wrote(alone) if part.part == section_carrier(section.id))
