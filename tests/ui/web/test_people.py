"""Two people at once, and a server that dies while somebody writes."""

import re
from collections.abc import Callable
from typing import Any

import pytest

App = Any
Person = Any
"""Those of conftest.py; tests can import no module of theirs."""

OWN = "My aunt Philippa keeps seven blue herons."


def _abort(route: Any) -> None:  # noqa: ANN401 - one of Playwright's
    route.abort()


@pytest.mark.slow
def test_two_people_at_once_never_see_each_others_words(app: App, invite: Callable[..., Person]) -> None:
    first, second = invite(app), invite(app)
    for one in (first, second):
        one.begin()
    first.type(first.field(first.w("goal.background.label")), OWN)
    first.saved()
    second.tell_goal(background="I ran the till of a garden shop.")
    first.tell_goal(background=OWN)
    for path in ("/", "/data", second.step_path("goal"), second.step_path("match")):
        second.open(path)
        assert "Philippa" not in second.page.content()
    second.expected.append("404")
    second.open(first.step_path("goal"))
    assert second.w("errors.session-not-found.heading") in second.page.content()
    assert "Philippa" not in second.page.content()


@pytest.mark.slow
def test_a_server_that_is_killed_in_mid_draft_loses_nothing_that_was_typed(
    slow_app: App, invite: Callable[..., Person]
) -> None:
    person = invite(slow_app)
    person.expected += [
        "ERR_CONNECTION_REFUSED",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "htmx:",
    ]
    person.make(until="builder")
    person.answer_first(OWN)
    section = person.page.url
    person.page.get_by_role("button", name=person.w("builder.draft_section")).click()
    person.page.locator(".draft-live-text").filter(has_text=re.compile(r"\w+ \w+")).wait_for()
    slow_app.kill()
    area = person.page.locator("main textarea").nth(1)
    area.fill("Typed while nobody listened.")
    person.page.locator(".saved-failed").first.wait_for()
    slow_app.start()
    person.saved()
    person.page.goto(section)
    assert person.page.locator("main textarea").first.input_value() == OWN
    assert person.page.locator("main textarea").nth(1).input_value() == "Typed while nobody listened."
    draft = person.page.locator("#draft")
    draft.wait_for()
    told = draft.inner_text()
    assert person.w("drafts.interrupted") in told or "slow" in told


@pytest.mark.slow
def test_words_typed_before_a_reload_and_not_saved_yet_are_there_after_it(person: Person) -> None:
    person.begin()
    person.page.route("**/goal/typed", _abort)
    person.expected += ["ERR_FAILED", "htmx:"]
    area = person.field(person.w("goal.background.label"))
    area.fill(OWN)
    person.page.reload()
    assert area.input_value() == OWN
    person.page.unroute("**/goal/typed")
    area.press("End")
    area.type(" ")
    person.saved()


@pytest.mark.slow
def test_a_second_tab_shows_what_the_first_one_typed(person: Person) -> None:
    person.begin()
    person.type(person.field(person.w("goal.background.label")), OWN)
    person.saved()
    tab = person.context.new_page()
    tab.goto(person.page.url)
    assert tab.get_by_label(person.w("goal.background.label")).input_value() == OWN
