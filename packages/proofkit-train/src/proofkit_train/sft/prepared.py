"""A run before its model is loaded: rows, tokens, order and identity."""

from pathlib import Path
from typing import NamedTuple

from proofkit_core.provenance import digest_of
from proofkit_train.base.source import BaseSource, resolve_base
from proofkit_train.base.tokenizer import BaseTokenizer, open_tokenizer
from proofkit_train.errors import RecipeError
from proofkit_train.sft.identity import RunIdentity
from proofkit_train.sft.lanes import check_versions, imported_versions, load_lane
from proofkit_train.sft.model import has_cuda
from proofkit_train.sft.order import Plan, plan_batches
from proofkit_train.sft.preflight import RowCount, count_rows
from proofkit_train.sft.recipe import Recipe, recipe_digest, settle
from proofkit_train.sft.rows import RunRows, TokenizedRows, read_rows, rows_digest, tokenize_rows

__all__ = ["Prepared", "prepare"]


class Prepared(NamedTuple):
    """Everything that is known of a run without its model."""

    recipe: Recipe
    source: BaseSource
    tokenizer: BaseTokenizer
    rows: RunRows
    train: TokenizedRows
    validation: TokenizedRows
    counts: tuple[RowCount, RowCount | None]
    versions: dict[str, str]
    plan: Plan
    identity: RunIdentity

    @property
    def name(self) -> str:
        """Return the name of the run's folder."""
        return f"{self.recipe.name}-{self.identity.digest[:12]}"


def prepare(recipe: Recipe, data: Path | None) -> Prepared:
    """Read and check everything that needs no model.

    Raises:
        TrainError: The recipe, the data set, the base's tokenizer or the installed versions do not fit.
    """
    lane = load_lane(recipe.lane)
    rows = read_rows(_place(recipe, data), recipe)
    source = resolve_base(recipe.base, revision=recipe.revision)
    tokenizer = open_tokenizer(source)
    limits = {"end_token": tokenizer.end_token_id, "max_length": recipe.max_length}
    train = tokenize_rows(rows.train, tokenizer, **limits)
    validation = tokenize_rows(rows.validation, tokenizer, **limits)
    counts = (
        count_rows(train, recipe, "train"),
        (count_rows(validation, recipe, "validation") if rows.validation else None),
    )
    versions = imported_versions(lane.lock)
    check_versions(lane, versions)
    recipe = settle(recipe, has_cuda=has_cuda())
    repeats = [recipe.hand_weight if row.source == "hand" else 1 for row in train.rows]
    return Prepared(
        recipe=recipe,
        source=source,
        tokenizer=tokenizer,
        rows=rows,
        train=train,
        validation=validation,
        counts=counts,
        versions=versions,
        plan=plan_batches(train.tokens, repeats, recipe),
        identity=RunIdentity(
            contract=rows.manifest.contract_digest,
            rows=rows_digest(train.rows, train.tokens),
            validation=rows_digest(validation.rows, validation.tokens),
            tokenizer=tokenizer.digest,
            template=rows.manifest.template_digest,
            recipe=recipe_digest(recipe),
            lane=digest_of(versions),
            base=source.digest,
        ),
    )


def _place(recipe: Recipe, data: Path | None) -> Path:
    place = data or (Path(recipe.data) if recipe.data else None)
    if place is None:
        raise RecipeError("Got no data set. Expected its folder: give --data DIR, or set the recipe's `data`.")
    return place
