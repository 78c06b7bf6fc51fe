"""The rubric is a text file; its wording is its digest."""

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.judging.rubric import load_rubric, parse_rubric, score_of

SMALL = """# rubric small-1

Grade it.

## axis depth
Is it deep?
1: a
2: b
3: c
4: d
5: e

## item whole
only: linkedin_post
Is it whole?
"""


def test_the_rubric_that_comes_along_has_four_axes_and_yes_no_items() -> None:
    rubric = load_rubric()
    assert rubric.axis_ids == ("instruction_following", "depth", "house_style", "integrity")
    assert len(rubric.item_ids) == 9
    assert "says_simulated" not in {item.id for item in rubric.items_of("draft_section")}
    assert "says_simulated" in {item.id for item in rubric.items_of("linkedin_post")}


def test_any_change_of_wording_makes_another_rubric() -> None:
    one, other = parse_rubric(SMALL.encode(), "a"), parse_rubric(SMALL.replace("deep", "Deep").encode(), "a")
    assert one.digest != other.digest
    assert one.introduction == "Grade it."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Grades", "line 1"),
        (SMALL.replace("4: d\n", ""), "line 5"),
        (SMALL.replace("Is it whole?", "It is whole."), "line 13"),
        (SMALL.replace("## item whole", "## question whole"), "line 13"),
        (SMALL.replace("## item whole", "## item depth"), "twice"),
    ],
)
def test_a_broken_rubric_is_refused_with_its_line(text: str, line: str) -> None:
    with pytest.raises(InputError, match=line):
        parse_rubric(text.encode(), "small.txt")


def test_a_score_is_the_mean_of_axes_or_the_share_of_yes() -> None:
    assert score_of({"depth": 4, "integrity": 2}, {"whole": False}) == 3
    assert score_of(None, {"a": True, "b": True, "c": False, "d": None}) == pytest.approx(1 + 4 * 2 / 3)
    assert score_of(None, {"a": None}) is None
