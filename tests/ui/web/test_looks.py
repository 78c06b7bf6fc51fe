"""Every step and state: by axe, at 320 pixels, at 200 % zoom, in both colours, with less movement, without scripts."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

App = Any
Person = Any
"""Those of conftest.py; tests can import no module of theirs."""

PHONE = {"width": 320, "height": 700}
DESKTOP = {"width": 1280, "height": 900}
ZOOMED = {"width": 640, "height": 450}
"""What 1280 pixels are at 200 %."""


@pytest.fixture(scope="module")
def done(made: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made)
    return found


def _states(person: Person) -> Iterator[str]:  # noqa: PLR0915 - a long walk, step by step
    """Go through every step, and yield the name of each state as its page stands."""
    w = person.w
    person.open()
    yield "start"
    person.begin()
    yield "goal, empty"
    person.press(person.button(w("goal.forward")))
    person.page.locator("[aria-invalid=true]").first.wait_for()
    yield "goal, with problems"
    person.page.locator("main details").evaluate_all("(all) => all.forEach((each) => (each.open = true))")
    yield "goal, all open"
    ad = "Wanted: a project manager for planning, a risk register and status reports."
    person.tell_goal(target_role="Beekeeper of the night trains", job_ad=ad)
    yield "match, not covered"
    person.open(person.step_path("goal"))
    person.tell_goal()
    yield "match"
    person.page.locator("main details").evaluate_all("(all) => all.forEach((each) => (each.open = true))")
    yield "match, all open"
    person.take_match()
    yield "challenge"
    person.page.locator("main details").evaluate_all("(all) => all.forEach((each) => (each.open = true))")
    yield "challenge, being edited"
    person.take_challenge()
    yield "builder"
    person.answer_first("I would start with the night shift.")
    yield "section, answered"
    person.draft_all()
    yield "work sample"
    person.page.locator("main details").evaluate_all("(all) => all.forEach((each) => (each.open = true))")
    yield "work sample, all open"
    person.page.locator("details[id^=tools-]").first.get_by_role("button", name=w("sample.shorter")).click()
    person.page.locator("#draft.is-done").wait_for()
    yield "work sample, with a change"
    person.open(person.step_path("builder"))
    yield "builder, drafted"
    person.page.locator("#builder-rows a").first.click()
    person.page.wait_for_load_state()
    yield "section, drafted"
    person.open(person.step_path("review"))
    yield "review"
    person.open(person.step_path("packet"))
    yield "packet, not finished"
    person.finish()
    yield "packet"
    person.press(person.button(w("packet.talk.begin")))
    person.page.wait_for_load_state()
    yield "rehearsal"
    for path in (
        "/",
        "/data",
        "/data/delete",
        "/what-leaves",
        "/model",
        person.step_path("model"),
        person.step_path("start-over"),
    ):
        person.open(path)
        yield path.rpartition("/")[2] or "start, with something begun"
    person.expected.append("404")
    person.open("/nowhere")
    yield "no such page"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_against_any_step_or_state(app: App, invite: Callable[..., Person], theme: str) -> None:
    person = invite(app, color_scheme=theme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for state in _states(person):
        for size in (DESKTOP, PHONE):
            person.page.set_viewport_size(size)
            found[f"{state}, {size['width']} px"] = person.axe()
        person.page.set_viewport_size(DESKTOP)
    assert {state: told for state, told in found.items() if told} == {}
    assert len(found) > 50


@pytest.mark.slow
def test_nothing_scrolls_sideways_at_320_pixels_or_200_percent(app: App, invite: Callable[..., Person]) -> None:
    person = invite(app)
    found: dict[str, list[str]] = {}
    for state in _states(person):
        for size in (PHONE, ZOOMED):
            person.page.set_viewport_size(size)
            found[f"{state}, {size['width']} px"] = person.too_wide()
        person.page.set_viewport_size(DESKTOP)
    assert {state: told for state, told in found.items() if told} == {}


@pytest.mark.slow
def test_every_page_has_one_heading_one_main_part_and_a_title_of_its_own(
    app: App, invite: Callable[..., Person]
) -> None:
    person = invite(app)
    titles: dict[str, str] = {}
    for state in _states(person):
        assert person.page.locator("h1").count() == 1, state
        assert person.page.locator("main").count() == 1, state
        assert person.page.locator("main .button-primary:visible").count() <= 1, (
            f"{state} has more than one way forward"
        )
        titles.setdefault(person.page.title(), person.page.url)
    assert len(titles) > 12


@pytest.mark.slow
def test_a_journey_is_read_and_downloaded_without_javascript(
    app: App, invite: Callable[..., Person], done: dict[str, Any]
) -> None:
    person = invite(app, java_script_enabled=False)
    person.context.add_cookies(done["cookies"])
    for step in ("goal", "match", "challenge", "builder", "sample", "review", "packet"):
        person.open(f"/s/{done['session']}/{step}")
        assert person.page.locator("h1").count() == 1
        assert "nothing to see" not in person.page.content()
    with person.page.expect_download() as started:
        person.page.get_by_role("link", name=person.w("packet.file.zip")).click()
    assert started.value.path().stat().st_size > 10_000


@pytest.mark.slow
def test_a_goal_is_told_without_javascript(app: App, invite: Callable[..., Person]) -> None:
    person = invite(app, java_script_enabled=False)
    person.begin()
    person.tell_goal()
    assert person.page.locator("h1").inner_text() == person.w("match.heading")


def test_the_colours_that_were_chosen_stay(person: Person) -> None:
    person.open()
    person.page.get_by_role("radio", name=person.w("parts.look.dark")).check(force=True)
    assert person.page.locator("html").get_attribute("data-theme") == "dark"
    person.page.wait_for_load_state("networkidle")
    person.page.reload()
    assert person.page.locator("html").get_attribute("data-theme") == "dark"


def test_the_colours_can_be_chosen_without_javascript(app: App, invite: Callable[..., Person]) -> None:
    person = invite(app, java_script_enabled=False)
    person.open("/data")
    person.page.get_by_role("radio", name=person.w("parts.look.dark")).check(force=True)
    person.page.get_by_role("button", name=person.w("parts.look.set")).click()
    assert person.page.url.endswith("/data")
    assert person.page.locator("html").get_attribute("data-theme") == "dark"


def test_nothing_moves_for_who_asked_for_less_movement(app: App, invite: Callable[..., Person]) -> None:
    person = invite(app, reduced_motion="reduce")
    person.open()
    moving = person.page.evaluate(
        "[...document.querySelectorAll('*')].filter((each) => { const style = getComputedStyle(each);"
        " return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none'; }).length"
    )
    assert moving == 0


def test_each_error_has_a_friendly_page(person: Person) -> None:
    person.expected.append("404")
    for path in ("/nowhere", "/s/s_0000000000000000000000/goal"):
        person.open(path)
        assert person.page.get_by_role("link", name=re.compile(person.w("errors.home"))).count() == 1
        assert person.axe() == []
