import itertools
from typing import get_args

import pytest

from proofkit_serve.sessions import DEPENDS_ON, Document, cleared_by
from proofkit_serve.sessions.events import SessionEvent, Undone
from proofkit_serve.sessions.reducers import REDUCERS

DOWNSTREAM = {
    "typed",
    "demo",
    "notices",
    "seed",
    "role",
    "sample_choice",
    "points",
    "exercise",
    "challenge",
    "sections",
    "proposals",
    "own_post",
    "travel",
    "packet",
}


def test_every_field_of_the_document_stands_in_the_map() -> None:
    parts_of_fields = {"points", "challenge"}
    assert set(DEPENDS_ON) - parts_of_fields == set(Document.model_fields) - {"schema_id", "id", "revision"}


def test_a_goal_clears_everything_but_model_and_language() -> None:
    assert cleared_by("goal") == DOWNSTREAM
    assert set(DEPENDS_ON) - DOWNSTREAM == {"goal", "model_choice", "language"}


@pytest.mark.parametrize(
    ("part", "cleared"),
    [
        ("model_choice", set[str]()),
        ("language", set[str]()),
        ("seed", {"exercise", "challenge", "sections", "proposals", "own_post", "travel", "packet"}),
        ("role", {"exercise", "challenge", "sections", "proposals", "own_post", "travel", "packet"}),
        ("points", {"travel", "packet"}),
        ("challenge", {"travel", "packet"}),
        ("sections", {"travel", "packet"}),
        ("proposals", set[str]()),
        ("own_post", {"travel", "packet"}),
        ("travel", {"packet"}),
        ("packet", set[str]()),
    ],
)
def test_a_part_clears_what_is_made_from_it(part: str, cleared: set[str]) -> None:
    assert cleared_by(part) == cleared


def test_nothing_is_made_from_itself() -> None:
    assert not [part for part in DEPENDS_ON if part in cleared_by(part)]


def test_the_closure_is_transitive() -> None:
    for outer, inner in itertools.product(DEPENDS_ON, repeat=2):
        if inner in cleared_by(outer):
            assert cleared_by(inner) <= cleared_by(outer)


def test_every_event_has_its_reducer() -> None:
    events = set(get_args(get_args(SessionEvent)[0]))
    assert set(REDUCERS) == events - {Undone}
