"""What the work sample shows: the whole text, who wrote which share, and the changes that wait."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.blocks import Block, parse_markdown
from proofkit_core.composer.material import Material
from proofkit_core.packet import SAMPLE_DISCLOSURE, Section, Writer
from proofkit_serve.sessions import Basis, Document, SessionEvent
from proofkit_serve.sessions.basis import section_inputs, text_digest
from proofkit_serve.sessions.events import (
    DemoImported,
    ExerciseSet,
    GoalSet,
    RevisionAccepted,
    RevisionProposed,
    SectionDrafted,
    SectionEdited,
    StartedOver,
)
from proofkit_serve.store.records import StoredEvent
from proofkit_ui.web.views.builder import SectionLink
from proofkit_ui.web.views.changes import Changes, changes_between
from proofkit_ui.web.views.drafts import DraftView
from proofkit_ui.web.views.fallbacks import FallbackNotice, fallbacks_of
from proofkit_ui.web.views.sources import Sentence
from proofkit_ui.web.views.texts import Kept, Text, Written, kept_of, text_of, texts_of, written_of

__all__ = [
    "SampleView",
    "Shares",
    "SourceView",
    "Version",
    "VersionView",
    "VersionsView",
    "restoring",
    "sample_view",
    "source_view",
    "texts_before",
    "versions_view",
]


class Shares(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote how many words of the whole."""

    words: int
    typed: int
    drafted: int
    supplied: int
    models: tuple[str, ...]

    @property
    def typed_percent(self) -> int:
        """Return the person's share in percent."""
        return round(100 * self.typed / self.words) if self.words else 0

    @property
    def drafted_percent(self) -> int:
        """Return the model's share in percent."""
        return round(100 * self.drafted / self.words) if self.words else 0

    @property
    def supplied_percent(self) -> int:
        """Return what is left: the template's share, so that the three sum to 100."""
        return 100 - self.typed_percent - self.drafted_percent if self.words else 0


class Fact(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A fact of the exercise that texts cite."""

    id: str
    text: str


class SampleView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The whole work sample."""

    session_id: str
    title: str
    sample_title: str
    company: str
    reader: str
    disclosure: str
    texts: tuple[Text, ...]
    missing: tuple[SectionLink, ...]
    """Sections that are not written yet."""
    facts: tuple[Fact, ...]
    shares: Shares
    kept: Kept
    waiting: int
    """Changes that wait for the person's word."""
    fallbacks: FallbackNotice
    draft: DraftView | None
    editing: str
    """Id of the section whose text could not be taken; empty as a rule."""
    edit: str
    edit_error: str
    changed: str
    """Id of a section whose text was just changed, so that it can be undone at once."""
    review_href: str
    builder_href: str
    revision: int


class Version(NamedTuple):
    """A text that stood in a section once."""

    revision: int
    section: Section
    made_from: str
    by_person: bool


class VersionView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One of them, as a page shows it."""

    revision: int
    blocks: tuple[Block, ...]
    written: Written
    changes: Changes
    """What bringing it back would change."""


class SourceView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Where one sentence comes from."""

    sentence: Sentence
    title: str
    """Of its section."""
    back_href: str


class VersionsView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The earlier texts of one section, newest first."""

    session_id: str
    id: str
    title: str
    versions: tuple[VersionView, ...]
    back_href: str


def _missing(document: Document, material: Material, written: set[str]) -> tuple[SectionLink, ...]:
    return tuple(
        SectionLink(id=record.id, title=record.title, href=f"/s/{document.id}/builder/{record.id}")
        for record in material.sample.sections
        if record.id not in written
    )


def sample_view(
    document: Document,
    material: Material,
    draft: DraftView | None = None,
    *,
    editing: str = "",
    edit: str = "",
    edit_error: str = "",
    changed: str = "",
) -> SampleView:
    """Return the view of the work sample.

    Args:
        document: The session.
        material: What its sections are written from.
        draft: What is being made, or was made last.
        editing: Section whose text could not be taken.
        edit: That text.
        edit_error: Why it could not.
        changed: Section that was just changed.
    """
    texts = texts_of(document, material)
    written = {text.id for text in texts}
    company = material.challenge.company
    typed = "\n".join([*material.brief.notes, *material.brief.answers.values()])
    return SampleView(
        session_id=document.id,
        title=f"{material.sample.title}: {material.challenge.project}",
        sample_title=material.sample.title,
        company=company,
        reader=material.sample.reader,
        disclosure=SAMPLE_DISCLOSURE.format(company=company),
        texts=texts,
        missing=_missing(document, material, written),
        facts=tuple(Fact(id=fact.id, text=fact.text) for fact in material.challenge.facts),
        shares=_shares(texts),
        kept=kept_of(typed, "\n\n".join(text.markdown for text in texts)),
        waiting=sum(len(text.proposals) for text in texts),
        fallbacks=fallbacks_of(document, back=f"/s/{document.id}/sample", travel=False),
        draft=draft,
        editing=editing,
        edit=edit,
        edit_error=edit_error,
        changed=changed if changed in written else "",
        review_href=f"/s/{document.id}/review",
        builder_href=f"/s/{document.id}/builder",
        revision=document.revision,
    )


def source_view(document: Document, material: Material, section_id: str, number: str) -> SourceView | None:
    """Return where a sentence comes from; None where there is no such sentence any more.

    Args:
        document: The session.
        material: What its sections are written from.
        section_id: The section.
        number: Number of the sentence in it.
    """
    text = text_of(document, material, section_id)
    found = next((each for each in text.sourced.sentences if each.number == number), None) if text else None
    if text is None or found is None:
        return None
    return SourceView(sentence=found, title=text.title, back_href=f"/s/{document.id}/sample#section-{section_id}")


def texts_before(events: Iterable[StoredEvent], section_id: str) -> tuple[Version, ...]:
    """Return every text that a section had, each once, newest last.

    Only the events that bring a text count; going back to an earlier point brings none that was not there before.

    Args:
        events: All events of the session, in order.
        section_id: The section.
    """
    found: list[Version] = []
    proposed: dict[str, Version] = {}
    for stored in events:
        event = stored.event
        match event:
            case GoalSet() | DemoImported() | StartedOver() | ExerciseSet():
                found, proposed = [], {}
            case RevisionProposed(proposal_id=proposal_id, section=section, basis=basis):
                proposed[proposal_id] = Version(stored.revision, section, basis.inputs, by_person=False)
            case SectionDrafted(section=section, basis=basis, proposal_id=proposal_id):
                version = Version(stored.revision, section, basis.inputs, by_person=False)
                proposed[proposal_id] = version
                found.append(version)
            case SectionEdited(section=section):
                found.append(Version(stored.revision, section, "", by_person=True))
            case RevisionAccepted(proposal_id=proposal_id) if proposal_id in proposed:
                found.append(proposed[proposal_id]._replace(revision=stored.revision))
            case _:
                pass
    of_section = [version for version in found if version.section.id == section_id]
    newest = {version.section.markdown: version for version in of_section}
    return tuple(sorted(newest.values(), key=lambda version: version.revision))


def versions_view(
    document: Document, material: Material, events: Iterable[StoredEvent], section_id: str
) -> VersionsView | None:
    """Return the earlier texts of a section; None where it is not written.

    Args:
        document: The session.
        material: What its sections are written from.
        events: All events of the session, in order.
        section_id: The section.
    """
    current = next((item.section for item in document.sections if item.section.id == section_id), None)
    if current is None:
        return None
    before = [each for each in texts_before(events, section_id) if each.section.markdown != current.markdown]
    return VersionsView(
        session_id=document.id,
        id=section_id,
        title=current.title,
        versions=tuple(
            VersionView(
                revision=version.revision,
                blocks=parse_markdown(version.section.markdown),
                written=written_of(version.section, material.brief, material),
                changes=changes_between(current.markdown, version.section.markdown),
            )
            for version in reversed(before)
        ),
        back_href=f"/s/{document.id}/sample#section-{section_id}",
    )


def restoring(document: Document, version: Version, proposal_id: str) -> SessionEvent:
    """Return the event that brings an earlier text back, and nothing else: answers typed since stay.

    Args:
        document: The session as it stands.
        version: The text.
        proposal_id: An id that the event has to carry.
    """
    if version.by_person or version.section.origin.writer is Writer.PERSON:
        return SectionEdited(section=version.section)
    basis = Basis(
        exercise=document.exercise.key if document.exercise else "",
        inputs=version.made_from or section_inputs(document, version.section.id),
        text=text_digest(document, version.section.id),
    )
    return SectionDrafted(section=version.section, basis=basis, proposal_id=proposal_id)


def _shares(texts: Iterable[Text]) -> Shares:
    written = [text.written for text in texts]
    return Shares(
        words=sum(each.words for each in written),
        typed=sum(each.typed for each in written),
        drafted=sum(each.drafted for each in written),
        supplied=sum(each.supplied for each in written),
        models=tuple(dict.fromkeys(each.model for each in written if each.model)),
    )
