"""The page on which people rate: real requests to a real server on this machine."""

import re
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.judging import JudgeItem, Rating, load_rubric
from proofkit_eval.judging.rating import Desk, RatingServer, open_server, read_ratings
from proofkit_eval.logs import RowLog
from proofkit_eval.records import Prompt

RUBRIC = load_rubric()
ITEMS = [item.id for item in RUBRIC.items_of("draft_section")]
WHOLE = dict.fromkeys(RUBRIC.axis_ids, "4") | dict.fromkeys(ITEMS, "yes")


class Page:
    """A browser without a screen."""

    def __init__(self, server: RatingServer) -> None:
        self.host, self.path = urlsplit(server.address).netloc, urlsplit(server.address).path

    def ask(
        self, method: str = "GET", form: dict[str, str] | None = None, /, **headers: str
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.host, timeout=10)
        path = headers.pop("path", self.path)
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection.request(method, path, body=urlencode(form) if form is not None else None, headers=sent)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text


@pytest.fixture
def kept() -> list[Rating]:
    return []


@pytest.fixture
def page(make_prompt: Callable[..., Prompt], kept: list[Rating]) -> Iterator[Page]:
    texts = ["At Marramkeld Supply <script>alert(1)</script>", "I am Qwen2.5 and plan."]
    items = [
        JudgeItem(key=str(number), alias=f"R-{number}", prompt=make_prompt(number), answer=text)
        for number, text in enumerate(texts)
    ]
    desk = Desk("ann", items, RUBRIC, keep=kept.append, giveaways=("qwen",))
    with open_server(desk) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield Page(server)
        server.close()
        thread.join(10)


def test_an_answer_is_shown_blind_and_harmless(page: Page) -> None:
    response, text = page.ask()
    assert response.status == 200
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "1 of 2" in text
    assert "default-src 'none'" in (response.getheader("Content-Security-Policy") or "")
    assert text.count("<fieldset") == len(RUBRIC.axis_ids) + len(ITEMS)
    assert len(re.findall(r'data-key="[1-5]"', text)) == 5 * len(RUBRIC.axis_ids)


def test_a_whole_form_is_kept_and_the_next_answer_comes(page: Page, kept: list[Rating]) -> None:
    response, _ = page.ask("POST", {"alias": "R-0", "repeat": "0", **WHOLE})
    assert response.status == 303
    assert kept[0].axes == dict.fromkeys(RUBRIC.axis_ids, 4)
    _, text = page.ask()
    assert "2 of 2" in text
    assert "[name]" in text
    assert "Qwen" not in text


def test_a_form_with_gaps_comes_back_with_what_was_chosen(page: Page, kept: list[Rating]) -> None:
    response, text = page.ask("POST", {"alias": "R-0", "repeat": "0", **WHOLE, "depth": ""})
    assert response.status == 422
    assert 'role="alert"' in text
    assert "Still open: depth." in text
    assert text.count(" checked") == len(WHOLE) - 1
    assert kept == []


def test_the_same_form_twice_is_kept_once(page: Page, kept: list[Rating]) -> None:
    for _ in range(2):
        page.ask("POST", {"alias": "R-0", "repeat": "0", **WHOLE})
    assert len(kept) == 1


def test_an_answer_can_be_skipped_and_the_end_is_told(page: Page, kept: list[Rating]) -> None:
    for alias in ("R-0", "R-1"):
        page.ask("POST", {"alias": alias, "repeat": "0", "skip": "1"})
    assert [each.reason for each in kept] == ["skipped by the person who rates"] * 2
    assert "All rated" in page.ask()[1]


@pytest.mark.parametrize(
    "headers", [{"path": "/"}, {"path": "/guess/"}, {"Host": "evil.example"}, {"Host": "evil.example:80"}]
)
def test_strangers_find_nothing(page: Page, headers: dict[str, str]) -> None:
    assert page.ask(**headers)[0].status == 404


def test_a_form_of_another_page_is_refused(page: Page, kept: list[Rating]) -> None:
    form = {"alias": "R-0", "repeat": "0", **WHOLE}
    assert page.ask("POST", form, Origin="http://evil.example")[0].status == 403
    assert page.ask("POST", {"x": "y" * 70_000})[0].status == 400
    assert kept == []


def test_a_person_goes_on_where_they_stopped(tmp_path: Path, make_prompt: Callable[..., Prompt]) -> None:
    items = [JudgeItem(key=name, alias=f"R-{name}", prompt=make_prompt(), answer="A text.") for name in "ab"]
    path = tmp_path / "ratings.jsonl"
    with RowLog(path) as rows:
        assert Desk("ann", items, RUBRIC, keep=rows.append).rate("R-a", 0, WHOLE) is None
    again = Desk("ann", items, RUBRIC, keep=lambda _: None, done=read_ratings(path))
    turn = again.next_turn()
    assert turn is not None
    assert (turn.item.alias, turn.place) == ("R-b", 2)


def test_a_broken_file_of_ratings_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "ratings.jsonl"
    path.write_text('{"alias":"R-1","judge":"ann"}\n{"alias":3}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_ratings(path)
