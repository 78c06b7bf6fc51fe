"""A session walked step by step, with what the steps of the main job really give."""

from collections.abc import Callable, Iterator

import pytest

from proofkit_core import steps
from proofkit_core.brief import Brief
from proofkit_core.challenge.editing import ChallengeChanges
from proofkit_core.packet import Packet
from proofkit_core.workshop import Workshop
from proofkit_serve.errors import EventRefusedError, OutdatedResultError, RevisionNotFoundError
from proofkit_serve.sessions import (
    Document,
    SessionEvent,
    brief_of,
    document_json,
    event_json,
    fold,
    history,
    material_of,
    new_document,
    new_id,
    packet_basis,
    post_digest,
    read_document,
    read_event,
    reduce,
    section_basis,
    travel_basis,
)
from proofkit_serve.sessions.events import (
    AnswerGiven,
    ChallengeEdited,
    ExerciseSet,
    GoalSet,
    ModelChosen,
    NotesSet,
    PostEdited,
    RevisionAccepted,
    RevisionProposed,
    RevisionRejected,
    SampleChosen,
    SectionDrafted,
    SectionEdited,
    SeedChosen,
    TravelDrafted,
    Undone,
)

Walk = Callable[[Document], Iterator[SessionEvent]]


@pytest.fixture(scope="session")
def events(walk: Walk, briefs: tuple[Brief, Brief]) -> tuple[SessionEvent, ...]:
    start = new_document(new_id("s"))
    goal = GoalSet(goal=briefs[0])
    return (goal, *walk(reduce(start, goal)))


@pytest.fixture(scope="session")
def finished(events: tuple[SessionEvent, ...]) -> Document:
    return fold(new_document(new_id("s")), events)


@pytest.fixture(scope="session")
def first_section(finished: Document) -> str:
    return finished.sections[0].section.id


def _edited(document: Document, section_id: str, words: str) -> SectionEdited:
    section = next(item.section for item in document.sections if item.section.id == section_id)
    material = material_of(document)
    return SectionEdited(section=steps.edit_section(material, section, f"{section.markdown}\n\n{words}"))


def test_a_session_step_by_step_gives_the_packet_of_the_one_call_job(
    finished: Document, packet_of: Callable[[Brief], Packet], briefs: tuple[Brief, Brief]
) -> None:
    assert finished.packet == packet_of(briefs[0])


def test_every_document_and_event_of_a_session_survives_json(events: tuple[SessionEvent, ...]) -> None:
    documents = history(new_document(new_id("s")), events)
    assert [read_document(document_json(document)) for document in documents] == list(documents)
    assert [read_event(event_json(event)) for event in events] == list(events)


def test_the_document_tells_its_schema_under_that_name(finished: Document) -> None:
    assert document_json(finished).startswith('{"schema":"proofkit.session/1"')


def test_notes_mark_sections_as_stale_and_take_no_text_away(finished: Document) -> None:
    after = reduce(finished, NotesSet(notes=("The ramp is steep.",)))
    assert [item.section for item in after.sections] == [item.section for item in finished.sections]
    assert all(item.stale for item in after.sections)
    assert (after.travel, after.packet) == (None, None)
    assert after.exercise == finished.exercise


def test_notes_that_come_back_make_sections_fresh_again(finished: Document) -> None:
    assert finished.goal
    changed = reduce(finished, NotesSet(notes=()))
    back = reduce(changed, NotesSet(notes=finished.goal.notes))
    assert not any(item.stale for item in back.sections)


def test_the_same_notes_again_change_nothing(finished: Document) -> None:
    assert finished.goal
    after = reduce(finished, NotesSet(notes=finished.goal.notes))
    assert after == finished.model_copy(update={"revision": finished.revision + 1})


def test_an_answer_marks_only_its_own_section(finished: Document) -> None:
    assert finished.exercise
    record = finished.exercise.sample.sections[2]
    answer = AnswerGiven(question=f"{record.id}.{record.questions[0].id}", answer="Ask the night shift first.")
    after = reduce(finished, answer)
    assert [item.section.id for item in after.sections if item.stale] == [record.id]
    assert material_of(after).answers_by_section[record.id][0].answer == answer.answer


def test_an_answer_to_a_question_that_nobody_asked_counts_as_a_note(finished: Document) -> None:
    after = reduce(finished, AnswerGiven(question="elsewhere.unasked", answer="It rained."))
    assert all(item.stale for item in after.sections)


def test_an_empty_answer_takes_the_answer_back(finished: Document) -> None:
    given = reduce(finished, AnswerGiven(question="elsewhere.unasked", answer="It rained."))
    taken = reduce(given, AnswerGiven(question="elsewhere.unasked", answer=""))
    assert taken.goal == finished.goal
    assert not any(item.stale for item in taken.sections)


def test_an_edited_challenge_keeps_the_text_and_marks_it(finished: Document) -> None:
    assert finished.exercise
    challenge = finished.exercise.challenge.model_copy(update={"company": "Ostrel Works"})
    after = reduce(finished, ChallengeEdited(challenge=challenge))
    assert all(item.stale for item in after.sections)
    assert (after.travel, after.packet) == (None, None)
    assert after.exercise
    assert after.exercise.edited


def test_a_model_switch_changes_only_the_model_choice(finished: Document) -> None:
    after = reduce(finished, ModelChosen(model="big"))
    assert after == finished.model_copy(update={"model_choice": "big", "revision": finished.revision + 1})


def test_the_chosen_sample_type_reaches_the_brief(finished: Document) -> None:
    after = reduce(finished, SampleChosen(sample="risk-register"))
    assert brief_of(after).preferred_sample == "risk-register"
    assert after.exercise is None


def test_a_draft_for_an_exercise_that_is_gone_is_refused(finished: Document, first_section: str) -> None:
    basis = section_basis(finished, first_section)
    late = SectionDrafted(section=finished.sections[0].section, basis=basis, proposal_id=new_id("prop"))
    elsewhere = reduce(finished, SeedChosen(seed=finished.seed + 1))
    with pytest.raises(EventRefusedError, match="no exercise yet"):
        reduce(elsewhere, late)


def test_a_draft_for_another_exercise_is_refused(
    finished: Document, first_section: str, walk: Walk, briefs: tuple[Brief, Brief]
) -> None:
    basis = section_basis(finished, first_section)
    late = SectionDrafted(section=finished.sections[0].section, basis=basis, proposal_id=new_id("prop"))
    other = reduce(finished, GoalSet(goal=briefs[1]))
    for event in walk(other):
        other = reduce(other, event)
        if isinstance(event, ExerciseSet):
            break
    with pytest.raises(OutdatedResultError, match="another exercise"):
        reduce(other, late)


def test_a_draft_whose_notes_changed_meanwhile_arrives_as_stale(finished: Document, first_section: str) -> None:
    basis = section_basis(finished, first_section)
    changed = reduce(finished, NotesSet(notes=()))
    landed = reduce(
        changed, SectionDrafted(section=finished.sections[0].section, basis=basis, proposal_id=new_id("prop"))
    )
    assert landed.sections[0].stale


def test_a_draft_never_overwrites_what_the_person_typed_meanwhile(
    finished: Document, first_section: str, workshop: Workshop
) -> None:
    basis = section_basis(finished, first_section)  # the draft begins here
    typed = reduce(finished, _edited(finished, first_section, "I would ask twice."))
    material = material_of(finished)
    draft = steps.write_section(material, first_section, steps.open_desk(material.brief, workshop, material.challenge))
    landed = reduce(typed, SectionDrafted(section=draft, basis=basis, proposal_id=new_id("prop")))
    assert landed.sections == typed.sections
    assert [item.section for item in landed.proposals] == [draft]
    taken = reduce(landed, RevisionAccepted(proposal_id=landed.proposals[0].id))
    assert taken.sections[0].section == draft


def test_typed_text_is_marked_as_the_persons_and_is_not_stale(finished: Document, first_section: str) -> None:
    stale = reduce(finished, NotesSet(notes=()))
    after = reduce(stale, _edited(stale, first_section, "I would ask twice."))
    assert after.sections[0].edited_by_person
    assert not after.sections[0].stale
    assert after.sections[0].section.markdown.endswith("I would ask twice.")


def _proposed(document: Document, section_id: str) -> RevisionProposed:
    section = next(item.section for item in document.sections if item.section.id == section_id)
    return RevisionProposed(
        proposal_id=new_id("prop"),
        section=section.model_copy(update={"markdown": "Shorter."}),
        action="Make it shorter",
        basis=section_basis(document, section_id),
    )


def test_a_revision_waits_beside_the_text(finished: Document, first_section: str) -> None:
    after = reduce(finished, _proposed(finished, first_section))
    assert after.sections == finished.sections
    assert after.packet == finished.packet
    assert not after.proposals[0].outdated
    rejected = reduce(after, RevisionRejected(proposal_id=after.proposals[0].id))
    assert rejected == finished.model_copy(update={"revision": finished.revision + 2})


def test_an_accepted_revision_takes_the_place_of_the_text(finished: Document, first_section: str) -> None:
    proposed = reduce(finished, _proposed(finished, first_section))
    after = reduce(proposed, RevisionAccepted(proposal_id=proposed.proposals[0].id))
    assert after.sections[0].section.markdown == "Shorter."
    assert after.sections[1:] == finished.sections[1:]
    assert (after.proposals, after.travel, after.packet) == ((), None, None)


def test_a_proposal_is_outdated_once_the_text_changed(finished: Document, first_section: str) -> None:
    proposed = reduce(finished, _proposed(finished, first_section))
    assert reduce(proposed, _edited(proposed, first_section, "I would ask twice.")).proposals[0].outdated


def test_a_decided_proposal_cannot_be_decided_again(finished: Document, first_section: str) -> None:
    proposed = reduce(finished, _proposed(finished, first_section))
    decided = RevisionRejected(proposal_id=proposed.proposals[0].id)
    with pytest.raises(EventRefusedError, match="No proposal"):
        reduce(reduce(proposed, decided), decided)


def test_travel_for_other_text_is_refused(
    events: tuple[SessionEvent, ...], finished: Document, first_section: str
) -> None:
    changed = reduce(finished, _edited(finished, first_section, "I would ask twice."))
    for late in events[-2:]:
        with pytest.raises(OutdatedResultError):
            reduce(changed, late)


def test_nothing_is_drafted_before_there_is_a_goal(first_section: str) -> None:
    empty = new_document(new_id("s"))
    with pytest.raises(EventRefusedError, match="no goal"):
        reduce(empty, NotesSet(notes=()))
    with pytest.raises(EventRefusedError, match="no goal"):
        brief_of(empty)
    with pytest.raises(EventRefusedError, match="no exercise"):
        material_of(empty)
    assert section_basis(empty, first_section).exercise == ""


def test_undo_names_a_revision_that_was_there(events: tuple[SessionEvent, ...]) -> None:
    start = new_document(new_id("s"))
    with pytest.raises(RevisionNotFoundError, match="0 to 2"):
        fold(start, [*events[:2], Undone(to_revision=3)])


def test_undo_brings_everything_back_and_can_be_undone(events: tuple[SessionEvent, ...]) -> None:
    start = new_document(new_id("s"))
    count = len(events)
    more = (*events, GoalSet(goal=events[0].goal), Undone(to_revision=count), Undone(to_revision=count + 1))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - the first is a goal
    documents = history(start, more)
    assert _content(documents[count + 2]) == _content(documents[count])
    assert _content(documents[count + 3]) == _content(documents[count + 1])
    assert documents[count + 2].packet is not None
    assert documents[count + 3].packet is None


def _content(document: Document) -> dict[str, object]:
    return document.model_dump(exclude={"revision"})


OWN = "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines."


def _with_own_post(document: Document) -> Document:
    assert document.travel
    assert document.packet
    material = material_of(document)
    post = steps.edit_post(material, document.travel.post, f"{document.travel.post.text}\n\n{OWN}")
    packet = steps.put_post(document.packet, material, post)
    return reduce(document, PostEdited(post=post, packet=packet, basis=packet_basis(document)))


def _travelled(document: Document, workshop: Workshop) -> TravelDrafted:
    material = material_of(document)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    own = document.own_post.post if document.own_post else None
    travel = steps.write_travel(
        material, sample, steps.open_desk(brief_of(document), workshop, material.challenge), own_post=own
    )
    return TravelDrafted(travel=travel, basis=travel_basis(document), kept_post=post_digest(document))


def test_a_changed_post_leaves_the_packet_finished_with_it(finished: Document) -> None:
    own = _with_own_post(finished)
    assert own.revision == finished.revision + 1
    assert own.own_post
    assert own.travel
    assert own.packet
    assert own.own_post.post == own.travel.post == own.packet.post
    assert own.sections == finished.sections
    assert reduce(own, Undone(to_revision=finished.revision), past=lambda _: finished).packet == finished.packet


def test_a_post_that_was_changed_beside_other_text_is_refused(finished: Document) -> None:
    assert finished.packet
    own = _with_own_post(finished)
    late = PostEdited(post=finished.packet.post, packet=finished.packet, basis=packet_basis(finished))
    with pytest.raises(OutdatedResultError, match="post"):
        reduce(own, late)


def test_notes_and_sections_mark_the_persons_post_and_take_it_away_from_nobody(finished: Document) -> None:
    own = _with_own_post(finished)
    noted = reduce(own, NotesSet(notes=("The ramp is steep.",)))
    assert noted.own_post
    assert own.own_post
    assert noted.own_post.stale
    assert not own.own_post.stale
    assert noted.own_post.post == own.own_post.post
    assert (noted.travel, noted.packet) == (None, None)
    assert finished.goal
    back = reduce(noted, NotesSet(notes=finished.goal.notes))
    assert back.own_post == own.own_post


def test_another_exercise_takes_the_persons_post_along_with_all_else(finished: Document) -> None:
    after = reduce(_with_own_post(finished), SeedChosen(seed=finished.seed + 1))
    assert (after.own_post, after.travel, after.packet) == (None, None, None)


def test_no_draft_takes_the_place_of_the_persons_post(finished: Document, workshop: Workshop) -> None:
    own = _with_own_post(finished)
    again = reduce(own, _travelled(own, workshop))
    assert again.travel == own.travel
    late = _travelled(finished, workshop)  # it was begun before the person changed the post
    after = reduce(own, late)
    assert after.travel
    assert own.own_post
    assert after.own_post == own.own_post
    assert after.travel.post == own.own_post.post


def test_a_post_that_was_put_away_is_not_brought_back_by_a_late_draft(finished: Document, workshop: Workshop) -> None:
    own = _with_own_post(finished)
    late = _travelled(own, workshop)
    away = reduce(own, PostEdited(post=None, basis=packet_basis(own)))
    assert (away.own_post, away.travel, away.packet) == (None, None, None)
    with pytest.raises(OutdatedResultError, match="put away"):
        reduce(away, late)


def test_a_company_that_was_renamed_is_disclosed_in_the_kept_post_too(finished: Document, workshop: Workshop) -> None:
    assert finished.exercise
    material = material_of(finished)
    assert finished.travel
    short = steps.edit_post(material, finished.travel.post, OWN)
    assert material.challenge.company in short.text
    own = reduce(finished, PostEdited(post=short, packet=finished.packet, basis=packet_basis(finished)))
    challenge = steps.edit_exercise(material, ChallengeChanges(company="Ostrel Works")).challenge
    renamed = reduce(own, ChallengeEdited(challenge=challenge))
    assert renamed.own_post
    assert renamed.own_post.stale
    after = reduce(renamed, _travelled(renamed, workshop))
    assert after.own_post
    assert after.travel
    assert after.own_post.post == after.travel.post
    assert "practice piece" in after.travel.post.text


def test_the_same_post_put_in_again_is_no_longer_stale(finished: Document) -> None:
    noted = reduce(_with_own_post(finished), NotesSet(notes=("The ramp is steep.",)))
    assert noted.own_post
    after = reduce(noted, PostEdited(post=noted.own_post.post, basis=packet_basis(noted)))
    assert after.own_post
    assert after.own_post.post == noted.own_post.post
    assert not after.own_post.stale


def test_a_post_cannot_be_changed_before_there_is_one(finished: Document) -> None:
    assert finished.travel
    bare = reduce(finished, NotesSet(notes=("The ramp is steep.",)))
    with pytest.raises(EventRefusedError, match="no post yet"):
        reduce(bare, PostEdited(post=finished.travel.post, basis=packet_basis(bare)))
