"""What is checked and measured before a run: cheap beside a night of training on the wrong thing."""

import sys
import time
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from proofkit_train.errors import PreflightError
from proofkit_train.sft.model import trained_modules
from proofkit_train.sft.order import Plan
from proofkit_train.sft.recipe import Recipe
from proofkit_train.sft.rows import TokenizedRows

__all__ = ["Measured", "Preflight", "RowCount", "check_modules", "count_rows", "measure", "preflight_lines"]

_MIB = 1024 * 1024


class RowCount(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The rows of one split, in tokens."""

    kept: int
    by_hand: int
    lost: tuple[str, ...]
    """Ids of rows over the recipe's limit."""
    trained_tokens: int
    trained_per_row: tuple[int, int, int]
    """Least, middle and most."""
    tokens_per_row: tuple[int, int, int]


class Measured(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a few batches took, and what that means for the run."""

    tokens_per_second: float
    """Tokens of the rows, whether shared or not."""
    passed: float
    """Tokens that go through the model, for each token of the rows: over 1 with padding, under 1 where rows share."""
    hours: float
    peak_mib: int | None
    """Most memory of the process or the card; None where the system does not say."""


class Preflight(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All that was checked; written beside the run."""

    run: str
    versions: dict[str, str]
    device: str
    dtype: str
    train: RowCount
    validation: RowCount | None
    steps: int
    trained_modules: tuple[str, ...]
    trained_parameters: int
    measured: Measured


def count_rows(rows: TokenizedRows, recipe: Recipe, split: str) -> RowCount:
    """Count rows and refuse a run that would lose too many, or has none.

    Args:
        rows: The tokenized rows of a split.
        recipe: The recipe with its limits.
        split: The split's name.

    Raises:
        PreflightError: More rows than the recipe allows are over its length, or none is left.
    """
    all_rows = len(rows.rows) + len(rows.lost)
    if not rows.rows or len(rows.lost) > recipe.most_lost * all_rows:
        raise PreflightError(
            f"Of {all_rows} rows of the split {split!r}, {len(rows.lost)} have over {recipe.max_length} tokens, such "
            f"as {', '.join(repr(name) for name in rows.lost[:3]) or 'none'}. Expected at most "
            f"{recipe.most_lost:.1%} and at least one row that fits. Raise `max_length`, or allow it with `most_lost`."
        )
    trained = [row.trained for row in rows.tokens]
    return RowCount(
        kept=len(rows.rows),
        by_hand=sum(row.source == "hand" for row in rows.rows),
        lost=rows.lost,
        trained_tokens=sum(trained),
        trained_per_row=_spread(trained),
        tokens_per_row=_spread([len(row.input_ids) for row in rows.tokens]),
    )


def _spread(numbers: Sequence[int]) -> tuple[int, int, int]:
    ordered = sorted(numbers)
    return ordered[0], ordered[len(ordered) // 2], ordered[-1]


def check_modules(model: Any, declared: Sequence[str]) -> list[str]:  # noqa: ANN401 - a PEFT model
    """Return the names of the layers that really learn.

    Args:
        model: The model with its adapter.
        declared: What the recipe says, by `declared_modules`.

    Raises:
        PreflightError: Other layers learn than declared, or a weight has no values.
    """
    empty = sorted(name for name, parameter in model.named_parameters() if parameter.is_meta)
    if empty:
        raise PreflightError(
            f"{len(empty)} weights have no values, such as {empty[0]!r}. Expected all of the base in memory. Choose a "
            f"smaller base, or a machine with more memory."
        )
    trained = trained_modules(model)
    if trained != sorted(declared):
        other = sorted(set(trained) ^ set(declared))
        raise PreflightError(
            f"{len(trained)} layers would learn, and the recipe declares {len(declared)}; they differ in "
            f"{', '.join(other[:4])}. Expected the same. Correct `targets`."
        )
    return trained


def measure(trainer: Any, plan: Plan, *, batches: int = 3) -> Measured:  # noqa: ANN401 - TRL has no types
    """Run a few batches forth and back, change nothing, and estimate the run.

    The first is the largest of the run, for the memory; the others are spread over all sizes, for the time.

    Args:
        trainer: The trainer, its adapter attached.
        plan: The run's batches.
        batches: How many batches are timed.
    """
    by_size = sorted(range(len(plan.sizes)), key=plan.sizes.__getitem__)
    typical = [by_size[len(by_size) * (2 * turn + 1) // (2 * batches)] for turn in range(batches)]
    _try_batch(trainer, plan.batches[by_size[-1]])
    started = time.perf_counter()
    for turn in typical:
        _try_batch(trainer, plan.batches[turn])
    seconds = time.perf_counter() - started
    pace = sum(plan.sizes[turn] for turn in typical) / seconds
    lengths = [len(row.input_ids) for row in trainer.job.train]
    read = sum(lengths[place] for batch in plan.batches for place in batch)
    return Measured(
        tokens_per_second=round(pace * read / sum(plan.sizes), 1),
        passed=round(sum(plan.sizes) / read, 4),
        hours=round(sum(plan.sizes) / pace / 3600, 3),
        peak_mib=_peak_memory(),
    )


def _try_batch(trainer: Any, places: Sequence[int]) -> None:  # noqa: ANN401
    rows = [trainer.train_dataset[place] for place in places]
    trainer.model.train()
    inputs = trainer._prepare_inputs(trainer.data_collator(rows))  # noqa: SLF001 - the way each step goes
    trainer.sum_loss(trainer.model, inputs).loss.backward()
    trainer.model.zero_grad(set_to_none=True)


def _peak_memory() -> int | None:
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() // _MIB
    if sys.platform == "win32":
        return None
    from resource import RUSAGE_SELF, getrusage  # noqa: PLC0415 - this module does not exist everywhere

    unit = 1 if sys.platform == "darwin" else 1024
    return getrusage(RUSAGE_SELF).ru_maxrss * unit // _MIB


def preflight_lines(found: Preflight) -> list[str]:
    """Return a preflight as a person reads it."""
    train, measured = found.train, found.measured
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    ends = sorted({name.rpartition(".")[2] for name in found.trained_modules})
    validation = f"{found.validation.kept} rows" if found.validation else "none"
    return [
        f"run         {found.run[:12]}",
        f"versions    {versions}",
        f"rows        {train.kept} ({train.by_hand} by hand), {len(train.lost)} too long; validation {validation}",
        f"tokens      {_three(train.tokens_per_row)} each, {_three(train.trained_per_row)} trained (min, mid, max)",
        f"trained     {found.trained_parameters:,} weights in {len(found.trained_modules)} layers: {', '.join(ends)}",
        f"calculates  on {found.device} in {found.dtype}",
        f"memory      {measured.peak_mib or '?'} MiB at most",
        f"shared      {measured.passed:.0%} of the rows' tokens go through the model",
        f"estimate    {found.steps} steps, {measured.hours:.2f} hours at {measured.tokens_per_second:.0f} tokens/s",
    ]


def _three(numbers: tuple[int, int, int]) -> str:
    return "/".join(str(number) for number in numbers)
