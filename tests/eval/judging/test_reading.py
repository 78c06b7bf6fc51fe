"""Replies of judges: the last grade counts, and what cannot be read is unread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_eval.judging.reading import read_better, read_reply, read_yes_no

AXES, ITEMS = ("depth", "house_style"), ("uses_points",)


def test_the_last_grade_counts() -> None:
    reply = read_reply("depth: 5\nOn reflection:\ndepth: 2\nhouse style: 3\nuses_points: yes", AXES, ITEMS)
    assert reply.axes == {"depth": 2, "house_style": 3}
    assert reply.items == {"uses_points": True}


@pytest.mark.parametrize(
    "line", ["**depth**: 4", "- depth: 4/5", "depth = 4 out of 5", '"depth": 4,', "`depth`: 4.0", "> depth: 4."]
)
def test_grades_are_read_in_many_dresses(line: str) -> None:
    assert read_reply(f"{line}\nhouse_style: 1", AXES, ()).axes == {"depth": 4, "house_style": 1}


def test_grades_are_read_from_json() -> None:
    assert read_reply('So: {"depth": 4, "house_style": 5, "uses_points": "no"}', AXES, ITEMS).axes == {
        "depth": 4,
        "house_style": 5,
    }


@pytest.mark.parametrize("grade", ["0", "6", "3.5", "-2", "7/10", "4 of 10", "good", ""])
def test_what_is_no_grade_is_unscored_with_a_reason(grade: str) -> None:
    reply = read_reply(f"depth: {grade}\nhouse_style: 3", AXES, ())
    assert reply.axes is None
    assert "depth" in reply.reason


def test_thinking_aloud_is_no_reply() -> None:
    assert read_reply("<think>depth: 5\nhouse_style: 5</think>", AXES, ()).axes is None
    assert read_reply("<think>depth: 5 house_style: 5", AXES, ()).axes is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"answer": "no"}', False),
        ("Yes.", True),
        ("<think>no</think> yes", True),
        ("yes or no", None),
        ("", None),
        ("perhaps", None),
        ("Not known", None),
    ],
)
def test_a_yes_or_no_is_read_or_left_open(text: str, said: object) -> None:
    assert read_yes_no(text) is said


def test_the_last_preference_counts() -> None:
    assert read_better("better: A\n...\n**better: B**") == "B"
    assert read_better("better: Tie") == "tie"
    assert read_better("A is better") is None


@given(st.text(max_size=400))
def test_no_reply_makes_the_reader_fail(text: str) -> None:
    reply = read_reply(text, AXES, ITEMS)
    assert (reply.axes is None) == bool(reply.reason)
    read_yes_no(text)
    read_better(text)
