"""What a draft may not make up: a number beside a citation, years of a life, and whether the company is real."""

import pytest

from proofkit_core.drafting.invented import check_cited_numbers, check_not_real, check_years

TOLD = "17 repeats in 120 jobs, 7 of 15 late\n6 vans with 1,200 parcels"
TYPED = "Eleven years on a ward"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("17 of 120 jobs [S2] came back.", True),
        ("17 of 20 jobs [S2] came back.", False),
        ("17 of 20 jobs (h) [S2] came back.", True),
        ("About 3 in 120 [S2] need help (h).", True),
        ("It was 17 [S2]. Then 20 more came.", True),
        ("1. All 6 vans [S1]", True),
        ("3. All 6 vans [S1]", True),
        ("- 1200 parcels [S1], 9 vans [S1]", False),
        ("Eleven vans [S1] stood there.", True),
        ("[S1] names the vans. [S2]", True),
        ("", True),
    ],
)
def test_a_citation_vouches_for_no_number_that_nobody_gave(text: str, fits: bool) -> None:  # noqa: FBT001 - a table's column
    assert (check_cited_numbers(text, f"{TOLD}\n{TYPED}") is None) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("I have 11 years on a ward.", True),
        ("I have eleven years on a ward.", True),
        ("I have 15 years (h) on a ward.", False),
        ("Someone who waited fifteen months came first.", True),
        ("After fifteen years I know wards.", False),
        ("Would you trust a thirteen-year-old with it?", True),
        ("In three weeks I would ask again.", True),
    ],
)
def test_years_that_the_person_did_not_tell_are_not_given_to_them(text: str, fits: bool) -> None:  # noqa: FBT001 - the same
    assert (check_years(text, TYPED, TOLD) is None) is fits


@pytest.mark.parametrize(
    ("answer", "fits"),
    [("No, it does not exist.", True), ("Nobody knows. It was practice.", False), ("It exists on paper only.", True)],
)
def test_whether_the_company_is_real_is_answered_plainly(answer: str, fits: bool) -> None:  # noqa: FBT001 - the same
    points = ["Why a plan?", "Because of the vans.", "Is Norringill real?", answer]
    assert (check_not_real(points) is None) is fits
