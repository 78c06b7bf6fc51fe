"""Drafts on a card go through Gradio's queue, which learns whose quota they spend.

The embedded model plays the card, behind the real decorator of `spaces`, which does nothing off ZeroGPU.
"""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

Person = Any
Space = Any
"""See the conftests; importlib mode lets tests share no module."""
Draft = Callable[[str], tuple[list[str], str]]
pytestmark = [pytest.mark.slow, pytest.mark.model]


@pytest.fixture
def drafts(with_card: Space, invite: Callable[..., Person], chromium: Browser) -> Iterator[Draft]:
    del chromium

    def draft(token: str) -> tuple[list[str], str]:
        """Have one section written by somebody with a token; return what the card was asked, and the page."""
        log = with_card.folder / "asked.txt"
        log.unlink(missing_ok=True)
        person: Person = invite(with_card, extra_http_headers={"x-ip-token": token} if token else {})
        person.begin()
        person.tell_goal()
        person.take_match()
        person.take_challenge()
        person.answer_first("Later, because the lift contractor has let people down twice")
        person.press(person.button(person.w("builder.draft_section")))
        person.page.locator("#section-text .sheet").wait_for(timeout=120_000)
        person.drafted()
        asked: list[str] = log.read_text(encoding="utf-8").split() if log.exists() else []
        shown: str = person.page.get_by_role("main").inner_text()
        return asked, shown

    yield draft
    (with_card.folder / "spent").unlink(missing_ok=True)


def test_a_draft_spends_the_visitors_own_quota(drafts: Draft) -> None:
    asked, _ = drafts("token-of-ada")
    assert set(asked) == {"token-of-ada"}
    asked, _ = drafts("token-of-ben")
    assert set(asked) == {"token-of-ben"}
    asked, _ = drafts("")
    assert set(asked) == {"nobody"}


def test_a_spent_quota_is_told_and_the_template_writes(with_card: Space, drafts: Draft) -> None:
    (with_card.folder / "spent").touch()
    asked, page = drafts("token-of-cleo")
    assert set(asked) == {"token-of-cleo"}
    assert "lift contractor" in page  # the draft is there all the same
    (with_card.folder / "spent").unlink()
    asked, _ = drafts("token-of-dora")
    assert set(asked) == {"token-of-dora"}  # one visitor's quota says nothing about another's


def test_the_queues_function_is_for_this_program_alone(with_card: Space) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", with_card.port, timeout=30)
    body = json.dumps({"data": ["{}"]})
    connection.request("POST", "/gradio_api/call/complete", body, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    assert status == 404
