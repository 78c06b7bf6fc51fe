"""Many comparisons at once, ties and places."""

import time
from collections.abc import Callable

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from proofkit_core.errors import InputError
from proofkit_eval.statistics import (
    Scores,
    compare,
    equivalence,
    holm,
    leave_one_out,
    mean_ranks,
    mean_scores,
    model_intervals,
    paired_difference,
    rank_intervals,
    standardised_means,
    tiers,
)
from proofkit_eval.statistics.records import Comparison, turned

Build = Callable[..., Scores]
MOST_SECONDS = 20.0


def drawn(
    rng: np.random.Generator, levels: list[float], *, prompts: int = 60, judges: int = 3
) -> list[list[list[float]]]:
    table = rng.normal(0, 0.5, (prompts, 1, 1)) + np.array(levels)[None, :, None]
    return (table + rng.normal(0, 0.4, (prompts, len(levels), judges))).tolist()


def test_holm_is_the_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, None, 0.6]) == (1.0, None, 1.0)
    with pytest.raises(InputError, match=r"p_values\[0\] is nan"):
        holm([float("nan")])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_only_raises(p_values: list[float]) -> None:
    corrected = holm(p_values)
    pairs = sorted(zip(p_values, corrected, strict=True))
    after = [high for _, high in pairs if high is not None]
    assert all(low <= (high or 0.0) <= 1.0 for low, high in pairs)
    assert after == sorted(after)


def test_clear_differences_are_found_and_small_ones_are_not(rng: np.random.Generator, scores_of: Build) -> None:
    scores = scores_of(drawn(rng, [3.0, 3.02, 1.0]))
    by_pair = {(each.a, each.b): each for each in compare(scores, rng=rng)}
    assert by_pair["m0", "m1"].separated is None
    assert by_pair["m0", "m2"].separated == "above"
    assert turned(by_pair["m0", "m2"]).separated == "below"


def test_the_headline_is_the_wider_interval(rng: np.random.Generator, scores_of: Build) -> None:
    (found,) = compare(scores_of(drawn(rng, [3.0, 2.5])), rng=rng)
    assert found.random is not None
    assert found.random.interval is not None
    assert found.fixed.headline is not None
    assert found.headline is not None
    assert found.headline.width == max(found.fixed.headline.width, found.random.interval.width)


def test_a_planned_comparison_is_corrected_among_the_planned_alone(rng: np.random.Generator, scores_of: Build) -> None:
    scores = scores_of(drawn(rng, [3.0, 2.9, 2.8, 2.7], judges=1))
    found = compare(scores, planned={("m0", "m3"): None}, rng=rng)
    first = found[0]
    assert (first.a, first.b, first.planned) == ("m0", "m3", True)
    assert first.p_holm == first.p
    assert len(found) == 6
    assert [each.planned for each in found[1:]] == [False] * 5


def test_one_judge_says_nothing_about_others(rng: np.random.Generator, scores_of: Build) -> None:
    (found,) = compare(scores_of(drawn(rng, [3.0, 2.5], judges=1)), rng=rng)
    assert found.random is None


def test_a_mild_judge_who_skips_answers_moves_nobody_up(rng: np.random.Generator, scores_of: Build) -> None:
    table = [[[2.0, 4.0], [2.0, None if place < 30 else 4.0]] for place in range(60)]
    scores = scores_of(table)
    assert mean_scores(scores) == {"m0": 3.0, "m1": 3.0}
    (found,) = compare(scores, rng=rng)
    assert found.fixed.mean == pytest.approx(0.0)
    assert found.fixed.unscored == 30
    assert found.random is not None
    assert found.random.missing == 30


def test_a_model_that_the_strict_judge_was_barred_from_does_not_rise(scores_of: Build) -> None:
    rows: list[list[list[float | None]]] = [[[2.0, 4.0], [2.5, 4.5], [None, 4.2]]] * 3
    found = mean_scores(scores_of(rows))
    assert found == pytest.approx({"m0": 3.0, "m1": 3.5, "m2": 3.2})
    apart: list[list[list[float | None]]] = [[[2.0, None], [None, 4.0]]] * 3
    assert mean_scores(scores_of(apart)) == {"m0": 2.0, "m1": 4.0}


def test_a_model_without_a_score_is_shown_and_not_dropped(rng: np.random.Generator, scores_of: Build) -> None:
    table: list[list[list[float | None]]] = [[[1.0 + place % 3], [None]] for place in range(9)]
    scores = scores_of(table)
    first, second = model_intervals(scores, rng=rng)
    assert first.n == 9
    assert (second.mean, second.n, second.missing) == (None, 0, 9)
    assert second.note == "No prompt was scored."
    (found,) = compare(scores, rng=rng)
    assert "No prompt was scored for both" in found.fixed.note
    assert [rank.model for rank in tiers(scores.models, mean_scores(scores), [found])] == ["m0", "m1"]
    assert [rank.tier for rank in tiers(scores.models, mean_scores(scores), [found])] == [1, 1]
    assert [each.model for each in rank_intervals(scores, rng=rng)] == ["m0"]


def pair(a: str, b: str, *, separated: bool, example: Comparison) -> Comparison:
    return example.model_copy(update={"a": a, "b": b, "separated": "above" if separated else None})


def test_a_tier_ends_only_where_all_above_are_separated_from_all_below(
    rng: np.random.Generator, scores_of: Build
) -> None:
    (example,) = compare(scores_of(drawn(rng, [3.0, 2.0])), rng=rng)
    means = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}
    shown = {("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")}
    names = list(means)
    found = [
        pair(x, y, separated=(x, y) in shown, example=example) for i, x in enumerate(names) for y in names[i + 1 :]
    ]
    rows = tiers(names, means, found)
    assert [(row.model, row.low, row.high, row.tier) for row in rows] == [
        ("a", 1, 2, 1),
        ("b", 1, 3, 1),  # not separated from a or from c: the chain holds all three together
        ("c", 2, 3, 1),
        ("d", 4, 4, 2),
    ]


def test_places_drawn_again_hold_the_clear_order(rng: np.random.Generator, scores_of: Build) -> None:
    rows = rank_intervals(scores_of(drawn(rng, [4.0, 2.0, 2.01])), rng=rng)
    assert (rows[0].low, rows[0].high, rows[0].first) == (1, 1, 1.0)
    assert [(row.low, row.high) for row in rows[1:]] == [(2, 3), (2, 3)]


def test_leaving_a_judge_out_tells_which_pairs_turn(scores_of: Build) -> None:
    scores = scores_of([[[5.0, 2.0, 2.0], [1.0, 3.0, 3.0]]] * 2)
    without = {row.name: row for row in leave_one_out(scores)}
    assert without["j0"].turned == (("m0", "m1"),)
    assert without["j0"].order == ("m1", "m0")
    assert without["j1"].turned == ()
    (family,) = leave_one_out(scores, {"family": ["j1", "j2"]})
    assert family.judges == ("j0",)
    assert leave_one_out(scores, {"all": ["j0", "j1", "j2"]}) == ()
    with pytest.raises(InputError, match="names ghost, who scored nothing here"):
        leave_one_out(scores, {"x": ["ghost"]})


def test_each_judge_has_the_same_weight_once_columns_are_standardised(scores_of: Build) -> None:
    scores = scores_of([[[90.0, 1.0], [10.0, 2.0], [50.0, 3.0]]])
    found = standardised_means(scores)
    assert found["m0"] == pytest.approx(0.0)
    assert mean_ranks(scores) == {"m0": 2.0, "m1": 2.5, "m2": 1.5}


def test_a_tie_is_shown_only_with_enough_prompts(rng: np.random.Generator) -> None:
    for prompts, shown in ((15, False), (400, True)):
        apart = rng.normal(0, 10, prompts)
        found = paired_difference(list(apart - apart.mean()), [0.0] * prompts, rng=rng)
        tie = equivalence(found, 3.0)
        assert tie is not None
        assert tie.equivalent is shown
        assert found.p_t == pytest.approx(1.0)  # "no difference found" in both: that alone is no tie


def test_a_tie_needs_a_margin_above_nothing(rng: np.random.Generator) -> None:
    found = paired_difference([1.0, 2.0, 4.0], [0.0, 0.0, 0.0], rng=rng)
    for margin in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="a tie needs the positive number of points"):
            equivalence(found, margin)
    assert equivalence(paired_difference([1.0], [0.0], rng=rng), 1.0) is None


def test_scores_of_another_shape_are_refused(scores_of: Build) -> None:
    with pytest.raises(ValidationError, match="fill what is missing with None"):
        scores_of([[[1.0], [1.0]], [[1.0]]])
    with pytest.raises(ValidationError, match="finite number"):
        scores_of([[[float("nan")]]])
    with pytest.raises(InputError, match="there is no judge 'x' in these scores; there are: j0"):
        scores_of([[[1.0]]]).only(judges=["x"])


def test_an_unknown_model_is_named(rng: np.random.Generator, scores_of: Build) -> None:
    scores = scores_of(drawn(rng, [1.0, 2.0]))
    with pytest.raises(InputError, match="there is no model 'x' in these scores; there are: m0, m1"):
        compare(scores, pairs=[("m0", "x")], rng=rng)
    with pytest.raises(InputError, match="'m0' is compared with itself"):
        compare(scores, pairs=[("m0", "m0")], rng=rng)


def test_the_same_seed_gives_the_same_figures(scores_of: Build) -> None:
    scores = scores_of(drawn(np.random.default_rng(4), [3.0, 2.0, 1.0]))
    one, two = (compare(scores, rng=np.random.default_rng(9)) for _ in range(2))
    assert one == two
    assert [Comparison.model_validate_json(each.model_dump_json()) for each in one] == list(one)


def test_a_full_board_is_worked_out_in_seconds(scores_of: Build) -> None:
    rng = np.random.default_rng(2)
    scores = scores_of(drawn(rng, [3.0 - place / 10 for place in range(8)], prompts=120))
    start = time.process_time()
    compare(scores, rng=rng)
    model_intervals(scores, rng=rng)
    rank_intervals(scores, rng=rng)
    assert time.process_time() - start < MOST_SECONDS
