"""Starting over and examples: asked about, cleared downstream, and undone."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from proofkit_serve.sessions import Document, new_document, new_id
from proofkit_ui.web.views.clearing import clearing_view, holds_work
from proofkit_ui.web.words import load_words

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""


def background(page: str) -> str:
    """Return what stands in that field of the goal."""
    return re.findall(r'<textarea[^>]*name="background"[^>]*>\s*([^<]*)', page)[0]


def test_what_would_be_gone_is_counted(finished: Document) -> None:
    view = clearing_view(finished, back_url="/")
    w = load_words()
    told = [w(part.words, n=part.count) for part in view.parts]
    assert w("over.part.notes", n=1) in told
    assert w("over.part.sections", n=len(finished.sections)) in told
    assert w("over.part.travel") in told


def test_an_empty_session_has_nothing_to_lose() -> None:
    empty = new_document(new_id("s"))
    assert not holds_work(empty)
    assert clearing_view(empty, back_url="/").parts == ()


def test_starting_over_is_asked_clears_all_and_is_undone(visitor: Fixture, w: Fixture) -> None:
    session = visitor.begin()
    visitor.make(session, "sections")
    asked = visitor.get(f"/s/{session}/start-over?back=/s/{session}/review")
    assert w("over.part.goal") in asked
    assert f'href="/s/{session}/review"' in asked
    answer = visitor.buttons(asked)[f"/s/{session}/start-over"]
    page = visitor.post(f"/s/{session}/start-over", **answer)
    assert w("notes.started_over") in page
    assert not background(page).startswith("Shift lead")
    visitor.get(f"/s/{session}/sample")
    back = visitor.buttons(page)[f"/s/{session}/undo"]
    page = visitor.post(f"/s/{session}/undo", **back)
    assert w("notes.undone") in page
    assert background(page).startswith("Shift lead")
    assert w("review.heading") in visitor.get(f"/s/{session}/review")


def test_an_undo_can_be_undone(visitor: Fixture) -> None:
    session = visitor.begin()
    asked = visitor.buttons(visitor.get(f"/s/{session}/start-over"))[f"/s/{session}/start-over"]
    page = visitor.post(f"/s/{session}/start-over", **asked)
    page = visitor.post(f"/s/{session}/undo", **visitor.buttons(page)[f"/s/{session}/undo"])
    assert background(page).startswith("Shift lead")
    page = visitor.post(f"/s/{session}/undo", **visitor.buttons(page)[f"/s/{session}/undo"])
    assert not background(page).startswith("Shift lead")


@pytest.mark.parametrize("sure", ["", "0", "7000", "x"])
def test_without_having_seen_what_is_cleared_nothing_is(visitor: Fixture, w: Fixture, sure: str) -> None:
    session = visitor.begin()
    page = visitor.post(f"/s/{session}/start-over", sure=sure)
    assert w("over.changed") in page
    assert background(visitor.get(f"/s/{session}/goal")).startswith("Shift lead")


def test_an_example_in_place_of_ones_own_is_asked_about_and_undone(visitor: Fixture, w: Fixture) -> None:
    session = visitor.begin()
    asked = visitor.post(f"/s/{session}/demo", demo="nurse-educator")
    assert w("over.heading_demo") in asked
    assert background(visitor.get(f"/s/{session}/goal")).startswith("Shift lead")
    page = visitor.post(f"/s/{session}/demo", **visitor.buttons(asked)[f"/s/{session}/demo"])
    assert w("notes.demo_imported") in page
    assert not background(page).startswith("Shift lead")
    page = visitor.post(f"/s/{session}/undo", **visitor.buttons(page)[f"/s/{session}/undo"])
    assert background(page).startswith("Shift lead")


@pytest.mark.parametrize("to", ["", "-1", "99999", "9" * 5000, "\uff11", "x"])
def test_there_is_no_going_back_to_what_never_was(visitor: Fixture, to: str) -> None:
    session = visitor.begin()
    visitor.post(f"/s/{session}/undo", status=404, to=to)
    assert background(visitor.get(f"/s/{session}/goal")).startswith("Shift lead")


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(visitor: Fixture, back: str) -> None:
    session = visitor.begin()
    assert "evil" not in visitor.http.get(f"/s/{session}/start-over", params={"back": back}).text.partition("<main")[2]
    answer = visitor.http.post(f"/s/{session}/undo", data={"to": "0", "back": back})
    assert answer.url.path == f"/s/{session}/goal"


def test_another_persons_work_is_not_cleared(app: Fixture, visit: Callable[[Any], Any]) -> None:
    one, other = visit(app), visit(app)
    session = one.begin()
    for path in ("start-over", "demo", "undo"):
        other.post(f"/s/{session}/{path}", status=404, sure="1", to="0", demo="nurse-educator")
    assert background(one.get(f"/s/{session}/goal")).startswith("Shift lead")
