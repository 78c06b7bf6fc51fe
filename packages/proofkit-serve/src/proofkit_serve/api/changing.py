"""Turns a change that a caller wants into the session's event, with core's rules applied before it is stored."""

import asyncio

from proofkit_core import steps
from proofkit_core.brief import Brief
from proofkit_core.brief_file import LoadedBrief, brief_from_data
from proofkit_core.packet import RoleChoice
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_serve.api.etags import conflict, expected_revision
from proofkit_serve.api.services import Services
from proofkit_serve.errors import EventRefusedError, RevisionConflictError
from proofkit_serve.sessions import Document, SessionEvent, StoredRole, material_of, packet_basis, post_of
from proofkit_serve.sessions.events import (
    AnswerGiven,
    ChallengeEdited,
    GoalSet,
    ModelChosen,
    NotesSet,
    PostEdited,
    RoleChosen,
    SampleChosen,
    SectionEdited,
    SeedChosen,
)
from proofkit_serve.store.protocol import Store
from proofkit_serve.wire.requests import (
    AnswerChange,
    AnswerInput,
    ChallengeChange,
    GoalChange,
    GoalInput,
    ModelChange,
    NotesChange,
    PostChange,
    PostInput,
    RoleChange,
    SampleChange,
    SectionChange,
    SectionInput,
    SeedChange,
    SessionChange,
    as_fields,
)


async def apply(store: Store, document: Document, owner: str, event: SessionEvent, if_match: str | None) -> Document:
    """Add an event to the revision that the caller saw.

    Args:
        store: Where it goes.
        document: The session as it was read for this request.
        owner: Whose it is.
        event: What to add.
        if_match: The header of the request; without it, the event is added to whatever is there.

    Raises:
        ProblemError: The session has another revision by now.
        EventRefusedError: The event does not fit the session.
    """
    expected = expected_revision(if_match, document)
    try:
        return await store.append(document.id, owner, event, expected_revision=expected)
    except RevisionConflictError as error:
        raise conflict(error) from error


def goal_event(goal: GoalInput) -> GoalSet:
    """Return the event for a goal; what was pasted is cleaned.

    Raises:
        BriefError: It cannot be used.
    """
    loaded = brief_from_data(as_fields(goal))
    return GoalSet(goal=loaded.brief, notices=loaded.notices)


async def changed_event(change: SessionChange, document: Document, given: Services) -> SessionEvent:
    """Return the event for a change.

    Args:
        change: What the caller wants.
        document: The session as it stands.
        given: What there is to choose from.

    Raises:
        ProofKitError: The change does not fit the session, or breaks a rule.
    """
    event: SessionEvent
    match change:
        case GoalChange(goal=goal):
            event = goal_event(goal)
        case ModelChange(model=model):
            _require_known(model, given.registry.ids, "model")
            event = ModelChosen(model=model)
        case SeedChange(seed=seed):
            event = SeedChosen(seed=seed)
        case RoleChange(role=role_id):
            event = RoleChosen(role=_chosen_role(role_id))
        case SampleChange(sample=sample):
            event = SampleChosen(sample=sample)
        case ChallengeChange(challenge=changes):
            material = await asyncio.to_thread(steps.edit_exercise, material_of(document), changes)
            event = ChallengeEdited(challenge=material.challenge)
        case NotesChange(notes=notes):
            event = NotesSet(notes=_cleaned(document, {"notes": list(notes)}).brief.notes)
        case AnswerChange(answer=answer):
            event = _answer(document, answer)
        case SectionChange() | PostChange():
            event = await asyncio.to_thread(_written, document, change)
    return event


def _require_known(wanted: str, known: tuple[str, ...], what: str) -> None:
    if wanted and wanted not in known:
        raise EventRefusedError(f"There is no such {what} here; there are {', '.join(known)}. Use one of these.")


def _chosen_role(role_id: str) -> StoredRole:
    entry = next((each for each in load_catalogue() if each.role.id == role_id), None)
    if entry is None:
        raise EventRefusedError("The catalogue has no role of that id. See /v1/roles for those that it has.")
    return StoredRole(entry=entry, choice=_choice(entry))


def _choice(entry: CatalogueRole) -> RoleChoice:
    return RoleChoice(
        title=entry.role.title,
        role_id=entry.role.id,
        family=entry.family,
        covered=True,
        why="You chose this role.",
        score=1.0,
    )


def _cleaned(document: Document, fields: dict[str, object]) -> LoadedBrief:
    """Return the goal with some fields replaced, cleaned by the same rules as the whole."""
    goal = _goal(document)
    return brief_from_data({"target_role": goal.target_role, "background": goal.background, **fields})


def _answer(document: Document, answer: AnswerInput) -> AnswerGiven:
    if not answer.answer.strip():
        return AnswerGiven(question=answer.question, answer="")
    cleaned = _cleaned(document, {"answers": {answer.question: answer.answer}}).brief.answers
    if answer.question not in cleaned:
        raise EventRefusedError("The answer says nothing, or speaks to the program. Write what you would say.")
    return AnswerGiven(question=answer.question, answer=cleaned[answer.question])


def _written(document: Document, change: SectionChange | PostChange) -> SectionEdited | PostEdited:
    return _edited(document, change.section) if isinstance(change, SectionChange) else _posted(document, change.post)


def _edited(document: Document, wanted: SectionInput) -> SectionEdited:
    section = next((each.section for each in document.sections if each.section.id == wanted.id), None)
    if section is None:
        there = ", ".join(each.section.id for each in document.sections) or "none yet"
        raise EventRefusedError(f"There is no text of that section; there is: {there}. Draft it first.")
    return SectionEdited(section=steps.edit_section(material_of(document), section, wanted.markdown))


def _posted(document: Document, wanted: PostInput) -> PostEdited:
    basis = packet_basis(document)
    if not wanted.text.strip():
        return PostEdited(post=None, basis=basis)
    now = post_of(document)
    if now is None:
        raise EventRefusedError("There is no post yet. Finish the packet first; then change it.")
    material = material_of(document)
    post = steps.edit_post(material, now, wanted.text)
    packet = steps.put_post(document.packet, material, post) if document.packet else None
    return PostEdited(post=post, packet=packet, basis=basis)


def _goal(document: Document) -> Brief:
    if document.goal is None:
        raise EventRefusedError("The session has no goal yet. Set one, or import a demo, first.")
    return document.goal
