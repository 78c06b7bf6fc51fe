"""The promises of intervals and tests, on a small simulation; `proofkit-eval simulate` runs the large one."""

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest

from proofkit_eval.statistics.bootstrap import STUDENTISED, WIDE_BCA
from proofkit_eval.statistics.panel import CROSSED
from proofkit_eval.statistics.simulate import (
    Simulation,
    Spread,
    coverage,
    false_ties,
    panel_coverage,
    sign_flip_alarms,
    simulate,
    simulation_markdown,
)

TRIALS = 1000


@pytest.mark.parametrize("n", [15, 60, 120])
@pytest.mark.parametrize("spread", [Spread.NORMAL, Spread.SKEWED])
def test_headline_intervals_hold_the_truth_about_as_often_as_they_promise(spread: Spread, n: int) -> None:
    rows = coverage(spread, n, trials=TRIALS, resamples=999, rng=np.random.default_rng(n))
    by_method = {row.method: row for row in rows}
    for method in (STUDENTISED, WIDE_BCA):  # the band of 93 to 97 %, with room for the chance of 1000 trials
        assert by_method[method].chance.low < 0.97, method
        assert by_method[method].chance.high > 0.93, method


def test_the_plain_percentile_bootstrap_breaks_its_promise_where_the_headline_keeps_it() -> None:
    rows = coverage(Spread.SKEWED, 15, trials=TRIALS, resamples=999, rng=np.random.default_rng(5))
    held = {row.method: row.held for row in rows}
    assert held["percentile bootstrap"] < 0.91
    assert held["percentile bootstrap"] < held["BCa bootstrap"] < held[WIDE_BCA] < held[STUDENTISED]


def test_intervals_over_clusters_hold_where_prompts_share_what_they_are() -> None:
    rows = coverage(Spread.NORMAL, 60, cluster=3, trials=TRIALS, resamples=999, rng=np.random.default_rng(6))
    assert all(row.held > 0.92 for row in rows if row.shown)


@pytest.mark.parametrize("n", [15, 60])
@pytest.mark.parametrize("spread", [Spread.NORMAL, Spread.MARKS])
def test_the_sign_flip_test_seldom_cries_wolf(spread: Spread, n: int) -> None:
    found = sign_flip_alarms(spread, n, trials=TRIALS, resamples=999, rng=np.random.default_rng(n))
    assert found.rate < 0.075


def test_ties_at_the_margin_are_seldom_called() -> None:
    both, plain = false_ties(Spread.SKEWED, 15, trials=TRIALS, resamples=999, rng=np.random.default_rng(4))
    assert both.rate < 0.10
    assert plain.rate > both.rate


def test_scores_taken_as_independent_promise_far_too_much() -> None:
    rows = {row.method: row for row in panel_coverage(60, 3, trials=200, resamples=200, rng=np.random.default_rng(3))}
    assert rows[CROSSED].held > 0.90
    assert rows["t, each score as if independent"].held < 0.75


def test_a_simulation_is_its_seed() -> None:
    one, two = (simulate(seed=7, trials=20, resamples=50, sizes=(15,)) for _ in range(2))
    assert one == two
    assert one != simulate(seed=8, trials=20, resamples=50, sizes=(15,))
    assert Simulation.model_validate_json(one.model_dump_json()) == one
    assert simulation_markdown(one).startswith("Seed 7, 20 trials a row")
