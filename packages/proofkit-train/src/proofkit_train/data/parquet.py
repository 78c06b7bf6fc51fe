"""Writes rows as Parquet, for tools that read tables."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from proofkit_train.data.row import Row
from proofkit_train.data.split import SPLITS
from proofkit_train.errors import DataSetError
from proofkit_train.writing import written


def write_parquet(folder: Path, rows: Sequence[Row]) -> None:
    """Write each split as a Parquet file beside its JSON lines.

    Args:
        folder: The data set.
        rows: All rows.

    Raises:
        DataSetError: pyarrow is not installed, or a file cannot be written; it is not there then.
    """
    try:
        table: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError as error:
        raise DataSetError(
            f"Parquet needs pyarrow, which is not installed ({error}). Install `proofkit-train[parquet]`."
        ) from error
    try:
        for split in SPLITS:
            dumped = [row.model_dump(mode="json") for row in rows if row.split == split]
            if dumped:
                with written(folder / f"{split}.parquet") as half:
                    parquet.write_table(table.Table.from_pylist(dumped), half)
    except OSError as error:
        raise DataSetError(f"Parquet files could not be written to {str(folder)!r}: {error}. Free space.") from error
