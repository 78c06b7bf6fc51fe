"""The order in which rows are trained on: one list for the whole run, so that a resumed run needs only its step."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from proofkit_train.sft.recipe import Recipe
from proofkit_train.sft.tree import prompt_length, shared_length, tree_size
from proofkit_train.tokens import TokenRow

__all__ = ["Batch", "Plan", "plan_batches", "plan_validation"]

Batch = tuple[int, ...]
"""Positions of rows that go through the model together."""
_Unit = tuple[int, ...]
"""Rows that stay together because they share most of their prompt."""


class Plan(NamedTuple):
    """All batches of a run, in order."""

    batches: tuple[Batch, ...]
    sizes: tuple[int, ...]
    """Tokens of each batch that go through the model: with padding, and what is shared counted once."""
    steps: int
    """Optimizer steps."""
    epoch_batches: int
    """Batches of the first epoch."""


def plan_batches(rows: Sequence[TokenRow], repeats: Sequence[int], recipe: Recipe) -> Plan:
    """Plan a whole run.

    An epoch draws its rows anew, sorts them within windows so that little is padded or much is shared, and draws the
    order of the batches. Rows that share most of their prompt stay together.

    Args:
        rows: The rows.
        repeats: How often an epoch repeats each row.
        recipe: The recipe, its device and layout settled.
    """
    turns = _copies(rows, repeats, recipe)
    first = _epoch(rows, turns, recipe, 0)
    steps = max(math.ceil(len(first) * recipe.epochs / recipe.gradient_accumulation), 1)
    if recipe.max_steps:
        steps = min(steps, recipe.max_steps)
    needed = steps * recipe.gradient_accumulation
    batches = list(first)
    epoch = 1
    while len(batches) < needed:
        batches += _epoch(rows, turns, recipe, epoch)
        epoch += 1
    kept = batches[:needed]
    return Plan(tuple(batch for batch, _ in kept), tuple(size for _, size in kept), steps, len(first))


def plan_validation(rows: Sequence[TokenRow], recipe: Recipe) -> tuple[Batch, ...]:
    """Return the batches of the validation rows."""
    order = sorted(range(len(rows)), key=lambda place: (_key(rows, place, recipe), place))
    return tuple(batch for batch, _ in _cut(rows, [(place,) for place in order], recipe))


def _key(rows: Sequence[TokenRow], place: int, recipe: Recipe) -> tuple[int, ...]:
    """Return what is sorted by: rows that begin alike, or rows of one length."""
    ids = rows[place].input_ids
    return ids if recipe.layout == "tree" else (len(ids),)


def _copies(rows: Sequence[TokenRow], repeats: Sequence[int], recipe: Recipe) -> list[list[_Unit]]:
    """Return the units of each turn of an epoch; rows that are repeated are in several turns."""
    turns: list[list[_Unit]] = []
    for turn in range(max(repeats)):
        places = [place for place, times in enumerate(repeats) if times > turn]
        turns.append(_families(rows, places, recipe) if recipe.layout == "tree" else [(place,) for place in places])
    return turns


def _families(rows: Sequence[TokenRow], places: Sequence[int], recipe: Recipe) -> list[_Unit]:
    families: list[list[int]] = []
    for place in sorted(places, key=lambda each: rows[each].input_ids):
        last = families[-1] if families else []
        if last and len(last) < recipe.batch_rows and _are_close(rows[last[-1]], rows[place]):
            last.append(place)
        else:
            families.append([place])
    return [tuple(family) for family in families]


def _are_close(one: TokenRow, other: TokenRow) -> bool:
    return 2 * shared_length(one, other) >= prompt_length(other)


def _epoch(
    rows: Sequence[TokenRow], turns: Sequence[Sequence[_Unit]], recipe: Recipe, epoch: int
) -> list[tuple[Batch, int]]:
    draw = random.Random(f"{recipe.seed}/{epoch}")  # noqa: S311 - an order, not a secret
    batches: list[tuple[Batch, int]] = []
    for units in turns:  # one after the other, so that no batch holds a row twice
        drawn = list(units)
        draw.shuffle(drawn)
        for part in _windows(drawn, recipe.window * recipe.batch_rows):
            batches += _cut_sorted(rows, part, recipe)
    draw.shuffle(batches)
    return batches


def _windows(units: Sequence[_Unit], rows: int) -> Iterator[list[_Unit]]:
    part: list[_Unit] = []
    for unit in units:
        part.append(unit)
        if sum(map(len, part)) >= rows:
            yield part
            part = []
    if part:
        yield part


def _cut_sorted(rows: Sequence[TokenRow], units: list[_Unit], recipe: Recipe) -> list[tuple[Batch, int]]:
    if recipe.window > 1:
        units = sorted(units, key=lambda unit: _key(rows, unit[0], recipe))
    return _cut(rows, units, recipe)


def _cut(rows: Sequence[TokenRow], units: Sequence[_Unit], recipe: Recipe) -> list[tuple[Batch, int]]:
    """Fill batches up to the recipe's limits; a unit is cut only where it is over them by itself."""
    batches: list[tuple[Batch, int]] = []
    batch: list[int] = []
    for unit in units:
        if batch and not _fits(rows, [*batch, *unit], recipe):
            batches.append((tuple(batch), _size(rows, batch, recipe)))
            batch = []
        for place in unit:
            if batch and not _fits(rows, [*batch, place], recipe):
                batches.append((tuple(batch), _size(rows, batch, recipe)))
                batch = []
            batch.append(place)
    if batch:
        batches.append((tuple(batch), _size(rows, batch, recipe)))
    return batches


def _fits(rows: Sequence[TokenRow], batch: Sequence[int], recipe: Recipe) -> bool:
    return len(batch) <= recipe.batch_rows and _size(rows, batch, recipe) <= recipe.batch_tokens


def _size(rows: Sequence[TokenRow], batch: Sequence[int], recipe: Recipe) -> int:
    if recipe.layout != "tree":
        return len(batch) * max(len(rows[place].input_ids) for place in batch)
    return tree_size([rows[place] for place in batch])
