"""Refuses at once what cannot be made of a session as it stands, instead of in a generation that fails."""

from proofkit_core.errors import InputError
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.sessions import Document
from proofkit_serve.sessions.reducers import PROPOSALS_CAP
from proofkit_serve.wire.requests import GenerationInput, RevisionJob, RevisionsJob, SectionJob, TravelJob


def require_possible(document: Document, wanted: GenerationInput) -> None:
    """Check what a generation needs.

    Args:
        document: The session as it stands.
        wanted: What is to be made.

    Raises:
        EventRefusedError: Something else has to come first.
        InputError: The work sample has no such section.
    """
    if document.goal is None:
        raise EventRefusedError("The session has no goal yet. Set one, or import a demo, before anything is made.")
    match wanted:
        case SectionJob(section=section_id):
            _require_asked(document, section_id)
        case RevisionJob(section=section_id):
            _require_asked(document, section_id)
            if section_id not in _written(document):
                raise EventRefusedError("There is no text of this section yet. Have it written first.")
            _require_room(document, 1)
        case RevisionsJob():
            if not _written(document):
                raise EventRefusedError("There is no text yet. Have the sections written first.")
            _require_room(document, len(document.sections))
        case TravelJob():
            _require_all(document)
        case _:
            pass


def _require_room(document: Document, more: int) -> None:
    if len(document.proposals) + more > PROPOSALS_CAP:
        raise EventRefusedError(
            f"{len(document.proposals)} proposals wait, and with {more} more they would be over {PROPOSALS_CAP}, which "
            "is the most. Accept or reject some of them first."
        )


def _require_asked(document: Document, section_id: str) -> None:
    if document.exercise is None:
        return
    asked = [record.id for record in document.exercise.sample.sections]
    if section_id not in asked:
        raise InputError(f"The work sample has no such section; it has {', '.join(asked)}. Use one of these.")


def _require_all(document: Document) -> None:
    asked = [record.id for record in document.exercise.sample.sections] if document.exercise else []
    missing = [section_id for section_id in asked if section_id not in _written(document)]
    if missing or not asked:
        told = f"These sections are missing: {', '.join(missing)}." if asked else "There is no exercise yet."
        raise EventRefusedError(f"{told} Have the sections written first.")


def _written(document: Document) -> frozenset[str]:
    return frozenset(item.section.id for item in document.sections)
