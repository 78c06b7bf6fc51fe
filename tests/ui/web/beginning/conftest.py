"""Sessions as the first three steps leave them, and people who send forms without a browser."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import httpx
import pytest

from proofkit_core import steps
from proofkit_core.brief_file import brief_from_data
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.synthesis import choose_role
from proofkit_serve.sessions import (
    Document,
    SessionEvent,
    StoredRole,
    exercise_basis,
    new_document,
    new_id,
    reduce,
    role_basis,
    store_exercise,
)
from proofkit_serve.sessions.events import ExerciseSet, GoalSet, RoleFound

NURSE = {"target_role": "Nurse educator", "background": "Ward nurse for eleven years."}
Begin = Callable[..., Document]


class HasUrl(Protocol):
    url: str


def after(document: Document, *events: SessionEvent) -> Document:
    for event in events:
        document = reduce(document, event)
    return document


@pytest.fixture(scope="session")
def begin(role_index: RoleIndex) -> Begin:
    """Makes a session with goal, role and exercise, as the service makes them without a model."""

    def make(*, until: str = "exercise", **fields: str | list[str]) -> Document:
        loaded = brief_from_data({**NURSE, **fields})
        document = after(new_document(new_id("s")), GoalSet(goal=loaded.brief, notices=loaded.notices))
        if until == "goal":
            return document
        chosen = choose_role(loaded.brief, role_index)
        role = StoredRole(entry=chosen.entry, choice=chosen.choice)
        document = after(document, RoleFound(role=role, basis=role_basis(document)))
        set_ = steps.set_exercise(loaded.brief, chosen.entry, seed=0)
        exercise = store_exercise(set_.material, set_.notices)
        return after(document, ExerciseSet(exercise=exercise, basis=exercise_basis(document)))

    return make


class Visitor:
    """Somebody whose browser runs no scripts."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=120.0)

    def start(self, demo: str = "") -> str:
        """Begin, and return the address of the session."""
        answer = self.send("/start", demo=demo)
        return answer.url.path.removesuffix("/goal")

    def see(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def send(
        self, path: str, files: Mapping[str, tuple[str, bytes, str]] | None = None, /, **fields: str
    ) -> httpx.Response:
        return self.http.post(path, data=fields, files=files)

    def save(self, path: str, **fields: str) -> httpx.Response:
        return self.http.post(path, data=fields, headers={"HX-Request": "true"})


@pytest.fixture
def visit() -> Iterator[Callable[[HasUrl], Visitor]]:
    """Gives somebody a browser of their own."""
    opened: list[Visitor] = []

    def make(app: HasUrl) -> Visitor:
        opened.append(Visitor(app.url))
        return opened[-1]

    yield make
    for visitor in opened:
        visitor.http.close()


@pytest.fixture
def visitor(app: HasUrl, visit: Callable[[HasUrl], Visitor]) -> Visitor:
    return visit(app)
