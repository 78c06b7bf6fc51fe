from collections.abc import Callable

import pytest

from proofkit_core.brief_file import brief_from_data
from proofkit_serve.api.demo_briefs import load_demos
from proofkit_serve.sessions import Document, TypedText, new_document, new_id, reduce
from proofkit_serve.sessions.events import GoalSet, StartedOver, Typed, Undone
from proofkit_ui.web.views.goal import as_brief_data, goal_problems, goal_texts, goal_view, one_demo
from proofkit_ui.web.views.notices import plain_notice
from proofkit_ui.web.views.typing import sent_off, typed_event, typed_texts
from proofkit_ui.web.words import Words

EMPTY = {"target_role": "", "background": "", "skills": "", "weak_spots": "", "job_ad": "", "resume": "", "name": ""}


def typed(document: Document, **texts: str) -> Document:
    entries = tuple(TypedText(place=f"goal.{name}", text=text) for name, text in texts.items())
    return reduce(document, Typed(texts=entries))


def test_what_was_typed_and_not_sent_off_stands_in_the_form(begin: Callable[..., Document]) -> None:
    view = goal_view(typed(begin(), background="Something else", skills=""), ())
    assert view.background.value == "Something else"
    assert view.target_role.value == "Nurse educator"
    assert view.is_unsaved


def test_typing_takes_nothing_away(begin: Callable[..., Document]) -> None:
    before = begin()
    after = typed(before, background="Something else")
    assert after.exercise == before.exercise
    assert after.goal == before.goal


def test_typing_back_what_stands_there_forgets_what_was_typed(begin: Callable[..., Document]) -> None:
    document = typed(begin(), background="Something else")
    event = typed_event(document, "goal", goal_texts(document), {"background": "Ward nurse for eleven years."})
    assert event is not None
    assert typed_texts(reduce(document, event), "goal") == {}


def test_the_same_text_again_is_not_written_again(begin: Callable[..., Document]) -> None:
    document = typed(begin(), background="Something else")
    assert typed_event(document, "goal", goal_texts(document), {"background": "Something else"}) is None


def test_an_emptied_field_stays_empty(begin: Callable[..., Document]) -> None:
    document = begin(skills=["patience"])
    event = typed_event(document, "goal", goal_texts(document), {"skills": ""})
    assert event is not None
    assert goal_view(reduce(document, event), ()).skills.value == ""


def test_a_new_goal_forgets_what_was_typed_and_undo_brings_it_back(begin: Callable[..., Document]) -> None:
    before = typed(begin(), background="Something else")
    after = reduce(before, StartedOver())
    assert after.typed == ()
    undone = reduce(after, Undone(to_revision=before.revision), past=lambda _revision: before)
    assert typed_texts(undone, "goal") == {"background": "Something else"}


def test_sending_off_forgets_one_form_alone(begin: Callable[..., Document]) -> None:
    document = reduce(typed(begin(), name="Sam"), Typed(texts=(TypedText(place="other.note", text="kept"),)))
    event = sent_off(document, "goal")
    assert event is not None
    assert [each.place for each in reduce(document, event).typed] == ["other.note"]


def test_the_two_needed_fields_are_asked_for_in_plain_words(w: Words) -> None:
    found = goal_problems(EMPTY, w)
    assert set(found) == {"target_role", "background"}
    assert not [told for told in found.values() if "_" in told or "characters" in told]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("target_role", "x" * 121),
        ("background", "x" * 4001),
        ("name", "x" * 81),
        ("skills", "\n".join(f"skill {number}" for number in range(41))),
        ("weak_spots", "x" * 601),
        ("target_role", "???"),
    ],
)
def test_each_field_that_does_not_fit_is_named(field: str, text: str, w: Words) -> None:
    fine = EMPTY | {"target_role": "Recruiter", "background": "Hotel desk for years."}
    assert set(goal_problems(fine | {field: text}, w)) == {field}


def test_what_passes_the_form_passes_the_rules_and_keeps_notes_and_answers(w: Words) -> None:
    before = brief_from_data(
        {"target_role": "Cook", "background": "A home kitchen.", "notes": ["salt last"], "answers": {"a.b": "yes"}}
    ).brief
    texts = EMPTY | {"target_role": "Recruiter", "background": "Hotel desk for years.", "skills": "patience\n\nhumour"}
    assert goal_problems(texts, w) == {}
    brief = brief_from_data(as_brief_data(texts, before)).brief
    assert brief.skills == ("patience", "humour")
    assert brief.notes == ("salt last",)
    assert brief.answers == {"a.b": "yes"}


def test_sending_the_form_off_unchanged_is_the_same_goal(w: Words) -> None:
    for demo in load_demos().values():
        document = reduce(new_document(new_id("s")), GoalSet(goal=demo.brief))
        texts = goal_texts(document)
        assert goal_problems(texts, w) == {}
        assert brief_from_data(as_brief_data(texts, document.goal)).brief == demo.brief


def test_there_are_eight_example_people_and_each_has_words(w: Words) -> None:
    demos = [one_demo(demo, w) for demo in load_demos().values()]
    assert len(demos) >= 8
    assert len({demo.person for demo in demos}) == len(demos)


def test_notices_speak_of_fields_as_the_page_does(w: Words) -> None:
    told = plain_notice("1 entry in weak_spots stood there twice and was left out: “my weak_spots”.", w)
    assert told == "1 entry in what you feel unsure about stood there twice and was left out: “my weak_spots”."
