"""Paired differences: the same as scipy where scipy has them, and a sentence where there is nothing to say."""

import math
from importlib import import_module
from typing import Any

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import InputError
from proofkit_eval.statistics import bca, paired_difference, sign_flip_p
from proofkit_eval.statistics.arrays import Floats
from proofkit_eval.statistics.bootstrap import weighted_mean

stats: Any = import_module("scipy.stats")
"""scipy brings no types."""

SOME = st.lists(st.integers(-40, 40).map(lambda n: n / 8), min_size=2, max_size=11)


def test_t_and_its_interval_are_those_of_scipy(rng: np.random.Generator) -> None:
    a, b = rng.exponential(size=30), rng.normal(0.4, 1, size=30)
    found = paired_difference(list(a), list(b), rng=rng)
    expected = stats.ttest_rel(a, b)
    interval = expected.confidence_interval()
    assert found.t is not None
    assert [found.t.low, found.t.high] == pytest.approx([interval.low, interval.high])
    assert found.p_t == pytest.approx(expected.pvalue)
    assert (found.n, found.clusters, found.missing) == (30, 30, 0)


def test_plain_bca_is_that_of_scipy_up_to_chance(rng: np.random.Generator) -> None:
    values = rng.exponential(size=25)
    mine = bca(list(values), widened=False, resamples=40_000, rng=rng)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=40_000, method="BCa", rng=rng).confidence_interval
    assert mine is not None
    assert [mine.low, mine.high] == pytest.approx([theirs.low, theirs.high], abs=0.02)


def test_bca_takes_any_statistic(rng: np.random.Generator) -> None:
    values = rng.normal(0, 3, size=40)

    def spread(each: Floats, weights: Floats) -> Floats:
        mean = weighted_mean(each, weights)
        return np.sqrt(weighted_mean(each**2, weights) - mean**2)

    mine = bca(list(values), statistic=spread, widened=False, resamples=20_000, rng=rng)
    theirs = stats.bootstrap((values,), np.std, n_resamples=20_000, method="BCa", rng=rng).confidence_interval
    assert mine is not None
    assert [mine.low, mine.high] == pytest.approx([theirs.low, theirs.high], abs=0.06)


def test_widened_bca_reaches_further_than_plain(rng: np.random.Generator) -> None:
    values = list(rng.normal(size=15))
    plain = bca(values, widened=False, rng=np.random.default_rng(1))
    wide = bca(values, rng=np.random.default_rng(1))
    assert plain is not None
    assert wide is not None
    assert wide.low < plain.low < plain.high < wide.high


def test_all_flips_give_the_p_of_scipy(rng: np.random.Generator) -> None:
    values = rng.normal(0.6, 1, size=11)
    theirs = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf, axis=0)
    found = sign_flip_p(list(values))
    assert found.exact
    assert found.p == pytest.approx(theirs.pvalue)


def test_drawn_flips_come_near_to_the_normal_test(rng: np.random.Generator) -> None:
    values = rng.normal(0.2, 1, size=100)
    found = sign_flip_p(list(values), rng=rng)
    assert not found.exact
    assert found.p == pytest.approx(float(stats.ttest_1samp(values, 0).pvalue), abs=0.01)


@given(SOME)
def test_the_exact_p_counts_what_a_count_by_hand_counts(values: list[float]) -> None:
    total = abs(sum(values))
    sums = [sum(v if mask >> i & 1 else -v for i, v in enumerate(values)) for mask in range(2 ** len(values))]
    assert sign_flip_p(values).p == pytest.approx(sum(abs(s) >= total - 1e-9 for s in sums) / len(sums))


@given(SOME, SOME)
def test_swapping_the_models_turns_the_interval_round(a: list[float], b: list[float]) -> None:
    number = min(len(a), len(b))
    one = paired_difference(a[:number], b[:number], rng=np.random.default_rng(1), resamples=200)
    two = paired_difference(b[:number], a[:number], rng=np.random.default_rng(1), resamples=200)
    assert one.mean == pytest.approx(-(two.mean or 0.0))
    assert (one.t is None) == (two.t is None)
    if one.t is not None and two.t is not None and one.studentised is not None and two.studentised is not None:
        assert [one.t.low, one.t.high] == pytest.approx([-two.t.high, -two.t.low])
        assert [one.studentised.low, one.studentised.high] == pytest.approx(
            [-two.studentised.high, -two.studentised.low]
        )


def test_clusters_of_copies_count_once(rng: np.random.Generator) -> None:
    values = [float(v) for v in rng.normal(1, 1, size=20)]
    nothing = [0.0] * 20
    alone = paired_difference(values, nothing, rng=rng)
    copied = paired_difference(values * 3, nothing * 3, list(range(20)) * 3, rng=rng)
    assert copied.clusters == 20
    assert copied.n == 60
    assert copied.se == pytest.approx(alone.se)
    assert copied.p_t == pytest.approx(alone.p_t)
    naive = paired_difference(values * 3, nothing * 3, rng=rng)
    assert (naive.se or 0.0) < 0.6 * (alone.se or 0.0)


def test_a_missing_score_lowers_coverage_and_never_the_mean(rng: np.random.Generator) -> None:
    found = paired_difference([3.0, None, 4.0, 5.0], [1.0, 1.0, None, 2.0], rng=rng)
    assert (found.mean, found.n, found.missing) == (2.5, 2, 2)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_with_their_place(bad: float, rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match=r"a\[1\] is .*; a score is a number, or None where there is none"):
        paired_difference([1.0, bad], [1.0, 1.0], rng=rng)


def test_two_models_need_the_same_prompts(rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match="got 2 and 1 scores"):
        paired_difference([1.0, 2.0], [1.0], rng=rng)
    with pytest.raises(InputError, match="got 1 cluster labels for 2 scores"):
        paired_difference([1.0, 2.0], [1.0, 1.0], ["x"], rng=rng)


@pytest.mark.parametrize(
    ("a", "b", "clusters", "says"),
    [
        ([], [], None, "No prompt was scored for both"),
        ([1.0], [None], None, "No prompt was scored for both"),
        ([1.0], [0.0], None, "one prompt only"),
        ([1.0, 2.0], [0.0, 0.0], ["x", "x"], "belong to one cluster"),
        ([3.0, 4.0, 5.0], [1.0, 2.0, 3.0], None, "give the same figure, 2"),
        ([0.3, 0.3], [0.3, 0.3], None, "give the same figure, 0"),
    ],
)
def test_where_nothing_can_be_said_there_is_a_sentence_and_no_interval(
    a: list[float | None], b: list[float | None], clusters: list[str] | None, says: str, rng: np.random.Generator
) -> None:
    found = paired_difference(a, b, clusters, rng=rng)
    assert says in found.note
    assert found.headline is None
    assert found.p is None


def test_three_prompts_get_t_alone_and_a_word_about_it(rng: np.random.Generator) -> None:
    found = paired_difference([82.0, 66.8, 81.4], [79.0, 68.6, 82.2], rng=rng)
    assert found.studentised is None
    assert found.bca is None
    assert found.headline == found.t
    assert "too few to draw from" in found.note


def test_a_table_with_gaps_gives_what_each_column_gives_alone(rng: np.random.Generator) -> None:
    a: list[float | None] = [float(v) for v in rng.normal(size=12)]
    b: list[float | None] = [*a[:6], None, *(None for _ in a[7:9]), *a[9:]]
    zeros: list[float | None] = [0.0] * 12
    alone = paired_difference(b, zeros, rng=np.random.default_rng(3))
    assert alone.n == 9
    assert alone.clusters == 9
