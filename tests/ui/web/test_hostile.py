"""What people may paste: it is shown as text, and nothing of it runs."""

from typing import Any

import pytest

App = Person = Any
"""Those of conftest.py; tests can import no module of theirs."""

MARKUP = '<script>alert(1)</script><img src=x onerror="alert(2)">"\'><svg onload=alert(3)></textarea><b>bold'
MARKDOWN = (
    "# Heading\n\n[click](javascript:alert(4)) **strong** ![x](https://nowhere.invalid/x.png) {{ 7 * 7 }} {% raw %}"
)
LETTERS = "שלום עולם مرحبا 👩🏽‍⚕️🏳️‍🌈 \u202eevil\u202c \u200bzero"
HUGE = "word " * 20_000
UNSEEN = str.maketrans("", "", "\u202e\u202c\u200b")
"""Letters that nobody sees and that turn others around; they are taken out on the way in."""
TEXTS = {"markup": MARKUP, "markdown": MARKDOWN, "letters": LETTERS, "huge": HUGE}


@pytest.mark.slow
@pytest.mark.parametrize("kind", TEXTS)
def test_every_field_of_the_goal_shows_it_as_text(person: Person, kind: str) -> None:
    text = TEXTS[kind]
    person.begin()
    person.page.locator("main details").evaluate_all("(all) => all.forEach((each) => (each.open = true))")
    areas = person.page.locator("main textarea:visible")
    for number in range(areas.count()):
        areas.nth(number).fill(text)
    person.field(person.w("goal.target_role.label")).fill(text.replace("\n", " ")[:150])
    person.saved()
    person.press(person.button(person.w("goal.forward")))
    person.page.wait_for_load_state()
    _nothing_ran(person)
    person.open(person.step_path("goal"))
    typed = person.field(person.w("goal.background.label")).input_value()
    assert typed.split() == text.translate(UNSEEN).split()
    _nothing_ran(person)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["markup", "markdown", "letters"])
def test_a_journey_made_of_it_shows_it_as_text_to_the_end(person: Person, kind: str) -> None:
    text = TEXTS[kind]
    person.begin()
    person.tell_goal(background=f"I looked after a ward. {text}", skills=text)
    _nothing_ran(person)
    person.take_match()
    person.press(person.page.get_by_text(person.w("challenge.edit")))
    for area in person.page.locator("main form textarea:visible").all():
        area.fill(text[:300])
    _nothing_ran(person)
    person.page.reload()
    _nothing_ran(person)
    person.open(person.step_path("builder"))
    person.answer_first(f"I would wait. {text}")
    _nothing_ran(person)
    person.draft_all()
    _nothing_ran(person)
    person.take_sample()
    _nothing_ran(person)
    person.open("/data")
    _nothing_ran(person)


def _nothing_ran(person: Person) -> None:
    assert person.page.locator("main script, main img, main b, main svg[onload], [onerror]").count() == 0
    assert person.page.locator("main a[href^='javascript']").count() == 0
    assert "{{ 7" in person.page.content() or "49 {%" not in person.page.content()
    assert person.troubles == []
    assert person.too_wide() == []
