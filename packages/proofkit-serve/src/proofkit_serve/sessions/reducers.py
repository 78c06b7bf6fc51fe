"""What each event does to a document: one small, pure function an event."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from proofkit_core.brief import Brief
from proofkit_core.packet import Section
from proofkit_serve.errors import EventRefusedError, OutdatedResultError
from proofkit_serve.sessions import events as happened
from proofkit_serve.sessions.basis import (
    Basis,
    exercise_basis,
    packet_basis,
    post_digest,
    post_inputs,
    role_basis,
    section_inputs,
    text_digest,
    travel_basis,
)
from proofkit_serve.sessions.dependencies import changed, cleared
from proofkit_serve.sessions.document import Document, OwnPost, Proposal, SessionSection, StoredExercise, post_of

ANSWERS_CAP = 200
"""Most answers that a goal keeps; the longest work sample asks about twenty questions."""
PROPOSALS_CAP = 50
"""Most proposals that wait at once."""

TYPED_PLACES_CAP = 200
"""Most places of forms that are remembered at once."""


def _goal_set(document: Document, event: happened.GoalSet) -> Document:
    return cleared(document, "goal", goal=event.goal, notices=event.notices)


def _demo_imported(document: Document, event: happened.DemoImported) -> Document:
    return cleared(document, "goal", goal=event.goal, demo=event.demo, seed=event.seed, notices=event.notices)


def _started_over(document: Document, event: happened.StartedOver) -> Document:
    del event
    return cleared(document, "goal", goal=None)


def _typed(document: Document, event: happened.Typed) -> Document:
    gone = {*event.forgotten, *(each.place for each in event.texts)}
    kept = tuple(each for each in document.typed if each.place not in gone)
    if len(kept) + len(event.texts) > TYPED_PLACES_CAP:
        raise EventRefusedError(f"{TYPED_PLACES_CAP} texts stand in forms, which is the most. Send one off first.")
    return changed(document, "typed", typed=(*kept, *event.texts))


def _model_chosen(document: Document, event: happened.ModelChosen) -> Document:
    return changed(document, "model_choice", model_choice=event.model)


def _seed_chosen(document: Document, event: happened.SeedChosen) -> Document:
    return changed(document, "seed", seed=event.seed)


def _role_found(document: Document, event: happened.RoleFound) -> Document:
    _goal(document)
    _check_current(event.basis, role_basis(document), "The role was found for another goal")
    return changed(document, "role", role=event.role)


def _role_chosen(document: Document, event: happened.RoleChosen) -> Document:
    _goal(document)
    return changed(document, "role", role=event.role)


def _sample_chosen(document: Document, event: happened.SampleChosen) -> Document:
    return changed(document, "sample_choice", sample_choice=event.sample)


def _exercise_set(document: Document, event: happened.ExerciseSet) -> Document:
    _check_current(event.basis, exercise_basis(document), "The exercise was set for another goal, role, seed or sample")
    if document.role is None:
        raise EventRefusedError("The session has no role yet; an exercise needs one. Find the role first.")
    return changed(document, "exercise", exercise=event.exercise)


def _challenge_edited(document: Document, event: happened.ChallengeEdited) -> Document:
    exercise = _exercise(document)
    if event.challenge == exercise.challenge:
        return document
    edited = exercise.model_copy(update={"challenge": event.challenge, "edited": True})
    return changed(document, "challenge", exercise=edited)


def _notes_set(document: Document, event: happened.NotesSet) -> Document:
    return changed(document, "points", goal=_goal(document).model_copy(update={"notes": event.notes}))


def _answer_given(document: Document, event: happened.AnswerGiven) -> Document:
    goal = _goal(document)
    answers = {ref: text for ref, text in goal.answers.items() if ref != event.question}
    if event.answer:
        answers[event.question] = event.answer
    if len(answers) > ANSWERS_CAP:
        raise EventRefusedError(f"The session holds {ANSWERS_CAP} answers, which is the most. Take one back first.")
    return changed(document, "points", goal=goal.model_copy(update={"answers": answers}))


def _section_drafted(document: Document, event: happened.SectionDrafted) -> Document:
    _check_exercise(document, event.basis)
    section = event.section
    _check_asked(document, section)
    before = next((item for item in document.sections if item.section.id == section.id), None)
    if before and before.edited_by_person and event.basis.text != text_digest(document, section.id):
        # The person typed while the draft ran: their words stay, the draft waits beside them.
        return _with_proposal(
            document,
            Proposal(
                id=event.proposal_id,
                section=section,
                action="",
                made_from=event.basis.inputs,
                replaces=text_digest(document, section.id),
            ),
        )
    return _with_section(document, SessionSection(section=section, made_from=event.basis.inputs))


def _section_edited(document: Document, event: happened.SectionEdited) -> Document:
    if _section(document, event.section.id).section == event.section:
        return document
    # Who typed in a section has looked at it: whatever changed before, it is not stale any more.
    current = section_inputs(document, event.section.id)
    return _with_section(document, SessionSection(section=event.section, made_from=current, edited_by_person=True))


def _revision_proposed(document: Document, event: happened.RevisionProposed) -> Document:
    _check_exercise(document, event.basis)
    _section(document, event.section.id)
    return _with_proposal(
        document,
        Proposal(
            id=event.proposal_id,
            section=event.section,
            action=event.action,
            made_from=event.basis.inputs,
            replaces=event.basis.text,
        ),
    )


def _revision_accepted(document: Document, event: happened.RevisionAccepted) -> Document:
    proposal = _proposal(document, event.proposal_id)
    _section(document, proposal.section.id)
    accepted = SessionSection(section=proposal.section, made_from=proposal.made_from)
    return _with_section(_without(document, proposal), accepted)


def _revision_rejected(document: Document, event: happened.RevisionRejected) -> Document:
    return _without(document, _proposal(document, event.proposal_id))


def _travel_drafted(document: Document, event: happened.TravelDrafted) -> Document:
    _exercise(document)
    _check_current(event.basis, travel_basis(document), "Post, bullets and talking points were written for other text")
    travel, own = event.travel, document.own_post
    if own and event.kept_post == post_digest(document):
        own = own.model_copy(update={"post": travel.post})
    elif own:
        # The person changed the post while this was written: their words stay.
        travel = travel.model_copy(update={"post": own.post})
    elif event.kept_post:
        raise OutdatedResultError("Your own post was put away while this was written. Nothing was changed; ask again.")
    return changed(document, "travel", travel=travel, own_post=own)


def _post_edited(document: Document, event: happened.PostEdited) -> Document:
    _exercise(document)
    _check_current(event.basis, packet_basis(document), "The post was changed beside other text")
    if event.post is None:
        return changed(document, "own_post", own_post=None)
    travel, now = document.travel, post_of(document)
    if now is None:
        raise EventRefusedError("There is no post yet. Finish the packet first; then change it.")
    # Who puts their post in has looked at it: whatever changed before, it is not stale any more.
    own = OwnPost(post=event.post, made_from=post_inputs(document))
    if now == event.post:
        return document.model_copy(update={"own_post": own}) if document.own_post else document
    return changed(
        document,
        "own_post",
        own_post=own,
        travel=travel.model_copy(update={"post": event.post}) if travel else None,
        packet=event.packet if document.packet else None,
    )


def _packet_finished(document: Document, event: happened.PacketFinished) -> Document:
    _exercise(document)
    _check_current(event.basis, packet_basis(document), "The packet was put together from other text")
    return changed(document, "packet", packet=event.packet)


def _goal(document: Document) -> Brief:
    if document.goal is None:
        raise EventRefusedError("The session has no goal yet. Set one, or import a demo, first.")
    return document.goal


def _exercise(document: Document) -> StoredExercise:
    if document.exercise is None:
        raise EventRefusedError("The session has no exercise yet. Find the role and set the exercise first.")
    return document.exercise


def _section(document: Document, section_id: str) -> SessionSection:
    found = next((item for item in document.sections if item.section.id == section_id), None)
    if found is None:
        there = ", ".join(item.section.id for item in document.sections) or "none yet"
        raise EventRefusedError(f"There is no text of a section {section_id!r}; there is: {there}. Draft it first.")
    return found


def _proposal(document: Document, proposal_id: str) -> Proposal:
    found = next((item for item in document.proposals if item.id == proposal_id), None)
    if found is None:
        raise EventRefusedError(f"No proposal {proposal_id!r} waits; it may have been decided. Read the session again.")
    return found


def _check_current(got: Basis, now: Basis, what: str) -> None:
    if got != now:
        raise OutdatedResultError(f"{what} than the session holds now. Nothing was changed; ask for it again.")


def _check_exercise(document: Document, basis: Basis) -> None:
    if basis.exercise != _exercise(document).key:
        raise OutdatedResultError(
            "The text was written for another exercise than the session holds now. Nothing was changed; ask again."
        )


def _check_asked(document: Document, section: Section) -> None:
    asked = [record.id for record in _exercise(document).sample.sections]
    if section.id not in asked:
        raise EventRefusedError(f"The work sample has no section {section.id!r}; it has: {', '.join(asked)}.")


def _with_section(document: Document, item: SessionSection) -> Document:
    sections = {other.section.id: other for other in document.sections} | {item.section.id: item}
    order = [record.id for record in _exercise(document).sample.sections]
    return changed(document, "sections", sections=tuple(sections[name] for name in order if name in sections))


def _with_proposal(document: Document, proposal: Proposal) -> Document:
    if any(item.id == proposal.id for item in document.proposals):
        raise EventRefusedError(f"A proposal {proposal.id!r} waits already. Each needs an id of its own.")
    if len(document.proposals) >= PROPOSALS_CAP:
        raise EventRefusedError(f"{PROPOSALS_CAP} proposals wait, which is the most. Accept or reject one first.")
    return changed(document, "proposals", proposals=(*document.proposals, proposal))


def _without(document: Document, proposal: Proposal) -> Document:
    kept = tuple(item for item in document.proposals if item.id != proposal.id)
    return changed(document, "proposals", proposals=kept)


REDUCERS: Mapping[type, Callable[[Document, Any], Document]] = MappingProxyType(
    {
        happened.GoalSet: _goal_set,
        happened.DemoImported: _demo_imported,
        happened.StartedOver: _started_over,
        happened.Typed: _typed,
        happened.ModelChosen: _model_chosen,
        happened.SeedChosen: _seed_chosen,
        happened.RoleFound: _role_found,
        happened.RoleChosen: _role_chosen,
        happened.SampleChosen: _sample_chosen,
        happened.ExerciseSet: _exercise_set,
        happened.ChallengeEdited: _challenge_edited,
        happened.NotesSet: _notes_set,
        happened.AnswerGiven: _answer_given,
        happened.SectionDrafted: _section_drafted,
        happened.SectionEdited: _section_edited,
        happened.RevisionProposed: _revision_proposed,
        happened.RevisionAccepted: _revision_accepted,
        happened.RevisionRejected: _revision_rejected,
        happened.TravelDrafted: _travel_drafted,
        happened.PostEdited: _post_edited,
        happened.PacketFinished: _packet_finished,
    }
)
"""What each event does; `Undone` needs the past and stands in `proofkit_serve.sessions.folding`."""
