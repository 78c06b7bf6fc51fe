"""What a person typed is in what they take along, in every format, opened as its receiver opens it."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Download, Page

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

pytestmark = pytest.mark.slow

ANSWER = "I would begin with the night shift, because the rabbits under ramp four chew the scanner cables every spring."


@pytest.fixture(scope="module")
def at_the_end(chromium: Fixture, app: Fixture, w: Fixture, person_class: Fixture) -> Fixture:
    """Somebody who typed about rabbits in the builder and went on to the end."""
    someone = person_class(chromium.new_context(accept_downloads=True), app, w)
    someone.make(answer=ANSWER)
    yield someone
    someone.context.close()


def saved(page: Page, name: str) -> Download:
    link = page.locator(f'#download-list a[href$="/files/{name}"]')
    with page.expect_download() as waiting:
        link.click()
    return waiting.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_what_i_typed_in_the_builder_is_in_the_pdf_i_downloaded(at_the_end: Fixture) -> None:

    from pypdf import PdfReader

    data = content(saved(at_the_end.page, "work-sample.pdf"))
    pages = PdfReader(io.BytesIO(data)).pages
    text = squeezed(" ".join(page.extract_text() for page in pages))
    assert "rabbits under ramp four chew the scanner cables every spring" in text
    assert "Simulated work sample" in text
    program = shutil.which("pdftotext")
    if program:
        told = subprocess.run([program, "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
        assert "rabbits under ramp four chew the scanner cables" in squeezed(told)


def test_the_word_file_opens_and_holds_what_i_typed(at_the_end: Fixture) -> None:
    with zipfile.ZipFile(io.BytesIO(content(saved(at_the_end.page, "work-sample.docx")))) as archive:
        assert archive.testzip() is None
        body = archive.read("word/document.xml").decode()
    assert "rabbits under ramp four" in squeezed(re.sub(r"<[^>]+>", "", body))


def test_the_zip_holds_every_file_of_the_page(at_the_end: Fixture) -> None:
    download = saved(at_the_end.page, "packet.zip")
    links = at_the_end.page.locator("#download-list a").evaluate_all("(all) => all.map((each) => each.pathname)")
    with zipfile.ZipFile(io.BytesIO(content(download))) as archive:
        assert archive.testzip() is None
        inside = {name.rpartition("/")[2] for name in archive.namelist()}
        resume = json.loads(archive.read(next(n for n in archive.namelist() if n.endswith("resume.json"))))
    assert inside == {link.rpartition("/")[2] for link in links} - {"packet.zip"}
    assert resume["projects"]
    assert not resume.get("work")


def test_every_file_comes_under_the_name_that_the_page_promises(at_the_end: Fixture) -> None:
    page = at_the_end.page
    told = "(all) => all.map((each) => [each.pathname, each.download])"
    links = page.locator("#download-list a").evaluate_all(told)
    assert len(links) > 10
    for path, promised in links:
        # Chromium lets one page start ten downloads in a row and holds back the next; a page loaded anew counts afresh.
        page.reload()
        download = saved(page, path.rpartition("/")[2])
        assert download.suggested_filename == promised
        assert "simulated-work-sample" in promised
        assert len(content(download)) > 50


def test_the_names_hold_without_the_page_too(at_the_end: Fixture) -> None:
    session = at_the_end.session
    answer = at_the_end.context.request.get(f"{at_the_end.app.url}/s/{session}/packet/files/work-sample.pdf")
    header = answer.headers["content-disposition"]
    assert header.startswith("attachment; ")
    assert unquote(header.rpartition("''")[2]) == "project-manager-simulated-work-sample.pdf"


def test_copying_gives_the_post_as_it_stands(at_the_end: Fixture) -> None:
    page = at_the_end.page
    at_the_end.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=at_the_end.app.url)
    page.get_by_role("button", name=at_the_end.w("packet.copy_post")).click()
    page.get_by_text(at_the_end.w("parts.copied")).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    post = content(saved(page, "linkedin-post.txt")).decode()
    assert squeezed(copied) == squeezed(post)
    assert copied.count("\n\n") == post.strip().count("\n\n")


def test_the_rehearsal_goes_through_all_questions_and_ends_with_the_company(at_the_end: Fixture) -> None:
    page, w = at_the_end.page, at_the_end.w
    session = at_the_end.session
    total = page.locator("#talking-points .questions > li").count()
    page.get_by_role("link", name=w("packet.talk.begin")).click()
    for number in range(1, total + 1):
        page.get_by_role("heading", name=w("packet.rehearsal.heading", number=number, total=total)).wait_for()
        page.get_by_text(w("packet.talk.show")).click()
        assert page.locator("#answer").inner_text()
        last = number == total
        assert page.get_by_text(w("packet.talk.reality")).count() == last
        page.get_by_role("link", name=w("packet.rehearsal.end" if last else "packet.rehearsal.next")).click()
    assert page.url.endswith(f"/s/{session}/packet")


def test_reading_and_downloading_need_no_script(at_the_end: Fixture, chromium: Fixture) -> None:
    plain = chromium.new_context(java_script_enabled=False, accept_downloads=True)
    plain.add_cookies(at_the_end.context.cookies())
    page = plain.new_page()
    page.goto(f"{at_the_end.app.url}/s/{at_the_end.session}/packet")
    assert page.locator("#post-text").inner_text()
    assert content(saved(page, "work-sample.pdf")).startswith(b"%PDF")
    page.goto(f"{at_the_end.app.url}/s/{at_the_end.session}/review")
    assert page.get_by_role("heading", name=at_the_end.w("review.heading")).is_visible()
    plain.close()
