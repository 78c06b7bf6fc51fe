"""A recipe: everything that decides what a fine-tuning run does, from one TOML file."""

import difflib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from proofkit_core.provenance import digest_of
from proofkit_train.errors import RecipeError

__all__ = ["Recipe", "load_recipe", "recipe_digest", "settle"]

_PACE = frozenset({"data", "keep", "log_every", "save_every"})
"""Keys that change where and how often a run writes, and not what it learns; they are no part of its identity."""


class Recipe(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a run trains, on what and how."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    """Start of the run folder's name; lower case, so that it is the same folder on every file system."""
    lane: str = "dense"
    """Which set of library versions the run was made for."""
    base: str
    """`embedded`, `hub:OWNER/NAME`, or the path of a GGUF file or a folder."""
    revision: str = ""
    """Commit on the hub; needed for a base from there."""
    data: str = ""
    """Folder of the data set; `--data` wins."""

    rank: int = Field(default=16, ge=1, le=512)
    alpha: float = Field(default=32.0, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    """Which layers learn: all but the output layer, or the ends of their names."""

    learning_rate: float = Field(default=5e-4, gt=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: float = Field(default=0.05, ge=0, le=1)
    """Share of the steps over which the learning rate rises."""
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, ge=0)
    epochs: float = Field(default=1.0, gt=0)
    max_steps: int = Field(default=0, ge=0)
    """Most optimizer steps; 0 for as many as the epochs have."""

    batch_rows: int = Field(default=8, ge=1)
    """Most rows that go through the model at once."""
    batch_tokens: int = Field(default=4096, ge=16)
    """Most tokens that go through the model at once: with padding, and what rows share counted once."""
    gradient_accumulation: int = Field(default=2, ge=1)
    """Batches an optimizer step."""
    window: int = Field(default=32, ge=1)
    """Batches whose rows are drawn together and sorted, so that alike ones meet; 1 for no sorting."""
    layout: Literal["auto", "tree", "padded"] = "auto"
    """How the rows of a batch lie: beginnings that they share once, or each row whole and padded. `auto` takes the
    tree on a CPU, where it is about twice as fast, and padding elsewhere."""

    max_length: int = Field(default=1536, ge=8)
    """Longer rows are left out, and counted."""
    most_lost: float = Field(default=0.01, ge=0, le=1)
    """Share of rows that may be left out for their length before the run is refused."""
    hand_weight: int = Field(default=1, ge=1)
    """How often an epoch repeats each row written by hand."""
    rows: int = Field(default=0, ge=0)
    """Train on so many rows, those written by hand first; 0 for all."""
    task_rows: dict[str, int] = Field(default_factory=dict[str, int])
    """Most rows of a task."""
    validation_rows: int = Field(default=200, ge=0)

    seed: int = Field(default=0, ge=0, lt=2**31)
    dtype: Literal["bf16-autocast", "bf16-weights", "fp32"] = "bf16-autocast"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0)
    """Threads of the CPU; 0 for as many as it has cores."""

    save_every: int = Field(default=20, ge=1)
    """Steps from one checkpoint to the next."""
    eval_every: int = Field(default=0, ge=0)
    """Steps from one validation to the next, a multiple of `save_every`; 0 for never."""
    log_every: int = Field(default=1, ge=1)
    keep: int = Field(default=2, ge=1)
    """Newest checkpoints to keep; the best one stays as well."""
    publish: Literal["best", "last"] = "best"
    """Which checkpoint becomes the adapter: the best by validation loss, or the last."""


def recipe_digest(recipe: Recipe) -> str:
    """Return the digest over all values that shape what is learned."""
    return digest_of(recipe.model_dump(mode="json", exclude=set(_PACE)))


def settle(recipe: Recipe, *, has_cuda: bool) -> Recipe:
    """Return a recipe that leaves nothing to the machine it runs on.

    Args:
        recipe: The recipe.
        has_cuda: Whether torch finds a CUDA card.
    """
    device = recipe.device if recipe.device != "auto" else "cuda" if has_cuda else "cpu"
    layout = recipe.layout if recipe.layout != "auto" else "tree" if device == "cpu" else "padded"
    return recipe.model_copy(update={"device": device, "layout": layout})


def load_recipe(path: Path, changes: Iterable[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path: The TOML file.
        changes: `key=value` pairs that replace values of the file; `table.key=value` for a key of a table.

    Raises:
        RecipeError: The file cannot be read, or a key or value is not one that a recipe has.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(
            f"The recipe {str(path)!r} could not be read: {error.strerror}. Expected a TOML file. Check the path."
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"The recipe {str(path)!r} is no TOML: {error}. Correct that line.") from error
    for change in changes:
        _put(values, change)
    return _check(values, str(path))


def _put(values: dict[str, Any], change: str) -> None:
    key, equals, raw = change.partition("=")
    if not equals or not key.strip():
        raise RecipeError(f"Got --set {change!r}. Expected key=value, such as --set learning_rate=3e-4.")
    *tables, last = key.strip().split(".")
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - the file may hold anything
            raise RecipeError(f"Got --set {change!r}, but {table!r} is no table of a recipe. Leave the dot out.")
    try:
        values[last] = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        values[last] = raw.strip()  # a bare word, as people type it


def _check(values: dict[str, Any], where: str) -> Recipe:
    for key in values:
        if key not in Recipe.model_fields:
            near = difflib.get_close_matches(key, Recipe.model_fields, n=1, cutoff=0.0)
            raise RecipeError(
                f"The recipe {where!r} has the key {key!r}. Expected one of {', '.join(Recipe.model_fields)}. "
                f"Did you mean {near[0]!r}?"
            )
    try:
        recipe = Recipe.model_validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        found = error.errors()[0]
        key = ".".join(str(part) for part in found["loc"] if not str(part).startswith(("literal", "tuple"))) or "?"
        raise RecipeError(
            f"The recipe {where!r} has {found['input']!r} as {key!r}: {found['msg']}. Correct that value."
        ) from error
    _check_together(recipe, where)
    return recipe


def _check_together(recipe: Recipe, where: str) -> None:
    if recipe.eval_every % recipe.save_every:
        raise RecipeError(
            f"The recipe {where!r} validates every {recipe.eval_every} steps and saves every {recipe.save_every}. "
            f"Expected `eval_every` as a multiple of `save_every`, so that the best checkpoint exists; change one."
        )
    if recipe.max_length > recipe.batch_tokens:
        raise RecipeError(
            f"The recipe {where!r} allows rows of {recipe.max_length} tokens and batches of {recipe.batch_tokens}. "
            f"Expected `batch_tokens` of at least `max_length`; raise one or lower the other."
        )
