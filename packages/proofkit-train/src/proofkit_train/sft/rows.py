"""Which rows a run uses, and their tokens."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from proofkit_core.provenance import digest_of
from proofkit_prompts import load_contract
from proofkit_train.data.files import Manifest, read_manifest, read_split
from proofkit_train.data.files import rows_digest as files_digest
from proofkit_train.data.row import Row
from proofkit_train.data.split import SPLITS
from proofkit_train.errors import DataSetError, PreflightError
from proofkit_train.sft.recipe import Recipe
from proofkit_train.tokens import TokenRow, TokenSource, tokenize_row

__all__ = ["RunRows", "TokenizedRows", "choose_rows", "read_rows", "rows_digest", "tokenize_rows"]


class RunRows(NamedTuple):
    """The rows that a recipe asks for."""

    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    manifest: Manifest


class TokenizedRows(NamedTuple):
    """Rows that fit, with their tokens."""

    rows: tuple[Row, ...]
    tokens: tuple[TokenRow, ...]
    lost: tuple[str, ...]
    """Ids of rows that are too long."""


def read_rows(folder: Path, recipe: Recipe) -> RunRows:
    """Read a data set and choose the rows that a recipe asks for.

    Raises:
        DataSetError: The data set is missing, damaged, or made with another contract than the installed one.
    """
    manifest = read_manifest(folder)
    contract = load_contract(manifest.contract_version)
    if manifest.contract_digest != contract.digest:
        raise DataSetError(
            f"The data set {str(folder)!r} was made with contract {manifest.contract_digest[:12]}. Expected "
            f"{contract.digest[:12]}, which is installed. Build it again with `proofkit-train data build`."
        )
    _check_files(folder, manifest)
    train = read_split(folder, "train")
    validation = read_split(folder, "validation") if recipe.validation_rows else ()
    for row in (*train, *validation):
        if row.contract != contract.digest:
            raise DataSetError(
                f"The row {row.id!r} was made with contract {row.contract[:12]}, and the data set's manifest says "
                f"{contract.digest[:12]}. Expected one contract. Build the data set again with `proofkit-train data "
                f"build`."
            )
    drawn = _drawn(validation, recipe.seed)[: recipe.validation_rows]
    return RunRows(choose_rows(train, recipe), tuple(drawn), manifest)


def _check_files(folder: Path, manifest: Manifest) -> None:
    try:
        contents = {f"{split}.jsonl": (folder / f"{split}.jsonl").read_bytes() for split in SPLITS}
    except OSError as error:
        raise DataSetError(
            f"The data set {str(folder)!r} could not be read: {error}. Expected one file for each of "
            f"{', '.join(SPLITS)}. Build it again with `proofkit-train data build`."
        ) from error
    if (found := files_digest(contents)) != manifest.rows_digest:
        raise DataSetError(
            f"The rows of the data set {str(folder)!r} differ from its manifest: they have the digest {found[:12]}. "
            f"Expected {manifest.rows_digest[:12]}. Build it again with `proofkit-train data build`."
        )


def choose_rows(rows: Sequence[Row], recipe: Recipe) -> tuple[Row, ...]:
    """Return the rows that a recipe trains on, in an order that depends on its seed and their ids alone.

    Rows written by hand come first, so that a limit never costs one while a grown row stays. The rows of one person are
    drawn together: they share most of their prompts, which are then calculated once.

    Raises:
        DataSetError: A task of `task_rows` has no rows, or none are left.
    """
    present = {row.task for row in rows}
    if unknown := sorted(set(recipe.task_rows) - present):
        raise DataSetError(
            f"The recipe limits the rows of {unknown[0]!r}. Expected one of {', '.join(sorted(present))}, which the "
            f"data set has. Correct `task_rows`."
        )
    drawn = sorted(
        rows, key=lambda row: (row.source != "hand", _mixed(f"{row.case}/{row.variation}", recipe.seed), row.id)
    )
    taken: Counter[str] = Counter()
    kept: list[Row] = []
    for row in drawn:
        if taken[row.task] < recipe.task_rows.get(row.task, len(drawn)):
            taken[row.task] += 1
            kept.append(row)
    chosen = kept[: recipe.rows or len(kept)]
    if not chosen:
        raise DataSetError("No row is left to train on. Expected at least one; raise `rows` or `task_rows`.")
    return tuple(chosen)


def _drawn(rows: Sequence[Row], seed: int) -> list[Row]:
    return sorted(rows, key=lambda row: _mixed(row.id, seed))


def _mixed(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{text}".encode()).digest()


def tokenize_rows(rows: Sequence[Row], tokenizer: TokenSource, *, end_token: int, max_length: int) -> TokenizedRows:
    """Return the tokens of rows, and which rows are too long.

    Args:
        rows: The rows.
        tokenizer: The base model's tokenizer.
        end_token: The token that ends every completion.
        max_length: Most tokens of a row.

    Raises:
        PreflightError: A row would not be learned up to its end token.
        DataSetError: A prompt's tokens are not the first ones of its row.
    """
    kept: list[Row] = []
    tokens: list[TokenRow] = []
    lost: list[str] = []
    for row in rows:
        tokenized = tokenize_row(tokenizer, row.prompt, row.completion)
        if tokenized.labels[-1] != end_token or tokenized.trained < 2:  # noqa: PLR2004 - a word and the end
            raise PreflightError(
                f"The row {row.id!r} trains {tokenized.trained} tokens and ends with token {tokenized.labels[-1]}. "
                f"Expected some text and the end token {end_token}, so that the model learns to stop. Build the data "
                f"set again with `proofkit-train data build`."
            )
        if len(tokenized.input_ids) > max_length:
            lost.append(row.id)
            continue
        kept.append(row)
        tokens.append(tokenized)
    return TokenizedRows(tuple(kept), tuple(tokens), tuple(lost))


def rows_digest(rows: Sequence[Row], tokens: Sequence[TokenRow]) -> str:
    """Return the digest over the rows that are used: their ids, sources and tokens."""
    return digest_of(
        [[row.id, row.source, list(one.input_ids), one.trained] for row, one in zip(rows, tokens, strict=True)]
    )
