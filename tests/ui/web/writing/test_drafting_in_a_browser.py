"""A draft as somebody sees it: named progress, words as they come, nothing lost, nothing shown twice."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from proofkit_serve.faults import Scenario

Person = Any
"""See the conftest above; importlib mode lets tests share no module."""
WORDS = "Later, because the lift contractor has let people down twice"


def _in_the_builder(person: Person) -> None:
    person.begin()
    person.tell_goal()
    person.take_match()
    person.take_challenge()


def _first_section(person: Person, model: str = "") -> None:
    _in_the_builder(person)
    if model:
        person.page.request.post(
            f"{person.app.url}{person.step_path('model')}",
            form={"model": model, "back": person.step_path("builder")},
            headers={"origin": person.app.url},
        )
    person.answer_first(WORDS)


@pytest.mark.slow
def test_the_text_lands_beside_the_questions_without_a_new_page(person: Person) -> None:
    _first_section(person)
    person.press(person.button(person.w("builder.draft_section")))
    person.page.locator("#section-text .sheet").wait_for()
    person.drafted()
    assert "lift contractor" in person.page.locator("#section-text .sheet").inner_text()
    assert person.page.locator("main textarea").first.input_value() == WORDS
    assert person.page.locator("#section-next.button-primary").count() == 1
    assert person.axe() == []
    assert person.too_wide() == []


@pytest.mark.slow
def test_words_that_come_are_shown_and_what_is_typed_meanwhile_stays(
    with_faults: Callable[..., Any], invite: Callable[..., Person]
) -> None:
    person = invite(with_faults(Scenario.STALL))
    _first_section(person, model="far")
    person.press(person.button(person.w("builder.draft_section")))
    live = person.page.locator(".draft-live-text")
    live.filter(has_text=re.compile(r"\w+ \w+")).wait_for()
    person.page.wait_for_timeout(1_500)  # the model stalls after a few words
    shown = live.inner_text()
    second = person.page.locator("main textarea").nth(1)
    if second.count():
        second.fill("the keys are handed over")
        person.saved()
    person.page.reload()
    live.filter(has_text=re.compile(r"\w")).wait_for()
    assert live.inner_text() == shown, "after a reload it is all there, once"
    assert person.axe() == []
    person.press(person.button(person.w("drafts.cancel")))
    person.page.locator("#draft-heading").filter(has_text=person.w("drafts.now_cancelled")).wait_for()
    assert person.page.locator("main textarea").first.input_value() == WORDS
    if second.count():
        assert second.input_value() == "the keys are handed over"


@pytest.mark.slow
def test_a_server_that_dies_under_a_draft_is_told_about_on_the_very_page(
    with_faults: Callable[..., Any], invite: Callable[..., Person]
) -> None:
    app = with_faults(Scenario.STALL)
    person = invite(app)
    person.expected.append("net::ERR_")  # whatever a browser calls it that nobody is there
    _first_section(person, model="far")
    person.press(person.button(person.w("builder.draft_section")))
    person.page.locator(".draft-live-text").filter(has_text=re.compile(r"\w")).wait_for()
    app.kill()
    person.page.locator("#draft-line").filter(has_text=person.w("drafts.line")).wait_for(state="visible")
    app.start()
    person.page.locator("#draft-heading").filter(has_text=person.w("drafts.now_interrupted")).wait_for()
    assert person.page.locator("main textarea").first.input_value() == WORDS


@pytest.mark.slow
def test_every_sentence_can_be_asked_where_it_comes_from(person: Person) -> None:
    _first_section(person)
    person.draft_all()
    assert person.page.locator("a.ask").first.is_hidden()
    person.choose(person.page.get_by_label(person.w("sample.show_sources")))
    person.page.locator("a.ask").first.wait_for(state="visible")
    assert person.axe() == []
    yours = person.page.locator(".said.from-yours").filter(has_text="lift contractor").first
    person.press(yours)
    window = person.page.locator("#source-window")
    window.wait_for()
    assert person.w("sources.yours") in window.inner_text()
    assert "lift contractor" in window.inner_text()
    assert person.axe() == []
    person.page.keyboard.press("Escape")
    window.wait_for(state="hidden")
    assert person.page.evaluate("document.activeElement.className") == "ask"


@pytest.mark.slow
def test_a_change_is_shown_word_by_word_and_can_be_undone(
    with_faults: Callable[..., Any], invite: Callable[..., Person]
) -> None:
    person = invite(with_faults(Scenario.GOOD))
    _first_section(person)
    person.draft_all()
    person.page.request.post(
        f"{person.app.url}{person.step_path('model')}", form={"model": "far"}, headers={"origin": person.app.url}
    )
    first = person.page.locator(".sample-section").first
    before = first.locator(".sample-text").inner_text()
    person.press(first.locator("details.more > summary"))
    person.press(first.get_by_role("button", name=person.w("sample.clearer"), exact=True))
    change = person.page.locator(".proposal").first
    change.wait_for()
    person.drafted()
    assert change.locator("ins").count() > 0
    assert person.page.locator(".sample-section").first.locator(".sample-text").inner_text() == before
    assert person.axe() == []
    person.press(change.get_by_role("button", name=person.w("texts.accept")))
    person.page.get_by_role("button", name=person.w("parts.undo")).first.wait_for()
    assert person.page.locator(".sample-section").first.locator(".sample-text").inner_text() != before
    person.press(person.page.get_by_role("button", name=person.w("parts.undo")).first)
    person.page.wait_for_url(re.compile("changed="))
    person.page.wait_for_load_state()
    assert person.page.locator(".sample-section").first.locator(".sample-text").inner_text() == before
