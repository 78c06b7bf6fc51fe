"""Shares, corrected shares, and how many prompts a claim needs: against scipy, published figures and simulation."""

from importlib import import_module
from typing import Any

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import InputError
from proofkit_eval.statistics import (
    Tally,
    corrected_rate,
    passes_needed,
    prompts_needed,
    prompts_to_tie,
    smallest_gap,
    wilson,
)

stats: Any = import_module("scipy.stats")
"""scipy brings no types."""


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(counts: tuple[int, int]) -> None:
    found = wilson(*counts).interval
    theirs = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert found is not None
    assert [found.low, found.high] == pytest.approx([theirs.low, theirs.high], abs=1e-9)


def test_fifteen_of_fifteen_shows_eighty_percent_and_no_more() -> None:
    found = wilson(15, 15).interval
    assert found is not None
    assert found.low == pytest.approx(0.796, abs=0.001)
    assert wilson(0, 0).note == "Nothing was counted."
    with pytest.raises(InputError, match="yes of n is 3 of 2"):
        wilson(3, 2)


def test_a_perfect_judge_corrects_nothing() -> None:
    found = corrected_rate(Tally(60, 100), Tally(5000, 5000), Tally(5000, 5000))
    assert found.rate == pytest.approx(0.6)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.5, abs=0.01)


def test_the_share_behind_a_mild_judge_is_lower() -> None:
    # 0.9 of good answers and 0.4 of bad ones pass: 65 % yes is half good.
    found = corrected_rate(Tally(650, 1000), Tally(900, 1000), Tally(600, 1000))
    assert found.rate == pytest.approx(0.5)
    assert found.interval is not None
    assert found.interval.holds(0.5)


def test_a_judge_no_better_than_chance_corrects_nothing_and_says_so() -> None:
    for good, bad in ((Tally(5, 10), Tally(5, 10)), (Tally(2, 10), Tally(3, 10))):
        found = corrected_rate(Tally(5, 10), good, bad)
        assert found.interval is None
        assert "no better than chance" in found.note
    assert "nothing can be corrected" in corrected_rate(Tally(5, 10), Tally(0, 0), Tally(1, 1)).note


def test_the_corrected_interval_holds_the_truth_as_often_as_it_promises() -> None:
    rng = np.random.default_rng(8)
    truth, good, bad, trials, held = 0.7, 0.9, 0.8, 1500, 0
    for _ in range(trials):
        yes = int(rng.binomial(120, truth * good + (1 - truth) * (1 - bad)))
        right_yes, right_no = int(rng.binomial(60, good)), int(rng.binomial(60, bad))
        found = corrected_rate(Tally(yes, 120), Tally(right_yes, 60), Tally(right_no, 60)).interval
        held += found is not None and found.holds(truth)
    assert 0.93 < held / trials < 0.98


@pytest.mark.parametrize(
    ("gap", "needed"),
    [
        (0.1, [28_256, 50_233, 78_489, 113_024]),
        (1, [283, 503, 785, 1131]),
        (3, [32, 56, 88, 126]),
        (5, [12, 21, 32, 46]),
    ],
)
def test_prompts_needed_are_the_published_ones(gap: float, needed: list[int]) -> None:
    assert [prompts_needed(gap, sd) for sd in (6, 8, 10, 12)] == pytest.approx(needed, abs=1)


def test_prompts_for_a_tie_are_the_published_ones_rounded_up() -> None:
    assert [prompts_to_tie(margin, 10) for margin in (5, 3, 2)] == [35, 96, 215]


def test_what_fifteen_prompts_can_find() -> None:
    assert smallest_gap(15, 6.5) == pytest.approx(4.7, abs=0.05)
    assert smallest_gap(15, 12.9) == pytest.approx(9.3, abs=0.05)


def test_runs_without_a_failure_are_the_published_ones() -> None:
    assert [passes_needed(share) for share in (0.95, 0.98, 0.99)] == [59, 149, 299]


def test_sizes_need_positive_numbers() -> None:
    with pytest.raises(InputError, match="gap is 0; it has to be a positive number"):
        prompts_needed(0, 1)
    with pytest.raises(InputError, match="the share is 1"):
        passes_needed(1)
