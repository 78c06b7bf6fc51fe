"""Sessions as the service makes them, without a server; and visitors of a real one who need no browser."""

import html
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import httpx
import pytest

from proofkit_core.generation import Candidate, PromptKind
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.api.changing import goal_event
from proofkit_serve.jobs.drafting import Bench, Put, draft
from proofkit_serve.sessions import Document, new_document, new_id, reduce
from proofkit_serve.wire.requests import GenerationInput, GoalInput, PacketJob, SectionsJob

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

RABBITS = "the rabbits under ramp four chew the scanner cables every spring"


class MakeDocument(Protocol):
    def __call__(self, *, until: str = "packet", models: tuple[Any, ...] = (), **goal: Fixture) -> Document: ...


def made(document: Document, wanted: GenerationInput, models: tuple[Any, ...] = ()) -> Document:
    """Return a document after one generation."""
    workshop = Workshop(
        contract=load_contract(),
        index=build_index(load_catalogue()),
        product_version="0.1.0",
        candidates=tuple(Candidate(generator=each, prompts=PromptKind.FROZEN) for each in models),
        time_limit_s=5.0,
    )
    current = document

    def put(result: Put) -> Document:
        nonlocal current
        current = reduce(current, result.event)
        return current

    bench = Bench(
        workshop=workshop,
        cancel=threading.Event(),
        tell=lambda _event: None,
        observe=lambda _event: None,
        current=lambda: current,
        put=put,
        turned_down=lambda _part, _message: None,
        spent=lambda _attempts, _tokens: None,
    )
    draft(wanted, document, bench)
    return current


@pytest.fixture(scope="session")
def make_again() -> Callable[..., Document]:
    return made


@pytest.fixture(scope="session")
def make_document() -> MakeDocument:
    """Makes a session up to its sections or its packet, by default without a model."""

    def make(*, until: str = "packet", models: tuple[Any, ...] = (), **goal: Fixture) -> Document:
        told: dict[str, Any] = {
            "target_role": "Project manager (entry level)",
            "background": "Shift lead in a parcel depot for six years, nights and weekends.",
            "skills": ("planning", "risk management"),
            "weak_spots": ("nervous about budgets",),
            "notes": (RABBITS,),
            "name": "Maya Ökafor",
        } | goal
        document = reduce(new_document(new_id("s")), goal_event(GoalInput(**told)))
        wanted = SectionsJob(kind="sections") if until == "sections" else PacketJob(kind="packet")
        return made(document, wanted, models)

    return make


@pytest.fixture(scope="session")
def written(make_document: MakeDocument) -> Document:
    """A session with a text for each section, and no packet yet."""
    return make_document(until="sections")


@pytest.fixture(scope="session")
def finished(make_document: MakeDocument) -> Document:
    """A session with its packet."""
    return make_document()


@pytest.fixture(scope="session")
def person_class(typist: type[Any]) -> Fixture:
    """Somebody with a mouse, for fixtures that more than one test shares."""
    return typist.__base__


class Visitor:
    """Somebody whose browser knows no scripts: forms are sent and pages come back."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60.0, headers={"Origin": url})

    def get(self, path: str, *, status: int = 200) -> str:
        answer = self.http.get(path)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def post(self, path: str, *, status: int = 200, files: Fixture = None, **fields: str) -> str:
        answer = self.http.post(path, data=fields, files=files)
        assert answer.status_code == status, answer.text
        self.at = answer.url.path
        return html.unescape(answer.text)

    def begin(self, demo: str = "career-changer") -> str:
        """Begin with a demo, and return the session's id."""
        self.post("/start")
        session = self.at.split("/")[2]
        self.post(f"/s/{session}/demo", demo=demo)
        return session

    def make(self, session: str, kind: str = "packet", **fields: str) -> None:
        """Have something made, and wait for it."""
        answer = self.http.post(f"/s/{session}/drafts", data={"kind": kind, "back": f"/s/{session}/packet", **fields})
        draft = httpx.URL(answer.history[0].headers["location"]).params["draft"]
        ends = time.monotonic() + 120
        while self.http.get(f"/s/{session}/drafts/{draft}/events", params={"after": 10**8}).status_code != 204:
            assert time.monotonic() < ends

    def buttons(self, page: str) -> dict[str, dict[str, str]]:
        """Return the hidden fields of each form, by its action."""
        forms = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL)
        return {action: dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body)) for action, body in forms}


@pytest.fixture
def visitor(app: Fixture) -> Iterator[Visitor]:
    someone = Visitor(app.url)
    yield someone
    someone.http.close()


@pytest.fixture
def visit() -> Iterator[Callable[[Any], Visitor]]:
    """Lets somebody in, each with cookies of their own."""
    people: list[Visitor] = []

    def come(app: Fixture) -> Visitor:
        people.append(Visitor(app.url))
        return people[-1]

    yield come
    for someone in people:
        someone.http.close()
