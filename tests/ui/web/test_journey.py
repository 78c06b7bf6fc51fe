"""The whole journey in a browser, from the start page to the files."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader  # noqa: TID253 - a test may wait for it

App = Any
Person = Any
"""Those of conftest.py; tests can import no module of theirs."""

STEPS = ("goal", "match", "challenge", "builder", "sample", "review", "packet")
WORDS = "The rabbits of the night shift taught me to count twice."


def _pdf_text(person: Person) -> str:
    with person.page.expect_download() as started:
        person.page.get_by_role("link", name=person.w("packet.file.pdf")).click()
    content = started.value.path().read_bytes()
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.mark.slow
def test_what_i_typed_in_the_builder_is_in_the_pdf_that_i_downloaded(person: Person) -> None:
    person.make(answer=WORDS)
    text = _pdf_text(person)
    assert "rabbits" in text
    assert "count twice" in text


@pytest.mark.slow
def test_the_journey_goes_by_keyboard_alone(app: App, invite: Callable[..., Person], typist: type[Any]) -> None:
    person = invite(app, hands=typist)
    person.make(answer=WORDS)
    assert "rabbits" in _pdf_text(person)


@pytest.mark.slow
def test_the_journey_goes_by_keyboard_alone_on_a_phone(
    app: App, invite: Callable[..., Person], typist: type[Any]
) -> None:
    invite(app, hands=typist, viewport={"width": 390, "height": 844}).make()


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("by_keyboard", [False, True])
def test_the_real_model_writes_it(
    make_app: Callable[..., App], invite: Callable[..., Person], typist: type[Any], *, by_keyboard: bool
) -> None:
    app = make_app(model="embedded")
    person = invite(app, hands=typist) if by_keyboard else invite(app)
    person.page.set_default_timeout(300_000)
    person.make(answer=WORDS)
    assert "rabbits" in _pdf_text(person)
    assert "Drafted by the model" in person.page.locator("main").inner_text()


@pytest.mark.slow
def test_reload_and_back_lose_nothing_at_any_step(person: Person) -> None:
    person.begin()
    go_on = {
        "goal": person.tell_goal,
        "match": person.take_match,
        "challenge": person.take_challenge,
        "builder": lambda: (person.answer_first(WORDS), person.draft_all()),
        "sample": person.take_sample,
        "review": person.take_review,
        "packet": person.finish,
    }
    for step in STEPS:
        heading = person.page.locator("h1").inner_text()
        person.page.reload()
        assert person.page.locator("h1").inner_text() == heading
        go_on[step]()
        if step != "packet":
            arrived = person.page.url
            person.page.go_back()
            person.page.wait_for_load_state()
            assert person.page.locator("h1").count() == 1
            person.page.goto(arrived)
            assert re.search(r"/s/[^/]+/\w+", person.page.url)
    person.open(person.step_path("builder"))
    person.press(person.page.locator("#builder-rows a").first)
    assert person.page.locator("main textarea").first.input_value() == WORDS


@pytest.mark.slow
def test_the_heading_has_the_focus_after_each_step(person: Person) -> None:
    person.begin()
    for go_on in (person.tell_goal, person.take_match, person.take_challenge):
        go_on()
        assert person.page.evaluate("document.activeElement.id") == "heading"
    person.answer_first(WORDS)
    assert person.page.title() != "ProofKit"
    person.draft_all()
    assert person.page.evaluate("document.activeElement.id") == "heading"


def test_a_reload_leaves_the_focus_alone(person: Person) -> None:
    person.begin()
    person.page.reload()
    assert person.page.evaluate("document.activeElement === document.body")


def test_the_first_stop_of_the_tab_key_is_the_way_past_the_menus(person: Person) -> None:
    person.open()
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("document.activeElement.textContent") == person.w("parts.skip")
    person.page.keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.id") == "main"
