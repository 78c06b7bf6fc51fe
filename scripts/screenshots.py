"""Pictures of every page and state, light and dark, on a desktop and on a phone, in a folder that Git ignores.

Run it with `uv run --group test python scripts/screenshots.py [FOLDER]`; it starts a server of its own, makes one
journey with it, and takes about two minutes. Look at each picture before a release.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from proofkit_ui.web.words import load_words

OUT = Path("out/screenshots")
SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
START_S = 180
WAIT_MS = 120_000


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Yield the address of a server that writes without a model."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "proofkit_ui.cli", "app", "--no-browser", "--data", str(folder)]
    process = subprocess.Popen([*command, "--model", "template", "--port", str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    try:
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The server did not start; run `uv run proofkit app` to see why.")
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004 - it answers
    except (urllib.error.URLError, OSError):
        return False


class Camera:
    """Takes a page in all screens and themes, numbered in the order of the journey."""

    def __init__(self, page: Page, folder: Path) -> None:
        """Take pictures of one page.

        Args:
            page: The page; its size and colours are changed for each picture.
            folder: Where pictures go.
        """
        self.page = page
        self.folder = folder
        self.count = 0

    def take(self, name: str) -> None:
        """Write the pictures of the page as it stands."""
        self.count += 1
        for screen, size in SCREENS.items():
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            # As high as the page, so that what sticks to the lower edge lies where it belongs.
            high = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], high)})
            for theme in THEMES:
                self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                self.page.screenshot(path=self.folder / f"{self.count:02}-{name}-{screen}-{theme}.png", full_page=True)
        self.page.set_viewport_size({"width": SCREENS["desktop"]["width"], "height": SCREENS["desktop"]["height"]})
        print(f"{self.count:02} {name}", flush=True)


def journey(browser: Browser, url: str, folder: Path) -> None:
    """Walk from the start page to the files, with an example's words, and take everything on the way."""
    w = load_words("en")
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(WAIT_MS)
    camera = Camera(page, folder)
    main = page.get_by_role("main")

    def press(key: str, **values: object) -> None:
        name = w(key, **values)
        main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first.click()
        page.wait_for_load_state()

    def look(path: str, name: str) -> None:
        page.goto(url + path)
        camera.take(name)

    look("/", "start")
    press("start.begin")
    camera.take("goal-empty")
    press("goal.forward")
    camera.take("goal-problems")
    page.goto(url)
    page.locator("form:has(input[name=demo])").first.get_by_role("button").click()
    page.wait_for_url("**/goal*")
    session = page.url.partition("/s/")[2].partition("/")[0]
    camera.take("goal")
    press("goal.forward")
    page.get_by_role("button", name=w("match.forward")).wait_for()
    camera.take("match")
    press("match.forward")
    camera.take("challenge")
    press("challenge.forward")
    camera.take("builder-empty")
    _write(page, url, session, camera)
    look(f"/s/{session}/sample", "sample")
    _revise(page, w("sample.shorter"), camera)
    look(f"/s/{session}/review", "review")
    look(f"/s/{session}/packet", "packet-unfinished")
    press("packet.finish")
    page.locator("#downloads").wait_for()
    page.wait_for_load_state("networkidle")
    camera.take("packet")
    _change_post(page, camera)
    press("packet.talk.begin")
    camera.take("rehearsal")
    _around(camera, url, session)


def _write(page: Page, url: str, session: str, camera: Camera) -> None:
    """Answer one question, and let everything be drafted."""
    w = load_words("en")
    page.locator("#builder-rows a").first.click()
    page.wait_for_load_state()
    page.locator("main textarea").first.fill("I would begin small, because the night shift has the fewest hands.")
    page.locator(".is-saved").first.wait_for()
    camera.take("section")
    page.goto(f"{url}/s/{session}/builder")
    page.get_by_role("button", name=w("builder.draft_all")).click()
    page.get_by_role("button", name=w("builder.forward_sample")).wait_for()
    camera.take("builder-drafted")
    page.locator("#builder-rows a").first.click()
    page.wait_for_load_state()
    camera.take("section-drafted")


def _revise(page: Page, wish: str, camera: Camera) -> None:
    """Ask for another text of the first section, and show the change that waits."""
    page.locator("details[id^=tools-] summary").first.click()
    camera.take("sample-tools")
    page.locator("details[id^=tools-]").first.get_by_role("button", name=wish).click()
    page.wait_for_load_state()
    page.locator("#draft[data-events]").wait_for(state="detached")
    camera.take("sample-change")


def _change_post(page: Page, camera: Camera) -> None:
    """Put a text of one's own in the place of the post, and show the form with a sentence that is refused."""
    w = load_words("en")
    for text, name in (
        ("I would ask the night shift first.", "packet-post-changed"),
        ("I was head of operations at Contoso.", "packet-post-refused"),
    ):
        page.locator("#change-post summary").click()
        page.get_by_label(w("packet.post.edit"), exact=True).fill(text)
        page.get_by_role("button", name=w("packet.post.edit_save")).click()
        page.wait_for_load_state("networkidle")
        camera.take(name)


def _around(camera: Camera, url: str, session: str) -> None:
    pages = {
        f"/s/{session}/model": "model",
        f"/s/{session}/start-over": "start-over",
        "/data": "data",
        "/data/delete": "deleting",
        "/what-leaves": "what-leaves",
        "/": "start-again",
        "/nowhere": "no-such-page",
    }
    for path, name in pages.items():
        camera.page.goto(url + path)
        camera.take(name)


def main() -> None:
    """Write all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    program = os.environ.get("PROOFKIT_CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise SystemExit("Chromium is not installed; `apt-get install chromium` brings it.")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as kept, served(Path(kept)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            journey(browser, url, folder)
        finally:
            browser.close()
    print(f"Pictures are in {folder}.")


if __name__ == "__main__":
    main()
