"""Which model writes, in plain words; its test; and what is said when it fails."""

from collections.abc import Callable
from typing import Any

import pytest

from proofkit_core.errors import FailureKind
from proofkit_core.generation import PromptKind
from proofkit_serve.doctor.report import Check, ModelReport, Outcome
from proofkit_serve.registry import BackendName, ModelStatus
from proofkit_ui.web.views.model_words import FAILURES, PLACES, STATES, ModelPlace
from proofkit_ui.web.views.models import ABOUT, NEEDED, tried_view
from proofkit_ui.web.words import load_words

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

DEAD = """
[[model]]
id = "embedded"
name = "A model that is off"
backend = "openai_compatible"
model = "off"
prompts = "editable"
parameters_b = 70.0
base_urls = ["http://127.0.0.1:9/v1"]

[[model]]
id = "template"
backend = "template"
"""


@pytest.fixture(scope="module")
def dead_app(make_app: Callable[..., Fixture]) -> Fixture:
    """A server whose model does not answer. It has the id of the one that comes along, which the command knows."""
    return make_app(model="embedded", models=DEAD)


def test_there_are_words_for_every_place_state_and_failure() -> None:
    w = load_words()
    assert set(PLACES) == set(ABOUT) == set(ModelPlace)
    assert set(STATES) == set(ModelStatus)
    assert set(FAILURES) == set(FailureKind)
    assert all(w(key) for table in (PLACES, ABOUT, STATES, FAILURES) for key in table.values())


@pytest.mark.parametrize("name", NEEDED)
def test_a_failed_check_is_told_without_names_of_files(name: Fixture) -> None:
    checks = (Check(name=name, outcome=Outcome.FAILED, told="/secret/path is gone"),)
    report = ModelReport(
        id="a", name="A", backend=BackendName.LLAMA_CPP, prompts=PromptKind.FROZEN, usable=False, checks=checks
    )
    hidden, shown = tried_view(report, details=False), tried_view(report, details=True)
    assert not hidden.works
    assert load_words()(hidden.told)
    assert hidden.details == ""
    assert shown.details == "/secret/path is gone"


def test_the_sidebar_says_who_writes_and_what_leaves(visitor: Fixture, w: Fixture) -> None:
    page = visitor.get("/")
    assert w("model.place.nowhere") in page
    assert w("model.side.leaves_nothing") in page


def test_choosing_a_model_changes_nothing_else(visitor: Fixture, w: Fixture) -> None:
    session = visitor.begin()
    visitor.make(session)
    before = visitor.get(f"/s/{session}/packet")
    page = visitor.post(f"/s/{session}/model", model="embedded")
    assert w("notes.model_chosen") in page
    assert w("model.place.here") in page
    main = '<section class="card" id="downloads"'
    assert (
        visitor.get(f"/s/{session}/packet").partition(main)[2].partition("<aside")[0]
        == (before.partition(main)[2].partition("<aside")[0])
    )


def test_a_model_that_is_not_there_cannot_be_chosen(visitor: Fixture) -> None:
    session = visitor.begin()
    visitor.post(f"/s/{session}/model", status=422, model="gpt-99")
    visitor.post(f"/s/{session}/model/test", status=422, model="gpt-99")
    visitor.post("/model/test", status=422, model="template")


def test_testing_a_dead_model_says_so_on_the_page_and_as_a_piece(
    dead_app: Fixture, visit: Callable[[Any], Any], w: Fixture
) -> None:
    visitor = visit(dead_app)
    assert w("model.tried.reachable") in visitor.post("/model/test", model="embedded")
    piece = visitor.http.post("/model/test", data={"model": "embedded"}, headers={"HX-Request": "true"}).text
    assert "<main" not in piece
    assert "does not work" in piece


@pytest.mark.model
@pytest.mark.slow
def test_testing_the_model_that_comes_along_says_how_quick_it_is(visitor: Fixture, w: Fixture) -> None:
    assert w("model.tried.works") in visitor.post("/model/test", model="embedded")


def test_a_fallback_is_told_kindly_and_can_be_tried_again(
    dead_app: Fixture, visit: Callable[[Any], Any], w: Fixture
) -> None:
    visitor = visit(dead_app)
    session = visitor.begin()
    visitor.make(session)
    page = visitor.get(f"/s/{session}/packet")
    count = page.partition(w("fallback.heading", n=99).partition("99")[0])[2].partition(" ")[0]
    assert int(count) > 5
    assert w("fallback.advice.away") in page
    assert w("fallback.retry", n=2) in page
    assert w("packet.downloads.heading") in page
    visitor.post(f"/s/{session}/model", model="template")
    visitor.make(session, "packet", fallbacks="yes")
    again = visitor.get(f"/s/{session}/packet")
    assert w("fallback.retry", n=2) not in again
    assert w("packet.downloads.heading") in again
