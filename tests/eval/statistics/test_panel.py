"""Judges as a sample of judges."""

from importlib import import_module
from typing import Any

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest

from proofkit_core.errors import InputError
from proofkit_eval.statistics import judges_random

stats: Any = import_module("scipy.stats")
"""scipy brings no types."""


def test_the_error_is_that_of_the_mean_squares(rng: np.random.Generator) -> None:
    prompts, judges = 30, 4
    table = rng.normal(0, 5, (prompts, 1)) + rng.normal(0, 3, (1, judges)) + rng.normal(0, 2, (prompts, judges))
    found = judges_random(table.tolist(), rng=rng)
    rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    ms_prompts = judges * np.square(table.mean(1) - table.mean()).sum() / (prompts - 1)
    ms_judges = prompts * np.square(table.mean(0) - table.mean()).sum() / (judges - 1)
    ms_rest = np.square(rest).sum() / (prompts - 1) / (judges - 1)
    variance = (ms_prompts + ms_judges - ms_rest) / prompts / judges
    parts = ((ms_prompts, prompts - 1), (ms_judges, judges - 1), (ms_rest, (prompts - 1) * (judges - 1)))
    df = (ms_prompts + ms_judges - ms_rest) ** 2 / sum(ms**2 / df for ms, df in parts)
    assert found.se == pytest.approx(variance**0.5)
    df = min(df, judges - 1 if ms_judges > ms_prompts else prompts - 1)
    assert found.df == pytest.approx(df)
    half = stats.t.ppf(0.975, df) * variance**0.5
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx([table.mean() - half, table.mean() + half])


def test_more_prompts_do_not_help_against_judges_who_differ(rng: np.random.Generator) -> None:
    tastes = np.array([-4.0, 0.0, 4.0])
    few, many = (judges_random((tastes + rng.normal(0, 1, (n, 3))).tolist(), rng=rng) for n in (15, 500))
    assert few.interval is not None
    assert many.interval is not None
    assert many.interval.width > 0.8 * few.interval.width
    assert many.df == pytest.approx(2.0, abs=0.05)


def test_copies_in_a_cluster_count_once(rng: np.random.Generator) -> None:
    table = rng.normal(0, 1, (20, 3)).tolist()
    alone = judges_random(table, rng=rng)
    copied = judges_random(table * 2, list(range(20)) * 2, rng=rng)
    assert copied.se == pytest.approx(alone.se)
    assert copied.clusters == 20


def test_prompts_that_a_judge_left_out_are_counted(rng: np.random.Generator) -> None:
    table: list[list[float | None]] = [[1.0, 2.0], [None, 3.0], [2.0, 4.0], [2.5, 3.0]]
    found = judges_random(table, rng=rng)
    assert (found.n, found.missing) == (3, 1)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([], "No prompt was scored by every judge"),
        ([[None, 1.0]], "No prompt was scored by every judge"),
        ([[1.0], [2.0]], "one judge only"),
        ([[1.0, 2.0]], "one prompt or one cluster only"),
        ([[2.0, 2.0], [2.0, 2.0]], "All scores are the same"),
    ],
)
def test_where_nothing_can_be_said_there_is_a_sentence(
    table: list[list[float | None]], says: str, rng: np.random.Generator
) -> None:
    found = judges_random(table, rng=rng)
    assert says in found.note
    assert found.interval is None


def test_rows_of_two_lengths_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match=r"rows of \[1, 2\]"):
        judges_random([[1.0], [1.0, 2.0]], rng=rng)
