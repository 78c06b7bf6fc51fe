"""Writes rows as tokens: `input_ids` and `labels`, so that whoever trains on them renders and truncates nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import BaseTokenizer, open_tokenizer
from proofkit_train.data.row import Row
from proofkit_train.data.split import SPLITS
from proofkit_train.errors import DataSetError
from proofkit_train.tokens import tokenize_row
from proofkit_train.writing import write_folder


def encode_tokens(rows: Sequence[Row], tokenizer: BaseTokenizer) -> bytes:
    """Return rows as JSON lines with their tokens; masked labels are -100.

    Args:
        rows: Rows of one split.
        tokenizer: The base's tokenizer.
    """
    lines: list[str] = []
    for row in rows:
        tokens = tokenize_row(tokenizer, row.prompt, row.completion)
        value = {"id": row.id, "input_ids": list(tokens.input_ids), "labels": list(tokens.labels)}
        lines.append(json.dumps({**value, "weight": row.weight}, separators=(",", ":")))
    return "".join(f"{line}\n" for line in lines).encode()


def write_tokens(folder: Path, rows: Sequence[Row], base: str) -> Path:
    """Write each split's tokens into a folder that carries the tokenizer's digest in its name.

    Args:
        folder: The data set.
        rows: All rows.
        base: The base model, as a recipe names it.

    Returns:
        The folder.

    Raises:
        BaseError: The base cannot be used.
        DataSetError: The files cannot be written; nothing is left.
    """
    tokenizer = open_tokenizer(resolve_base(base))
    target = folder / f"tokens-{tokenizer.digest[:12]}"

    def fill(half: Path) -> None:
        for split in SPLITS:
            content = encode_tokens([row for row in rows if row.split == split], tokenizer)
            (half / f"{split}.jsonl").write_bytes(content)

    try:
        write_folder(target, fill)
    except OSError as error:
        raise DataSetError(
            f"The tokens could not be written to {str(target)!r}: {error.strerror}. Free space there."
        ) from error
    return target
