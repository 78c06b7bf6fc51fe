"""The order of the batches of a whole run."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_train.sft.order import plan_batches, plan_validation
from proofkit_train.sft.recipe import Recipe
from proofkit_train.sft.tree import tree_size
from proofkit_train.tokens import NO_LABEL, TokenRow


def rows_like(sizes: list[tuple[int, int, int]]) -> list[TokenRow]:
    """A row for each (stem, prompt length, completion length)."""
    rows: list[TokenRow] = []
    for number, (stem, prompt, completion) in enumerate(sizes):
        ids = [*[stem] * prompt, 500 + number, *[9] * completion]
        rows.append(TokenRow(tuple(ids), (*[NO_LABEL] * (prompt + 1), *[9] * completion)))
    return rows


def recipe_of(layout: str, **values: object) -> Recipe:
    plain = Recipe(name="one", base="embedded", device="cpu", batch_rows=4, batch_tokens=200, gradient_accumulation=2)
    return plain.model_copy(update={"layout": layout, **values})


SIZES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 90), st.integers(1, 20)), min_size=1, max_size=30)
LAYOUTS = ["tree", "padded"]


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sizes=SIZES, seed=st.integers(0, 3))
def test_an_epoch_has_each_row_as_often_as_it_should(layout: str, sizes: list[tuple[int, int, int]], seed: int) -> None:
    rows = rows_like(sizes)
    repeats = [1 + number % 3 for number in range(len(rows))]
    plan = plan_batches(rows, repeats, recipe_of(layout, seed=seed))
    seen = Counter(place for batch in plan.batches[: plan.epoch_batches] for place in batch)
    assert seen == Counter(dict(enumerate(repeats)))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sizes=SIZES)
def test_no_batch_is_over_its_limits(layout: str, sizes: list[tuple[int, int, int]]) -> None:
    rows = rows_like(sizes)
    plan = plan_batches(rows, [2] * len(rows), recipe_of(layout))
    for batch, size in zip(plan.batches, plan.sizes, strict=True):
        assert 1 <= len(batch) <= 4
        assert size <= 200
        if layout == "tree":
            assert size == tree_size([rows[place] for place in batch])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_depends_on_the_seed_alone(layout: str) -> None:
    rows = rows_like([(number % 3, 10 + number, 5) for number in range(20)])
    first, again, other = (plan_batches(rows, [1] * 20, recipe_of(layout, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first.batches != other.batches


def test_epochs_differ_in_their_order() -> None:
    rows = rows_like([(number % 3, 10 + number, 5) for number in range(20)])
    plan = plan_batches(rows, [1] * 20, recipe_of("tree", epochs=2.0))
    first, second = plan.batches[: plan.epoch_batches], plan.batches[plan.epoch_batches :]
    assert first != second


def test_the_number_of_steps_is_the_recipes() -> None:
    rows = rows_like([(1, 80, 5)] * 12)
    whole = plan_batches(rows, [1] * 12, recipe_of("padded"))
    assert whole.epoch_batches == 6
    assert whole.steps == 3
    assert plan_batches(rows, [1] * 12, recipe_of("padded", max_steps=2)).steps == 2
    assert plan_batches(rows, [1] * 12, recipe_of("padded", epochs=2.5)).steps == 8
    assert len(plan_batches(rows, [1] * 12, recipe_of("padded", epochs=2.5)).batches) == 16


def test_rows_that_begin_alike_stay_together() -> None:
    rows = rows_like([(number // 2, 60, 5) for number in range(20)])
    plan = plan_batches(rows, [1] * 20, recipe_of("tree"))
    where = {place: number for number, batch in enumerate(plan.batches[: plan.epoch_batches]) for place in batch}
    assert all(where[place] == where[place + 1] for place in range(0, 20, 2))


def test_copies_of_a_row_are_in_different_batches() -> None:
    rows = rows_like([(number, 60, 5) for number in range(6)])
    plan = plan_batches(rows, [3] * 6, recipe_of("tree"))
    assert all(len(set(batch)) == len(batch) for batch in plan.batches[: plan.epoch_batches])


def test_validation_has_each_row_once() -> None:
    rows = rows_like([(number % 3, 10 + number, 5) for number in range(20)])
    seen = [place for batch in plan_validation(rows, recipe_of("tree")) for place in batch]
    assert sorted(seen) == list(range(20))
