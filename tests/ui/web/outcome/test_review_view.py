"""What step 6 shows of a session."""

from collections.abc import Callable

import pytest

from proofkit_core import steps
from proofkit_core.packet import Readiness
from proofkit_core.readiness import review_readiness
from proofkit_serve.sessions import Document, material_of, reduce
from proofkit_serve.sessions.events import AnswerGiven, SectionEdited
from proofkit_ui.web.views.places import Where
from proofkit_ui.web.views.review import LABELS, MEANINGS, WHY, is_written, review_view, reviewed_now
from proofkit_ui.web.words import load_words

MakeDocument = Callable[..., Document]


def edited(document: Document, section_id: str, markdown: str) -> Document:
    section = next(each.section for each in document.sections if each.section.id == section_id)
    changed = steps.edit_section(material_of(document), section, markdown)
    return reduce(document, SectionEdited(section=changed))


def test_the_review_is_there_before_the_packet_is(written: Document) -> None:
    assert is_written(written)
    assert written.packet is None
    view = review_view(written)
    assert view.total == len(view.to_mend) + len(view.well_done)
    assert view.passed_count == len(view.well_done)


def test_the_review_says_the_same_before_and_after_the_packet_is_finished(
    written: Document, finished: Document
) -> None:
    before, after = review_view(written), review_view(finished)
    assert [(sign.id, sign.evidence) for sign in before.well_done if sign.id != "supported"] == [
        (sign.id, sign.evidence) for sign in after.well_done if sign.id != "supported"
    ]
    assert (before.label, before.words_kept) == (after.label, after.words_kept)


def test_each_sign_has_evidence_and_only_what_is_missed_has_a_fix_with_a_place(written: Document) -> None:
    first = written.sections[0].section
    view = review_view(edited(written, first.id, "The workshop moves. That is all there is to say about it here."))
    assert all(sign.evidence for sign in (*view.to_mend, *view.well_done))
    assert all(sign.fix and sign.place for sign in view.to_mend)
    assert not any(sign.fix or sign.place for sign in view.well_done)
    assert view.to_mend


def test_a_missed_decision_leads_to_the_text_of_the_section_that_decides(written: Document) -> None:
    first = written.sections[0].section
    view = review_view(edited(written, first.id, "The workshop moves in July. The tables are heavy."))
    sign = next(each for each in view.to_mend if each.id == "decision")
    assert sign.place is not None
    assert sign.place.url == f"/s/{written.id}/sample#section-{first.id}"
    assert sign.place.title == first.title


def test_a_text_said_twice_leads_to_the_second_time(written: Document) -> None:
    last = written.sections[-1].section
    line = "The electrician signs the power off before the first van is loaded in the yard."
    once = edited(written, written.sections[0].section.id, f"{written.sections[0].section.markdown}\n\n{line}")
    twice = edited(once, last.id, f"{last.markdown}\n\n{line}")
    sign = next(each for each in review_view(twice).to_mend if each.id == "repeats")
    assert sign.place is not None
    assert sign.place.section == last.id


def test_too_little_of_ones_own_leads_to_an_unanswered_question(make_document: MakeDocument) -> None:
    document = make_document(until="sections", notes=(), background="Shop work.")
    view = review_view(document)
    sign = next((each for each in view.to_mend if each.id == "own-share"), None)
    assert sign is not None
    assert sign.place is not None
    assert sign.place.where is Where.QUESTIONS
    assert sign.place.url.startswith(f"/s/{document.id}/builder/")


def test_a_section_written_before_a_change_is_named(written: Document) -> None:
    assert written.exercise is not None
    record = written.exercise.sample.sections[0]
    answer = AnswerGiven(question=f"{record.id}.{record.questions[0].id}", answer="I would ask the fitters first.")
    view = review_view(reduce(written, answer))
    assert [each.title for each in view.stale] == [record.title]


def test_the_words_are_there_for_every_sign_and_result(written: Document) -> None:
    w = load_words()
    material = material_of(written)
    sample = steps.assemble_sample(material, [item.section for item in written.sections])
    signals = review_readiness(material, sample, reviewed_now(written).ledger).signals
    assert {signal.id for signal in signals} == set(WHY)
    assert all(w(key) for key in (*WHY.values(), *LABELS.values(), *MEANINGS.values()))
    assert set(LABELS) == set(Readiness)


def test_a_session_without_texts_has_nothing_to_review(make_document: MakeDocument) -> None:
    document = make_document(until="sections")
    assert not is_written(document.model_copy(update={"sections": document.sections[1:]}))


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "**bold** [x](javascript:alert(1))", "\u202eback", "🐇" * 200]
)
def test_hostile_words_are_evidence_like_any_other(written: Document, evil: str) -> None:
    last = written.sections[-1].section
    view = review_view(edited(written, last.id, f"{last.markdown}\n\nI would watch for {evil} here."))
    assert view.total == len(WHY)
