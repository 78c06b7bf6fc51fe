"""What steps 4 and 5 show, without a server."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData

from proofkit_core import steps
from proofkit_core.errors import InputError
from proofkit_core.packet import Section, Writer
from proofkit_serve.sessions import Document, material_of, new_id, section_basis
from proofkit_serve.sessions.events import AnswerGiven, NotesSet, RevisionAccepted, RevisionProposed, SectionEdited
from proofkit_serve.store.records import StoredEvent
from proofkit_serve.wire.requests import RevisionJob, SectionJob, SectionsJob
from proofkit_ui.web.drafts.asking import ACTIONS, asked_for, local_path
from proofkit_ui.web.forms import Form
from proofkit_ui.web.views.builder import BuilderView, RowState, builder_view, section_view
from proofkit_ui.web.views.changes import changes_between, plain_lines
from proofkit_ui.web.views.naming import inside
from proofkit_ui.web.views.sample import SampleView, restoring, sample_view, source_view, texts_before

Make = Callable[..., Any]


def _stored(events: list[Any]) -> list[StoredEvent]:
    return [StoredEvent(revision=n, at=datetime.now(UTC), event=event) for n, event in enumerate(events, start=1)]


def _text(document: Document, section: str) -> Section:
    return next(item.section for item in document.sections if item.section.id == section)


def _builder(document: Document) -> BuilderView:
    return builder_view(document, material_of(document))


def _sample(document: Document) -> SampleView:
    return sample_view(document, material_of(document))


# The builder ---------------------------------------------------------------------------------------------------------
def test_a_new_session_shows_every_section_as_open_with_its_questions(make: Make) -> None:
    view = _builder(make().document)
    assert {row.state for row in view.rows} == {RowState.OPEN}
    assert all(row.questions for row in view.rows)
    assert view.first_open == view.rows[0].link
    assert (view.written, view.kept.kept) == (0, 0)


def test_a_section_says_how_far_it_is(make: Make) -> None:
    made = make(SectionJob(kind="section", section="call"))
    made.put(AnswerGiven(question="risks.seen", answer="nobody had printed the price codes"))
    states = {row.link.id: row.state for row in _builder(made.document).rows}
    assert states["call"] is RowState.WRITTEN
    assert states["risks"] is RowState.ANSWERED
    made.put(AnswerGiven(question="call.go", answer="later, because of the lift contractor"))
    states = {row.link.id: row.state for row in _builder(made.document).rows}
    assert states["call"] is RowState.STALE


def test_the_persons_words_are_counted_where_they_belong(make: Make, rabbits: str) -> None:
    made = make(SectionsJob(kind="sections"))
    view = _builder(made.document)
    assert view.kept.kept == view.kept.total > 0
    material = material_of(made.document)
    home = next(s.id for s in material.sample.sections if rabbits in section_view(made.document, material, s.id).points)  # type: ignore[union-attr]
    section = section_view(made.document, material, home)
    assert section is not None
    assert section.kept.total > 0
    made.put(AnswerGiven(question="call.go", answer="a marmalade forklift would tip it"))
    call = section_view(made.document, material_of(made.document), "call")
    assert call is not None
    assert set(call.kept.missing) >= {"marmalade", "forklift"}


def test_each_question_has_an_example_and_what_was_answered(make: Make) -> None:
    made = make()
    made.put(AnswerGiven(question="call.go", answer="later"))
    view = section_view(made.document, material_of(made.document), "call")
    assert view is not None
    assert all(question.example for question in view.questions)
    assert [question.answer for question in view.questions] == ["later", ""]
    assert (view.before, view.after.id if view.after else "") == (None, "risks")
    assert section_view(made.document, material_of(made.document), "no-such") is None


def test_the_facts_stand_beside_the_questions(make: Make) -> None:
    document = make().document
    material = material_of(document)
    view = section_view(document, material, "call")
    assert view is not None
    assert view.scene.facts == tuple((fact.id, fact.text) for fact in material.challenge.facts) != ()
    assert (view.scene.situation, view.scene.decision) == (material.challenge.situation, material.challenge.decision)


@pytest.mark.parametrize(
    ("title", "name"), [("Risk plan", "risk plan"), ("KPI dashboard brief", "KPI dashboard brief")]
)
def test_a_title_stands_in_a_sentence_as_words_do(title: str, name: str) -> None:
    assert inside(title) == name


def test_what_could_not_be_taken_is_shown_as_it_was_typed(make: Make) -> None:
    made = make()
    view = section_view(
        made.document, material_of(made.document), "call", typed={"call.go": "raw"}, errors={"call.go": "why"}
    )
    assert view is not None
    assert (view.questions[0].answer, view.questions[0].error) == ("raw", "why")


# The work sample -----------------------------------------------------------------------------------------------------
def test_shares_sum_to_a_hundred(make: Make) -> None:
    made = make(SectionsJob(kind="sections"))
    shares = _sample(made.document).shares
    assert shares.typed_percent + shares.drafted_percent + shares.supplied_percent == 100
    assert shares.words == shares.typed + shares.drafted + shares.supplied
    assert (shares.drafted, shares.models) == (0, ())


def test_every_sentence_has_a_source_that_can_be_asked(make: Make, rabbits: str) -> None:
    document = make(SectionsJob(kind="sections")).document
    view = _sample(document)
    sentences = [sentence for text in view.texts for sentence in text.sourced.sentences]
    assert sentences
    assert all(sentence.places for sentence in sentences)
    yours = [
        sentence for sentence in sentences if any(place.quote and place.quote in rabbits for place in sentence.places)
    ]
    assert yours
    assert {sentence.kind for sentence in yours} == {"yours"}
    for text in view.texts:
        for sentence in text.sourced.sentences:
            asked = source_view(document, material_of(document), text.id, sentence.number)
            assert asked is not None
            assert asked.sentence == sentence
    assert source_view(document, material_of(document), "call", "999") is None


def test_an_answer_is_named_by_its_question(make: Make) -> None:
    answers = {"call.go": "Later, because the lift contractor let people down twice."}
    made = make(SectionJob(kind="section", section="call"), answers=answers)
    call = next(text for text in _sample(made.document).texts if text.id == "call")
    asked = [place.question for sentence in call.sourced.sentences for place in sentence.places if place.question]
    assert any("go ahead" in question for question in asked)


def test_a_change_waits_beside_the_text_until_the_person_decides(make: Make) -> None:
    made = make(SectionsJob(kind="sections"))
    before = _text(made.document, "call")
    shorter = before.model_copy(update={"markdown": "I would go later."})
    proposal = RevisionProposed(
        proposal_id=new_id("prop"),
        section=shorter,
        action="Make it shorter",
        basis=section_basis(made.document, "call"),
    )
    view = _sample(made.put(proposal))
    assert view.waiting == 1
    assert next(text for text in view.texts if text.id == "call").markdown == before.markdown
    (change,) = next(text for text in view.texts if text.id == "call").proposals
    assert change.changes.removed > 0
    assert not change.outdated
    edited = SectionEdited(section=steps.edit_section(material_of(made.document), before, "I would wait."))
    (change,) = next(text for text in _sample(made.put(edited)).texts if text.id == "call").proposals
    assert change.outdated


def test_an_earlier_text_comes_back_with_its_writer_and_answers_typed_since_stay(make: Make) -> None:
    made = make(SectionsJob(kind="sections"))
    first = _text(made.document, "call")
    made.put(SectionEdited(section=steps.edit_section(material_of(made.document), first, "I would wait.")))
    made.put(AnswerGiven(question="risks.seen", answer="typed later"))
    made.put(NotesSet(notes=("a point from later",)))
    before = [v for v in texts_before(_stored(made.events), "call") if v.section.markdown != "I would wait."]
    after = made.put(restoring(made.document, before[-1], new_id("prop")))
    assert _text(after, "call") == first
    assert after.goal is not None
    assert after.goal.answers["risks.seen"] == "typed later"
    assert after.goal.notes == ("a point from later",)
    again = [v for v in texts_before(_stored(made.events), "call") if v.section.markdown != first.markdown]
    back = made.put(restoring(made.document, again[-1], new_id("prop")))
    assert _text(back, "call").markdown == "I would wait."
    assert next(item for item in back.sections if item.section.id == "call").edited_by_person
    assert _text(back, "call").origin.writer is Writer.PERSON


def test_texts_of_another_exercise_never_come_back(make: Make) -> None:
    made = make(SectionsJob(kind="sections"))
    proposal = new_id("prop")
    section = _text(made.document, "call").model_copy(update={"markdown": "I would go later."})
    basis = section_basis(made.document, "call")
    made.put(RevisionProposed(proposal_id=proposal, section=section, action="x", basis=basis))
    made.put(RevisionAccepted(proposal_id=proposal))
    assert len(texts_before(_stored(made.events), "call")) == 2
    another = make()
    assert texts_before(_stored([*made.events, *another.events]), "call") == ()


# Changes -------------------------------------------------------------------------------------------------------------
_TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=60),
        st.just("- one item\n- another item"),
        st.just("| A | B |\n|---|---|\n| first cell | second |"),
    ),
    max_size=5,
).map("\n\n".join)


@settings(deadline=None)
@given(_TEXTS, _TEXTS)
def test_a_diff_holds_both_texts_word_for_word(before: str, after: str) -> None:
    found = changes_between(before, after)
    pieces = [piece for line in found.lines for piece in line.pieces]
    for kind, text in (("removed", before), ("added", after)):
        held = " ".join(piece.text for piece in pieces if piece.kind in {"same", kind}).split()
        assert held == " ".join(plain_lines(text)).split()


@settings(deadline=None)
@given(_TEXTS)
def test_the_same_text_changes_nothing(text: str) -> None:
    found = changes_between(text, text)
    assert (found.added, found.removed) == (0, 0)
    assert {piece.kind for line in found.lines for piece in line.pieces} <= {"same"}


def test_a_diff_reads_like_text_and_not_like_its_marks() -> None:
    found = changes_between("**Go** later.\n\n- one\n- two", "**Go** now.\n\n- one\n- three")
    shown = [[(piece.kind, piece.text) for piece in line.pieces] for line in found.lines]
    assert shown[0] == [("same", "Go"), ("removed", "later."), ("added", "now.")]
    assert shown[1] == [("same", "• one")]
    assert shown[2] == [("same", "•"), ("removed", "two"), ("added", "three")]


# Asking --------------------------------------------------------------------------------------------------------------
def _form(**fields: str) -> Form:
    return Form(FormData(fields))


def test_a_button_asks_in_the_words_that_the_model_was_trained_on() -> None:
    for action, words in ACTIONS.items():
        wanted = asked_for(_form(kind="revision", section="call", action=action))
        assert wanted == RevisionJob(kind="revision", section="call", action=words)


@pytest.mark.parametrize("own", ["", "x" * 201])
def test_an_own_instruction_has_to_say_something_and_not_too_much(own: str) -> None:
    with pytest.raises(InputError, match="instruction has"):
        asked_for(_form(kind="revisions", action="own", own=own))


@pytest.mark.parametrize("kind", ["", "everything", "revision"])
def test_an_unknown_wish_is_refused(kind: str) -> None:
    with pytest.raises(InputError):
        asked_for(_form(kind=kind))


@pytest.mark.parametrize(
    "path", ["https://example.org/s/x", "//example.org", "/\\example.org", "/s/x\r\nX: y", "", "/data"]
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert local_path(path, "/s/here") == "/s/here"
