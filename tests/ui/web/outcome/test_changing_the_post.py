"""The post is changed where it stands: with and without a script, within the rules, and in every file."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

pytestmark = pytest.mark.slow

OWN = "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines."
CLAIM = "I was head of operations at Contoso Freight for three years."
HOSTILE = (
    '</textarea><img src=x onerror="document.title=1"><script>document.title=2</script> {{ 7*7 }} I would ask twice.'
)


@pytest.fixture
def session(visitor: Fixture) -> str:
    """A finished packet of the visitor's."""
    made: str = visitor.begin()
    visitor.make(made)
    return made


@pytest.fixture
def sit_down(visitor: Fixture, session: str, app: Fixture, chromium: Fixture) -> Iterator[Callable[..., Page]]:
    """Opens the visitor's packet in a browser."""
    contexts: list[Any] = []

    def opened(*, script: bool = True, width: int = 1280) -> Page:
        context = chromium.new_context(java_script_enabled=script, viewport={"width": width, "height": 900})
        contexts.append(context)
        for cookie in visitor.http.cookies.jar:
            context.add_cookies([{"name": cookie.name, "value": str(cookie.value), "url": app.url}])
        tab: Page = context.new_page()
        tab.goto(f"{app.url}/s/{session}/packet")
        return tab

    yield opened
    for context in contexts:
        context.close()


def post_of(page: str) -> str:
    found = re.search(r'id="post-text"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found
    return found[1]


def seen(page: str) -> str:
    return str(re.findall(r'name="seen" value="([^"]*)"', page)[-1])


def put_in(visitor: Fixture, session: str, text: str, page: str = "") -> str:
    page = page or visitor.get(f"/s/{session}/packet")
    changed: str = visitor.post(f"/s/{session}/packet/post", post=text, seen=seen(page))
    return changed


def test_a_changed_post_is_on_the_page_and_in_the_files_at_once(visitor: Fixture, session: str, w: Fixture) -> None:
    before = post_of(visitor.get(f"/s/{session}/packet"))
    page = put_in(visitor, session, f"{before}\n\n{OWN}")
    assert w("notes.post_changed") in page
    assert w("packet.post.own") in page
    assert post_of(page) == f"{before}\n\n{OWN}"
    told = visitor.http.get(f"/s/{session}/packet/files/linkedin-post.txt").text
    assert told.strip() == f"{before}\n\n{OWN}"
    packet = visitor.http.get(f"/s/{session}/packet/files/packet.json").json()
    assert packet["post"]["origin"]["writer"] == "person"
    assert packet["post"]["earlier"][0]["text"] == before


def test_the_undo_beside_it_brings_the_former_post_back(visitor: Fixture, session: str, w: Fixture) -> None:
    before = post_of(visitor.get(f"/s/{session}/packet"))
    page = put_in(visitor, session, f"{before}\n\n{OWN}")
    action = f"/s/{session}/undo"
    page = visitor.post(action, **visitor.buttons(page)[action])
    assert w("notes.undone") in page
    assert post_of(page) == before
    assert w("packet.post.own") not in page


def test_a_disclosure_that_was_taken_out_is_back_and_the_page_says_so(
    visitor: Fixture, session: str, w: Fixture
) -> None:
    page = put_in(visitor, session, OWN)
    assert w("notes.post_disclosed") in page
    assert "is a fictional company." in post_of(page)
    assert "is a fictional company." in visitor.http.get(f"/s/{session}/packet/files/linkedin-post.txt").text


def test_a_claim_is_refused_beside_the_field_and_the_wording_is_kept(
    visitor: Fixture, session: str, w: Fixture
) -> None:
    before = post_of(visitor.get(f"/s/{session}/packet"))
    page = put_in(visitor, session, f"{before}\n\n{CLAIM}")
    assert post_of(page) == before
    assert re.search(r'id="post-field-error">.*LinkedIn post would say “.*Contoso', page, re.DOTALL)
    assert CLAIM in page
    again = visitor.get(f"/s/{session}/packet")
    assert w("packet.post.typed") in again
    assert CLAIM in again
    assert CLAIM not in visitor.http.get(f"/s/{session}/packet/files/packet.json").text
    dropped = visitor.post(f"/s/{session}/packet/post/drop")
    assert CLAIM not in dropped


@pytest.mark.parametrize("text", ["", "  \n", "x" * 3001])
def test_a_post_of_no_or_too_many_characters_is_told_at_the_field(
    text: str, visitor: Fixture, session: str, w: Fixture
) -> None:
    before = post_of(visitor.get(f"/s/{session}/packet"))
    page = put_in(visitor, session, text)
    assert w("packet.post.edit_length", n=len(text.strip()), most=3000) in page
    assert post_of(page) == before


def test_of_two_tabs_the_older_one_replaces_nothing_unasked(visitor: Fixture, session: str, w: Fixture) -> None:
    older = visitor.get(f"/s/{session}/packet")
    before = post_of(older)
    put_in(visitor, session, f"{before}\n\n{OWN}")
    other = OWN.replace("yard", "loading bay")
    page = put_in(visitor, session, f"{before}\n\n{other}", older)
    assert w("packet.post.elsewhere") in page
    assert post_of(page) == f"{before}\n\n{OWN}"
    assert other in page
    page = put_in(visitor, session, f"{before}\n\n{other}", page)
    assert post_of(page) == f"{before}\n\n{other}"


def test_a_post_of_ones_own_outlives_a_change_elsewhere_and_can_be_written_anew(
    visitor: Fixture, session: str, w: Fixture
) -> None:
    before = post_of(visitor.get(f"/s/{session}/packet"))
    put_in(visitor, session, f"{before}\n\n{OWN}")
    section = re.findall(rf'action="/s/{session}/sample/([a-z-]+)/edit"', visitor.get(f"/s/{session}/sample"))[0]
    visitor.post(f"/s/{session}/sample/{section}/edit", markdown="I would ask the night shift first.")
    late = visitor.get(f"/s/{session}/packet")
    assert w("packet.post.kept") in late
    assert OWN in post_of(late)
    visitor.make(session)
    again = visitor.get(f"/s/{session}/packet")
    assert OWN in post_of(again)
    assert w("packet.post.stale") in again
    fits = visitor.post(f"/s/{session}/packet/post", post=post_of(again), seen=seen(again))
    assert w("packet.post.stale") not in fits
    away = visitor.post(f"/s/{session}/packet/post/anew")
    assert w("notes.post_away") in away
    assert 'id="post-text"' not in away
    visitor.make(session)
    assert OWN not in post_of(visitor.get(f"/s/{session}/packet"))


def test_before_there_is_a_post_none_can_be_changed(visitor: Fixture, w: Fixture) -> None:
    bare = visitor.begin()
    visitor.make(bare, "sections")
    assert w("notes.no_post") in visitor.post(f"/s/{bare}/packet/post", post=OWN, seen="")


def test_in_a_browser_the_post_is_saved_while_it_is_typed_and_put_in(sit_down: Callable[..., Page], w: Fixture) -> None:
    tab = sit_down()
    tab.get_by_text(w("packet.post.change"), exact=True).click()
    field = tab.get_by_label(w("packet.post.edit"), exact=True)
    wanted = f"{field.input_value()}\n\n{OWN}"
    field.fill(wanted)
    tab.locator("#saved-post-field .is-saved").wait_for()
    tab.reload()
    assert tab.get_by_text(w("packet.post.typed")).is_visible()
    assert tab.get_by_label(w("packet.post.edit"), exact=True).input_value() == wanted
    tab.get_by_role("button", name=w("packet.post.edit_save")).click()
    tab.get_by_text(w("notes.post_changed")).wait_for()
    assert tab.locator("#post-text").inner_text() == wanted
    tab.locator("#messages").get_by_role("button", name=w("parts.undo")).click()
    tab.get_by_text(w("notes.undone")).wait_for()
    assert OWN not in tab.locator("#post-text").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_against_the_form_nor_against_its_refusal(
    *, theme: str, visitor: Fixture, session: str, app: Fixture, chromium: Fixture, w: Fixture, person_class: Fixture
) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 900}, color_scheme=theme)
    context.add_cookies([{"name": each.name, "value": each.value, "url": app.url} for each in visitor.http.cookies.jar])
    someone = person_class(context, app, w)
    someone.open(f"/s/{session}/packet")
    for text in (OWN, CLAIM):
        someone.page.get_by_text(w("packet.post.change"), exact=True).click()
        assert someone.axe() == []
        someone.type(someone.field(w("packet.post.edit")), text)
        someone.press(someone.button(w("packet.post.edit_save")))
        someone.page.wait_for_load_state()
    someone.page.locator("#post-field-error").wait_for()
    assert someone.axe() == []
    assert someone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_what_looks_like_a_page_is_shown_as_text(sit_down: Callable[..., Page], w: Fixture) -> None:
    tab = sit_down()
    title = tab.title()
    tab.get_by_text(w("packet.post.change"), exact=True).click()
    field = tab.get_by_label(w("packet.post.edit"), exact=True)
    field.fill(f"{field.input_value()}\n\n{HOSTILE}")
    tab.get_by_role("button", name=w("packet.post.edit_save")).click()
    tab.locator("#messages .undo").wait_for()
    assert HOSTILE in tab.locator("#post-text").inner_text()
    assert tab.locator("#post-text *").count() == 0
    assert tab.title() == title
    tab.get_by_text(w("packet.post.change"), exact=True).click()
    assert HOSTILE in tab.get_by_label(w("packet.post.edit"), exact=True).input_value()
    answer = tab.request.get(f"{tab.url.partition('?')[0]}/files/work-sample.html")
    assert "<script>document" not in answer.text()
    assert "&lt;script&gt;document.title=2" in answer.text()


def test_without_a_script_the_post_is_changed_by_the_same_form(sit_down: Callable[..., Page], w: Fixture) -> None:
    tab = sit_down(script=False, width=320)
    tab.get_by_text(w("packet.post.change"), exact=True).click()
    field = tab.get_by_label(w("packet.post.edit"), exact=True)
    field.fill(f"{field.input_value()}\n\n{OWN}")
    tab.get_by_role("button", name=w("packet.post.edit_save")).click()
    assert urlsplit(tab.url).path.endswith("/packet")
    assert tab.get_by_text(w("notes.post_changed")).is_visible()
    assert OWN in tab.locator("#post-text").inner_text()
