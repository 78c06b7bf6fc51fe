"""All parts of pages on one page, as `components.html.j2` sets them out: what no page shows today is looked at too."""

from pathlib import Path
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs] - it has none
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, Page, Route

from proofkit_ui.web.rendering import Frame, default_words, environment, load_static
from proofkit_ui.web.steps import Step, StepLink

ADDRESS = "http://parts.invalid"
SIZES = ((1280, 900), (640, 450), (320, 700))


def _page() -> str:
    made = environment(default_words(), load_static())
    assert made.loader is not None
    made.loader = ChoiceLoader([made.loader, FileSystemLoader(Path(__file__).parent)])
    steps = tuple(
        StepLink(number=n, id=step, name=f"steps.{step}", href="/x" if n < 5 else "", is_current=n == 3, is_done=n < 3)
        for n, step in enumerate(Step, start=1)
    )
    frame = Frame(language="en", theme="", steps=steps, step=Step.CHALLENGE, note="This comes first.")
    return made.get_template("components.html.j2").render(view=None, frame=frame)


@pytest.fixture(scope="module")
def parts() -> str:
    return _page()


def _answer(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(ADDRESS)
    if path.startswith("/static/"):
        found = load_static()[path.removeprefix("/static/")]
        route.fulfill(body=found.content, content_type=found.media_type)
    elif path.endswith("/save"):
        route.fulfill(body='<span class="saved-text is-saved">Saved</span>', content_type="text/html")
    else:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")


def _open(chromium: Browser, html: str, **context: Any) -> Page:  # noqa: ANN401 - what Playwright takes
    page = chromium.new_context(**context).new_page()
    page.route(f"{ADDRESS}/**", lambda route: _answer(route, html))
    page.goto(ADDRESS)
    return page


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_against_any_part(chromium: Browser, parts: str, theme: Any) -> None:  # noqa: ANN401 - the same
    page = _open(chromium, parts, color_scheme=theme, reduced_motion="reduce")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        answer: dict[str, Any] = cast("Any", Axe()).run(page).response
        assert [each["id"] for each in answer["violations"]] == []
        assert len(answer["passes"]) > 20
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.slow
def test_parts_do_what_they_say(chromium: Browser, parts: str) -> None:
    page = _open(chromium, parts, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Start over").click()
    assert page.get_by_role("dialog").is_visible()
    assert page.evaluate("document.activeElement.id") == "over-heading"
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert page.evaluate("document.activeElement.dataset.dialog") == "over"
    page.get_by_label("What skills").fill("One\n- Two\n\n")
    assert page.locator("[data-chips-of=skills] li").all_inner_texts() == ["One", "Two"]
    page.locator("#saved .is-saved").wait_for()
    page.get_by_role("button", name="Copy the post").click()
    page.get_by_role("button", name="Copied").wait_for()
    page.context.close()
