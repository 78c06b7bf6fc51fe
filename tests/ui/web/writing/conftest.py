"""Sessions as the service makes them, without a server, and servers whose model does what a test wants."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import httpx
import pytest

from proofkit_core.generation import (
    CancelSignal,
    Candidate,
    Completion,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    PromptKind,
)
from proofkit_core.roles.index import RoleIndex
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.api.changing import goal_event
from proofkit_serve.faults import Asked, Scenario, fault_server, good_answer
from proofkit_serve.jobs.drafting import Bench, Put, draft
from proofkit_serve.sessions import Document, SessionEvent, new_document, new_id, reduce
from proofkit_serve.wire.events import GenerationEventBody
from proofkit_serve.wire.requests import ExerciseJob, GenerationInput, GoalInput

RABBITS = "the rabbits under ramp four chew the scanner cables every spring"
GoalField = Any
"""A value of one of the goal's fields."""
GOAL: dict[str, Any] = {
    "target_role": "Project manager (entry level)",
    "background": "Shift lead in a parcel depot for six years. I brought missed scans down from 9 to 4 percent.",
    "skills": ("planning", "risk management"),
    "notes": (RABBITS,),
    "preferred_sample": "risk plan",
}


class Written:
    """A model that writes what a test gives it, in small pieces."""

    identity = ModelIdentity(id="pen", name="The Pen", artifact_digest="0" * 64)

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        del request, cancel, on_place
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        for piece in re.findall(r"\S+\s*", text):
            if on_text:
                on_text(piece)
        return Completion(
            text=text,
            finish_reason=FinishReason.STOP,
            model=self.identity,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=len(text.split()),
            first_token_s=0.0,
            total_s=0.0,
        )


class Running(Protocol):
    """A program that runs; see the conftest above."""

    url: str

    def kill(self) -> None: ...

    def start(self) -> None: ...


class Made:
    """A document, with what was told while it was made."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.events: list[SessionEvent] = []
        self.told: list[GenerationEventBody] = []

    def put(self, event: SessionEvent) -> Document:
        self.document = reduce(self.document, event)
        self.events.append(event)
        return self.document


class Make(Protocol):
    def __call__(self, *wanted: GenerationInput, models: tuple[Written, ...] = (), **goal: GoalField) -> Made: ...


@pytest.fixture(scope="session")
def go_on(role_index: RoleIndex) -> Callable[..., None]:
    def goes_on(made: Made, wanted: GenerationInput, models: tuple[Written, ...] = ()) -> None:
        workshop = Workshop(
            contract=load_contract(),
            index=role_index,
            product_version="0",
            candidates=tuple(Candidate(generator=each, prompts=PromptKind.FROZEN) for each in models),
            time_limit_s=5.0,
        )

        def put(result: Put) -> Document:
            return made.put(result.event)

        bench = Bench(
            workshop=workshop,
            cancel=threading.Event(),
            tell=made.told.append,
            observe=lambda _event: None,
            current=lambda: made.document,
            put=put,
            turned_down=lambda _part, _message: None,
            spent=lambda _attempts, _tokens: None,
        )
        draft(wanted, made.document, bench)

    return goes_on


@pytest.fixture(scope="session")
def make(go_on: Callable[..., None]) -> Make:
    """A session with a goal and an exercise, and what else is wanted."""

    def made_of(*wanted: GenerationInput, models: tuple[Written, ...] = (), **goal: GoalField) -> Made:
        made = Made(new_document(new_id("s")))
        made.put(goal_event(GoalInput(**(GOAL | goal))))
        go_on(made, ExerciseJob(kind="exercise"))
        for each in wanted:
            go_on(made, each, models)
        return made

    return made_of


@pytest.fixture(scope="session")
def pen() -> type[Written]:
    return Written


@pytest.fixture(scope="session")
def rabbits() -> str:
    return RABBITS


class Visitor:
    """Somebody without JavaScript: forms are sent and pages are loaded."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"origin": url}, timeout=60.0)
        self.http.get("/")
        self.session = ""

    def begin(self, model: str = "", **goal: str) -> str:
        """Begin a session with a goal and its exercise, and return the address below which its pages are."""
        self.session = self.http.post("/start").headers["location"].split("/")[2]
        told = {name: text if isinstance(text, str) else "\n".join(text) for name, text in GOAL.items()} | goal
        answer = self.http.post(f"{self.base}/goal", data=told)
        assert answer.status_code == 303, answer.text
        self.until(lambda: self.http.get(f"{self.base}/builder").status_code == 200)
        if model:
            self.http.post(f"{self.base}/model", data={"model": model, "back": f"{self.base}/builder"})
        return self.base

    @property
    def base(self) -> str:
        return f"/s/{self.session}"

    def page(self, path: str) -> str:
        answer = self.http.get(path if path.startswith("/") else f"{self.base}/{path}")
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"), answer.text[:500])
        return answer.text

    def send(self, path: str, **fields: str) -> str:
        """Send a form, and return the address it leads to."""
        answer = self.http.post(f"{self.base}/{path}", data={name.replace("__", "."): t for name, t in fields.items()})
        assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
        return answer.headers["location"]

    def sections(self) -> list[str]:
        found = re.findall(rf'{self.base}/builder/([a-z0-9-]+)" dir', self.page("builder"))
        return list(dict.fromkeys(found))

    def fields(self, section: str) -> list[str]:
        return re.findall(r'name="seen\.([^"]+)"', self.page(f"builder/{section}"))

    def wait(self, location: str) -> str:
        """Wait until the draft that an address names is over, and return the page."""
        path = location.partition("#")[0]
        self.until(lambda: "data-events" not in self.page(path))
        return self.page(path)

    @staticmethod
    def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
        ends = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < ends
            time.sleep(0.1)


Visit = Callable[[str], Visitor]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Gives somebody a browser without JavaScript."""
    people: list[Visitor] = []

    def visited(url: str) -> Visitor:
        people.append(Visitor(url))
        return people[-1]

    yield visited
    for person in people:
        person.http.close()


@pytest.fixture
def visitor(app: Running, visit: Visit) -> Visitor:
    return visit(app.url)


_DRAFT = re.compile(r"<draft>\n(.*?)\n</draft>", re.DOTALL)


def _rewritten(asked: Asked) -> str:
    """Return the text that is to be rewritten, with its end in other words; any other answer as the fault server."""
    found = _DRAFT.search(asked.prompt)
    if found is None:
        return good_answer(asked)
    return f"{found[1].rstrip()}\n\nThat is the order in which I would go about it, and I would say so at the start."


class WithFaults(Protocol):
    def __call__(self, *scenarios: Scenario) -> Running: ...


@pytest.fixture
def with_faults(make_app: Callable[..., Running]) -> Iterator[WithFaults]:
    """Starts a program with a model, `far`, that fails or waits as a test wants."""
    with ExitStack() as servers:

        def made(*scenarios: Scenario) -> Running:
            faults = servers.enter_context(fault_server(*scenarios, answer=_rewritten))
            return make_app(
                model="",
                models='[[model]]\nid = "template"\nbackend = "template"\n\n'
                '[[model]]\nid = "far"\nname = "Far away"\nbackend = "openai_compatible"\nprompts = "editable"\n'
                f'allow_unknown = true\nmodel = "fault"\nbase_urls = ["{faults.base_url}"]\n',
            )

        yield made
