import re
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import httpx
import pytest

from proofkit_ui.web.words import Words


class Visitor(Protocol):
    http: httpx.Client

    def start(self, demo: str = "") -> str: ...

    def see(self, path: str) -> httpx.Response: ...

    def send(
        self, path: str, files: Mapping[str, tuple[str, bytes, str]] | None = None, /, **fields: str
    ) -> httpx.Response: ...

    def save(self, path: str, **fields: str) -> httpx.Response: ...


class App(Protocol):
    def start(self) -> None: ...

    def kill(self) -> None: ...


class MakeApp(Protocol):
    def __call__(self, *, model: str = "template", models: str = "") -> App: ...


Visit = Callable[[App], Visitor]
STEPS = ("goal", "match", "challenge", "builder")
HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "# Heading\n\n[link](javascript:alert(1)) {{ 7*191 }} {% raw %}",
    "😀" * 50 + " \u202eabc مرحبا",
)


def test_the_first_page_gives_a_cookie_that_scripts_cannot_read(visitor: Visitor) -> None:
    answer = visitor.see("/")
    told = answer.headers["set-cookie"]
    assert re.match(r"proofkit_visitor=[A-Za-z0-9_-]{32};", told)
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    assert "Max-Age=31536000" in told
    assert "set-cookie" not in visitor.see("/").headers


def test_a_cookie_that_is_none_of_ours_is_replaced(visitor: Visitor) -> None:
    visitor.http.cookies.set("proofkit_visitor", "admin")
    assert "set-cookie" in visitor.see("/").headers


def test_every_page_says_what_it_may_load(visitor: Visitor) -> None:
    for path in ("/", "/nothing-here", visitor.start() + "/goal"):
        headers = visitor.see(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_page_holds_scripts_or_styles_of_its_own(visitor: Visitor) -> None:
    session = visitor.start("recruiter")
    for path in ("/", f"{session}/goal"):
        text = visitor.see(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", text)


def test_files_are_kept_for_ever_under_a_name_with_their_digest(visitor: Visitor) -> None:
    names = set(re.findall(r'/static/[^"#]+', visitor.see("/").text))
    assert names
    for name in names:
        answer = visitor.see(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers


def test_the_first_three_steps_work_without_a_script(visitor: Visitor) -> None:
    session = visitor.start()
    answer = visitor.send(f"{session}/goal", target_role="Recruiter", background="Hotel desk for seven years.")
    assert answer.url.path == f"{session}/match"
    assert "Recruiter" in answer.text
    answer = visitor.send(f"{session}/match", sample="hiring-scorecard")
    assert answer.url.path == f"{session}/challenge"
    answer = visitor.send(f"{session}/challenge", company="Tolver Buses", stay="yes")
    assert "Tolver Buses is fictional" in answer.text
    for step in STEPS:
        assert visitor.see(f"{session}/{step}").status_code == 200
    assert visitor.see(session).url.path == f"{session}/challenge"


def test_a_step_that_is_not_there_yet_leads_to_the_first_possible_one_with_a_sentence(
    visitor: Visitor, w: Words
) -> None:
    session = visitor.start()
    for step in ("match", "challenge"):
        answer = visitor.see(f"{session}/{step}")
        assert answer.url.path == f"{session}/goal"
        assert w("notes.first_goal") in answer.text


def test_what_is_typed_is_kept_and_says_so(visitor: Visitor) -> None:
    session = visitor.start()
    assert "Saved at" in visitor.save(f"{session}/goal/typed", background="half a sent").text
    assert "half a sent" in visitor.see(f"{session}/goal").text


def test_a_goal_with_something_missing_keeps_what_was_typed(visitor: Visitor, w: Words) -> None:
    session = visitor.start()
    answer = visitor.send(f"{session}/goal", target_role="", background="Hotel desk.", skills="patience")
    assert w("goal.target_role.missing") in answer.text
    assert "Hotel desk." in answer.text
    assert "Hotel desk." in visitor.see(f"{session}/goal").text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_is_typed_is_shown_as_text(hostile: str, visitor: Visitor) -> None:
    session = visitor.start()
    fields = dict.fromkeys(("background", "skills", "weak_spots", "job_ad", "resume", "name"), hostile)
    answer = visitor.send(f"{session}/goal", target_role=f"Recruiter {hostile}"[:110], **fields)
    pages = [answer.text, *(visitor.see(f"{session}/{step}").text for step in ("goal", "match", "challenge"))]
    for text in pages:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "1337" not in text


def test_a_field_takes_a_hundred_kilobytes_and_says_what_fits(visitor: Visitor) -> None:
    session = visitor.start()
    answer = visitor.send(f"{session}/goal", target_role="Recruiter", background="wörd " * 20_000)
    assert answer.status_code == 200
    assert "4,000 fit" in answer.text


def test_a_resume_can_be_uploaded_and_is_read(visitor: Visitor) -> None:
    session = visitor.start()
    file = ("cv.txt", b"Front desk, Hotel Linde, seven years", "text/plain")
    answer = visitor.send(
        f"{session}/goal/file", {"resume_file": file}, read_resume="yes", background="typed meanwhile"
    )
    assert "Front desk, Hotel Linde, seven years" in answer.text
    assert "typed meanwhile" in answer.text


def test_a_file_that_cannot_be_read_says_so_and_loses_nothing(visitor: Visitor) -> None:
    session = visitor.start()
    file = ("cv.exe", b"MZ\x00\x01\x02" * 50, "application/pdf")
    answer = visitor.send(
        f"{session}/goal/file", {"resume_file": file}, read_resume="yes", background="typed meanwhile"
    )
    assert "typed meanwhile" in answer.text
    assert "PDF" in answer.text
    assert 'id="resume_file-error"' in answer.text


def test_a_real_company_is_refused_where_it_was_typed(visitor: Visitor) -> None:
    session = visitor.start("recruiter")
    visitor.send(f"{session}/goal", **_goal(visitor, session))
    answer = visitor.send(f"{session}/challenge", company="Amazon", stay="yes")
    assert 'id="company-error"' in answer.text
    assert 'value="Amazon"' in answer.text


def test_another_role_and_another_company_bring_another_challenge_that_can_be_undone(visitor: Visitor) -> None:
    session = visitor.start("recruiter")
    visitor.send(f"{session}/goal", **_goal(visitor, session))
    before = _company(visitor, session)
    visitor.send(f"{session}/challenge/company")
    assert _company(visitor, session) != before
    answer = visitor.send(f"{session}/match/role", role="bookkeeper")
    assert "You chose it yourself" in answer.text
    undo = re.search(r'name="to" value="(\d+)"', answer.text)
    assert undo
    visitor.send(f"{session}/undo", to=undo[1], back=f"{session}/match")
    assert "Recruiter" in visitor.see(f"{session}/match").text


def test_a_role_that_is_not_covered_is_told_honestly(visitor: Visitor, w: Words) -> None:
    session = visitor.start("long-tail")
    answer = visitor.send(f"{session}/goal", **_goal(visitor, session))
    assert w("match.uncovered.title") in answer.text
    assert w("match.uncovered.own_words") in answer.text


def test_a_strange_address_gets_a_page_with_advice(visitor: Visitor, w: Words) -> None:
    for path in ("/nothing-here", "/s/s_" + "x" * 24 + "/goal", "/s/short/goal", "/s/s_" + "x" * 24 + "/nothing"):
        answer = visitor.see(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert w("errors.home") in answer.text


def test_a_form_of_another_site_is_refused_with_a_page(visitor: Visitor, w: Words) -> None:
    answer = visitor.http.post("/start", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert w("errors.foreign-page.heading") in answer.text


def test_a_piece_of_a_page_is_answered_with_a_piece(visitor: Visitor) -> None:
    answer = visitor.save("/s/s_" + "x" * 24 + "/goal/typed", background="x")
    assert answer.status_code == 404
    assert answer.headers["hx-retarget"] == "#messages"
    assert "<html" not in answer.text


def test_pages_answer_quickly(visitor: Visitor) -> None:
    session = visitor.start("recruiter")
    visitor.send(f"{session}/goal", **_goal(visitor, session))
    for path in ("/", *(f"{session}/{step}" for step in ("goal", "match", "challenge"))):
        best = min(_seconds(visitor, path) for _ in range(5))
        assert best < 0.1, path


def test_programs_get_problems_and_no_cookie(visitor: Visitor) -> None:
    answer = visitor.see("/v1/sessions/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


def test_two_visitors_never_read_each_others_words(app: App, visit: Visit) -> None:
    one, other = visit(app), visit(app)
    session = one.start()
    one.send(f"{session}/goal", target_role="Otter keeper", background="My secret background.")
    for path in (session, *(f"{session}/{step}" for step in STEPS)):
        answer = other.see(path)
        assert answer.status_code == 404
        assert "secret" not in answer.text
    for path in (
        "goal",
        "goal/typed",
        "goal/file",
        "match",
        "match/role",
        "match/again",
        "challenge",
        "challenge/company",
    ):
        assert (
            other.send(f"{session}/{path}", target_role="Thief", background="Gotcha", role="bookkeeper").status_code
            == 404
        )
    assert "Otter keeper" not in other.see("/").text
    assert "Otter keeper" in one.see("/").text
    assert other.http.get("/v1/sessions").json() == {"sessions": []}


def test_a_restart_loses_nothing(make_app: MakeApp, visit: Visit) -> None:
    app = make_app()
    somebody = visit(app)
    session = somebody.start()
    somebody.send(f"{session}/goal", target_role="Recruiter", background="Hotel desk for seven years.")
    somebody.save(f"{session}/goal/typed", background="Hotel desk for seven years, and a bar.")
    app.kill()
    app.start()
    assert "Recruiter" in somebody.see("/").text
    assert "and a bar." in somebody.see(f"{session}/goal").text
    assert somebody.see(f"{session}/challenge").status_code == 200


def _goal(visitor: Visitor, session: str) -> dict[str, str]:
    """Return what the form holds, as a browser would send it back."""
    text = visitor.see(f"{session}/goal").text
    role = re.search(r'<input type="text" value="([^"]*)" id="target_role"', text)
    background = re.search(r'<textarea[^>]*id="background"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    assert role
    assert background
    return {"target_role": role[1], "background": background[1].replace("&#39;", "'")}


def _company(visitor: Visitor, session: str) -> str:
    found = re.search(r'id="company-card-heading"[^>]*>([^<]+)<', visitor.see(f"{session}/challenge").text)
    assert found
    return found[1]


def _seconds(visitor: Visitor, path: str) -> float:
    started = time.perf_counter()
    assert visitor.see(path).status_code == 200
    return time.perf_counter() - started
