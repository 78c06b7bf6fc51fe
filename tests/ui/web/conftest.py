"""A real server process, a real browser, and people who sit before it with a mouse or with a keyboard alone."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs] - it has none
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    ViewportSize,
    sync_playwright,
)

from proofkit_prompts import load_contract
from proofkit_serve.faults.running import fault_server
from proofkit_serve.faults.scenarios import Pace
from proofkit_ui.web.words import Words, load_words

STEPS = ("goal", "match", "challenge", "builder", "sample", "review", "packet")
PHONE = {"width": 320, "height": 700}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
_START_S = 180.0
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_WAIT_MS = 60_000


class App:
    """The program as a person starts it, with a folder and a port of its own that survive a restart."""

    def __init__(self, folder: Path, environment: dict[str, str], model: str, models: str = "") -> None:
        self.folder = folder
        self._environment = environment
        self._model = model
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._config: list[str] = []
        if models:
            listed = folder.with_suffix(".models.toml")
            listed.write_text(models, encoding="utf-8")
            config = folder.with_suffix(".toml")
            config.write_text(f"models = {json.dumps(str(listed))}\n", encoding="utf-8")
            self._config = ["--config", str(config)]

    def start(self) -> None:
        command = [sys.executable, "-m", "proofkit_ui.cli", "app", "--no-browser", "--data", str(self.folder)]
        command += ["--port", str(self.port), *(["--model", self._model] if self._model else []), *self._config]
        log = self.folder.with_suffix(".log").open("ab")
        # Beside other tests, the process that reads an uploaded file starts slowly.
        around = {**self._environment, "PROOFKIT_LIMITS__UPLOAD_SECONDS": "90"}
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=around)
        log.close()
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log)
            time.sleep(0.05)

    @property
    def log(self) -> str:
        return self.folder.with_suffix(".log").read_text(encoding="utf-8", errors="replace")

    @property
    def worked_s(self) -> float:
        """How long the processor has worked for it so far, all its threads together."""
        assert self.process is not None
        after_name = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
        return number


class MakeApp(Protocol):
    def __call__(self, *, model: str = "template", models: str = "") -> App: ...


@pytest.fixture(scope="session")
def make_app(apart: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeApp]:
    """Starts servers, each with a folder of its own; all are stopped at the end."""
    running: list[App] = []

    def make(*, model: str = "template", models: str = "") -> App:
        app = App(tmp_path_factory.mktemp("person") / "data", apart, model, models)
        running.append(app)
        app.start()
        return app

    yield make
    for app in running:
        app.stop()


@pytest.fixture(scope="session")
def app(make_app: MakeApp) -> App:
    """One server that writes without a model; people do not see each other, so tests can share it."""
    return make_app()


@pytest.fixture
def slow_app(make_app: MakeApp) -> Iterator[App]:
    """A server whose model takes its time, so that there is a middle of a draft."""
    contract = load_contract()
    with fault_server(pace=Pace(first_token_s=0.3, between_s=0.25)) as model:
        yield make_app(
            model="",
            models=f"""
[[model]]
id = "slow"
backend = "openai_compatible"
base_urls = ["{model.base_url}"]
model = "slow"
artifact_digest = "{"ab" * 32}"
contract = {{ version = "{contract.version}", digest = "{contract.digest}" }}
limits = {{ total_s = 300.0 }}
""",
        )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one file of tests: while it is open, an event loop runs, and tests of others need their own."""
    program = os.environ.get("PROOFKIT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed; `apt-get install chromium` brings it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def w() -> Words:
    return load_words("en")


class Person:
    """Somebody with a browser of their own. Whatever the console says against a page is kept."""

    def __init__(self, context: BrowserContext, app: App, w: Words) -> None:
        self.context = context
        self.app = app
        self.w = w
        self.page = context.new_page()
        self.page.set_default_timeout(_WAIT_MS)
        self.troubles: list[str] = []
        self.expected: list[str] = []
        self.bytes: dict[str, int] = {}
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("dialog", self._on_dialog)

    def _on_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    # Hands -----------------------------------------------------------------------------------------------------------
    def press(self, target: Locator) -> None:
        target.click()

    def type(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator) -> None:
        target.check()

    # Places ----------------------------------------------------------------------------------------------------------
    def open(self, path: str = "/") -> None:
        self.page.goto(self.app.url + path)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        main = self.page.get_by_role("main")
        return main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile("^" + re.escape(label)))

    @property
    def step(self) -> str:
        return self.page.url.partition("/s/")[2].partition("/")[2].partition("?")[0].partition("#")[0]

    @property
    def session(self) -> str:
        return self.page.url.partition("/s/")[2].partition("/")[0]

    def at(self, step: str) -> None:
        """Wait until a step's page is there as a whole."""
        self.page.wait_for_url(re.compile(rf"/s/[^/]+/{step}(?:[?#].*)?$"))
        self.page.wait_for_load_state()

    def step_path(self, step: str) -> str:
        return f"/s/{self.session}/{step}"

    def drafted(self) -> None:
        """Wait until no draft runs on this page."""
        self.page.locator("#draft[data-events]").wait_for(state="detached")

    def saved(self) -> None:
        """Wait until the page says that everything typed is saved."""
        self.page.locator(".is-saved").first.wait_for()

    # The journey -----------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        self.open()
        self.press(self.button(self.w("start.begin")))
        self.at("goal")

    def tell_goal(self, **typed: str) -> None:
        told = {
            "target_role": "Project manager",
            "background": "Shift lead in a parcel depot for six years. I moved the scanners to where people stand.",
            "skills": "planning\nspotting risks early",
            "weak_spots": "nervous about budgets",
        } | typed
        for name, text in told.items():
            self.type(self.field(self.w(f"goal.{name}.label")), text)
        self.press(self.button(self.w("goal.forward")))
        self.at("match")

    def take_match(self) -> None:
        self.button(self.w("match.forward")).wait_for()
        self.press(self.button(self.w("match.forward")))
        self.at("challenge")

    def take_challenge(self) -> None:
        self.press(self.button(self.w("challenge.forward")))
        self.at("builder")

    def answer_first(self, text: str) -> None:
        """Open the first section and answer its first question."""
        self.press(self.page.locator("#builder-rows a").first)
        self.at(r"builder/[^/]+")
        self.type(self.page.locator("main textarea").first, text)
        self.saved()

    def draft_all(self) -> None:
        """From a section or the builder: let everything be drafted, and go on to the work sample."""
        if self.step != "builder":
            self.press(self.page.get_by_role("link", name=self.w("builder.all_sections")).first)
            self.at("builder")
        self.press(
            self.button(
                re.compile(f"^({re.escape(self.w('builder.draft_all'))}|{re.escape(self.w('builder.draft_rest'))})")
            )
        )
        self.button(self.w("builder.forward_sample")).wait_for()
        self.press(self.button(self.w("builder.forward_sample")))
        self.at("sample")

    def take_sample(self) -> None:
        self.press(self.button(self.w("sample.forward")))
        self.at("review")

    def take_review(self) -> None:
        self.press(
            self.button(
                re.compile(f"^({re.escape(self.w('review.forward_anyway'))}|{re.escape(self.w('review.forward'))})$")
            )
        )
        self.at("packet")

    def finish(self) -> None:
        self.press(self.button(self.w("packet.finish")))
        self.page.locator("#downloads").wait_for()

    def make(
        self,
        until: str = "packet",
        answer: str = "I would start with the night shift, because rabbits taught me patience.",
    ) -> None:
        """Go from the start page to a step."""
        self.begin()
        walk: tuple[tuple[str, Callable[[], None]], ...] = (
            ("goal", self.tell_goal),
            ("match", self.take_match),
            ("challenge", self.take_challenge),
            ("builder", lambda: (self.answer_first(answer), self.draft_all())),  # type: ignore[arg-type,return-value]
            ("sample", self.take_sample),
            ("review", self.take_review),
        )
        for step, go_on in walk:
            if step == until:
                return
            go_on()
        self.finish()

    # What the page is like -------------------------------------------------------------------------------------------
    def axe(self) -> list[str]:
        """Return what axe has against the page as it stands."""
        found: list[dict[str, Any]] = cast("Any", Axe()).run(self.page, options=_RULES).response["violations"]
        return [
            f"{each['id']}: {node['html'][:160]} ({'; '.join(any_['message'] for any_ in node['any'][:1])[:160]})"
            for each in found
            for node in each["nodes"][:3]
        ]

    def too_wide(self) -> list[str]:
        """Return what makes the page scroll sideways."""
        found: list[str] = self.page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
                .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
                .slice(0, 5).map((each) => each.outerHTML.slice(0, 120))"""
        )
        return found


class Typist(Person):
    """Somebody who has no mouse: everything is reached with Tab and the arrows."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def type(self, target: Locator, text: str) -> None:
        self._reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def choose(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Space")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(300):
            if target.evaluate("(element) => element === document.activeElement"):
                assert self._is_seen(), f"The focus cannot be seen: {target}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def _is_seen(self) -> bool:
        """Say whether the element with the focus is in view, not covered, and drawn differently."""
        seen: bool = self.page.evaluate(
            """() => {
                const element = document.activeElement;
                const box = element.getBoundingClientRect();
                const style = getComputedStyle(element);
                const around = getComputedStyle(element.closest('.choice') ?? element);
                const marked = [style, around].some(
                    (each) => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) >= 2);
                const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
                const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
                const top = document.elementFromPoint(x, y);
                const inView = box.bottom > 0 && box.top < innerHeight;
                return marked && inView && (element.contains(top) || top?.contains(element));
            }"""
        )
        return seen


class Invite(Protocol):
    def __call__(self, app: App, *, hands: type[Person] = Person, **context: object) -> Person: ...


@pytest.fixture
def invite(chromium: Browser, w: Words) -> Iterator[Invite]:
    """Gives somebody a browser of their own. At the end, no console may have said anything against our pages."""
    people: list[Person] = []

    def make(app: App, *, hands: type[Person] = Person, **context: object) -> Person:
        opened = chromium.new_context(**{"viewport": DESKTOP, **context})  # type: ignore[arg-type]
        person = hands(opened, app, w)
        people.append(person)
        return person

    yield make
    troubles = [
        trouble
        for person in people
        for trouble in person.troubles
        if not any(each in trouble for each in person.expected)
    ]
    for person in people:
        try:
            person.context.close()
        except Error:  # the browser is gone, and with it the context
            continue
    assert troubles == []


@pytest.fixture
def person(app: App, invite: Invite) -> Person:
    return invite(app)


@pytest.fixture(scope="session")
def typist() -> type[Person]:
    return Typist


@pytest.fixture(scope="module")
def made(chromium: Browser, app: App, w: Words) -> Iterator[str]:
    """The cookies of somebody who has come to the end, as JSON; a test that only looks need not make the journey."""
    person = Person(chromium.new_context(viewport=DESKTOP), app, w)
    person.make()
    yield json.dumps({"session": person.session, "cookies": person.context.cookies()})
    person.context.close()
