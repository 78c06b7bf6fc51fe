"""Agreement: published figures, and what one figure alone would hide."""

from importlib import import_module
from typing import Any

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import InputError
from proofkit_eval.statistics import agreement, effective_judges, kendall_w, tau_b

stats: Any = import_module("scipy.stats")
"""scipy brings no types."""

GRADES = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=30)


@given(GRADES)
def test_tau_b_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = ([float(pair[place]) for pair in pairs] for place in (0, 1))
    found = tau_b(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(stats.kendalltau(x, y).statistic)


def test_w_without_ties_is_that_of_friedman(rng: np.random.Generator) -> None:
    table = rng.normal(size=(9, 4))
    chi = stats.friedmanchisquare(*table).statistic  # scipy takes each item's scores as a group
    assert kendall_w(table.tolist()) == pytest.approx(chi / (4 * (9 - 1)))
    with pytest.raises(InputError, match="leave items with gaps out"):
        kendall_w([[1.0, None], [2.0, 3.0]])


def test_alpha_is_that_of_the_published_example() -> None:
    # Three coders and fifteen units, often reprinted: interval alpha 0.811.
    gap = None
    coders: list[list[float | None]] = [
        [gap, gap, gap, gap, gap, 3, 4, 1, 2, 1, 1, 3, 3, gap, 3],
        [1, gap, 2, 1, 3, 3, 4, 3, gap, gap, gap, gap, gap, gap, gap],
        [gap, gap, 2, 1, 3, 4, 4, gap, 2, 1, 1, 3, 3, gap, 4],
    ]
    items = [[coder[place] for coder in coders] for place in range(15)]
    found = agreement(items, ["a", "b", "c"])
    assert found.alpha_interval == pytest.approx(0.811, abs=0.001)
    assert found.alpha_ordinal == pytest.approx(0.807, abs=0.001)
    assert found.items == 12


def test_alpha_falls_to_nothing_where_nearly_all_is_the_same_and_the_rest_says_so() -> None:
    items = [[5.0, 5.0]] * 98 + [[5.0, 4.0], [4.0, 5.0]]
    found = agreement(items, ["a", "b"])
    assert found.alpha_ordinal == pytest.approx(-0.01, abs=0.005)
    assert found.raw == pytest.approx(0.98)
    assert found.within_one == 1.0
    assert found.histogram == {"a": {"4": 1, "5": 99}, "b": {"4": 1, "5": 99}}


@pytest.mark.parametrize(
    ("items", "says"),
    [
        ([], "No item was scored by two judges"),
        ([[1.0, None], [None, 2.0]], "No item was scored by two judges"),
        ([[4.0, 4.0], [4.0, 4.0]], "All scores are 4"),
    ],
)
def test_without_anything_to_measure_there_is_a_sentence(items: list[list[float | None]], says: str) -> None:
    found = agreement(items, ["a", "b"])
    assert says in found.note
    assert found.alpha_interval is None
    assert found.tau_b["a"]["b"] is None


def test_a_row_of_another_length_is_named() -> None:
    with pytest.raises(InputError, match="row 1 has 1 cells and there are 2 judges"):
        agreement([[1.0, 2.0], [1.0]], ["a", "b"])


def test_judges_who_err_together_count_once(rng: np.random.Generator) -> None:
    common = rng.normal(size=(4000, 1))
    alone = rng.normal(size=(4000, 5))
    assert effective_judges((common + 0.001 * alone).tolist()) == pytest.approx(1.0, abs=0.01)
    assert effective_judges(alone.tolist()) == pytest.approx(5.0, abs=0.3)
    half = effective_judges((common + alone).tolist())
    assert half == pytest.approx(5 / (1 + 4 * 0.5), abs=0.1)
    assert effective_judges([[0.0, 1.0]] * 9) is None
