"""Marks are read as written, and a mark that cannot be checked says why."""

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.claims.marks import Kind, Mark, read_mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("above a b on judges", Mark(kind=Kind.ABOVE, models=("a", "b"), measure="judges")),
        ("below a b on words from old", Mark(kind=Kind.BELOW, models=("a", "b"), measure="words", source="old")),
        ("ties a b on judges within 0.3", Mark(kind=Kind.TIES, models=("a", "b"), measure="judges", number="0.3")),
        ("faster a b", Mark(kind=Kind.FASTER, models=("a", "b"), measure="seconds")),
        ("faster a b by 2", Mark(kind=Kind.FASTER, models=("a", "b"), measure="seconds", number="2")),
        ('value "a b" on gates is 83%', Mark(kind=Kind.VALUE, models=("a b",), measure="gates", number="83%")),
        ("quoted", Mark(kind=Kind.QUOTED)),
        ("none", Mark(kind=Kind.NONE)),
    ],
)
def test_a_mark_is_read_as_written(text: str, mark: Mark) -> None:
    assert read_mark(text) == mark


def test_a_share_is_a_number_with_two_more_places() -> None:
    mark = read_mark("value a on gates is 83.5%")
    assert mark.value == pytest.approx(0.835)
    assert mark.places == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "starts with none of above"),
        ("beats a b on judges", "starts with none of above"),
        ("above a on judges", "names 1 models and above takes 2"),
        ("above a b", "says nothing about on"),
        ("ties a b on judges", "says nothing about within"),
        ("ties a b on judges within close", "no number such as"),
        ("ties a b on judges within 0", "has to be above 0"),
        ("ties a b on judges within -1", "has to be above 0"),
        ("above a b on judges within 3", "has within, which above does not take"),
        ("above a b on", "with one word behind it"),
        ("above a b on x on y", "with one word behind it"),
        ("quoted a", "names 1 models and quoted takes 0"),
        ('above "a b on judges', "a quote without its partner"),
    ],
)
def test_a_mark_that_cannot_be_checked_says_why(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_mark(text)
