"""Writes and reads a data set's folder: one JSONL file a split, and a manifest with the digests."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from proofkit_core.provenance import digest_of
from proofkit_prompts import Contract
from proofkit_train.data.build import BuildPlan
from proofkit_train.data.row import Row
from proofkit_train.data.split import SPLITS
from proofkit_train.errors import DataSetError
from proofkit_train.writing import write_folder

MANIFEST = "manifest.json"
_REBUILD = "Build it again with `proofkit-train data build --out DIR`."


class Manifest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a data set is made of."""

    rows_digest: str
    """SHA-256 (hex) over the names and bytes of all row files, in the order of the splits."""
    contract_version: str
    contract_digest: str
    task_digests: dict[str, str]
    template_digest: str
    """SHA-256 (hex) of the chat template."""
    plan: dict[str, Any]
    plan_digest: str
    counts: dict[str, dict[str, int]]
    """Rows by split and task."""
    refused: dict[str, int]
    """Targets turned down, by reason."""


def encode_rows(rows: Iterable[Row]) -> bytes:
    """Return rows as JSON lines, the same bytes everywhere."""
    lines = (json.dumps(row.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def split_files(rows: Sequence[Row]) -> dict[str, bytes]:
    """Return the bytes of each split's file, by file name."""
    return {f"{split}.jsonl": encode_rows(row for row in rows if row.split == split) for split in SPLITS}


def rows_digest(contents: dict[str, bytes]) -> str:
    """Return the digest over all row files."""
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def template_digest(contract: Contract) -> str:
    """Return the digest of a contract's chat template."""
    frame = contract.compiled_task(contract.tasks[0]).chat
    return hashlib.sha256("\0".join(frame).encode()).hexdigest()


def make_manifest(
    rows: Sequence[Row], contents: dict[str, bytes], *, plan: BuildPlan, contract: Contract, refused: dict[str, int]
) -> Manifest:
    """Return the manifest of a data set.

    Args:
        rows: All rows.
        contents: The files, by name.
        plan: What the rows were built by.
        contract: The contract of the prompts.
        refused: Targets turned down, by reason.
    """
    counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    for row in rows:
        counts[row.split][row.task] += 1
    dumped = plan.model_dump(mode="json")
    return Manifest(
        rows_digest=rows_digest(contents),
        contract_version=contract.version,
        contract_digest=contract.digest,
        task_digests={task: contract.task_digest(task) for task in contract.tasks},
        template_digest=template_digest(contract),
        plan=dumped,
        plan_digest=digest_of(dumped),
        counts={split: dict(sorted(tasks.items())) for split, tasks in counts.items()},
        refused=dict(sorted(refused.items())),
    )


def write_data_set(folder: Path, contents: dict[str, bytes], manifest: Manifest) -> None:
    """Write a data set. Whatever goes wrong, no half of one is found under the folder's name.

    Raises:
        DataSetError: The folder holds something else, or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise DataSetError(f"The folder {str(folder)!r} holds other files. Expected none, or a data set to replace.")
    files = {**contents, MANIFEST: (json.dumps(manifest.model_dump(mode="json"), indent=2) + "\n").encode()}

    def fill(half: Path) -> None:
        for name, content in files.items():
            (half / name).write_bytes(content)

    try:
        write_folder(folder, fill)
    except OSError as error:
        raise DataSetError(
            f"The data set could not be written to {str(folder)!r}: {error.strerror}. Nothing was left there; "
            "free space or choose another folder."
        ) from error


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest:
    """Return a data set's manifest.

    Raises:
        DataSetError: There is none, or it is damaged.
    """
    path = folder / name
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"), strict=False)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise DataSetError(f"No data set could be read at {str(folder)!r}: {error}. {_REBUILD}") from error


def read_split(folder: Path, split: str) -> tuple[Row, ...]:
    """Return the rows of a split.

    Raises:
        DataSetError: The file is missing, empty or damaged.
    """
    path = folder / f"{split}.jsonl"
    return tuple(_read_rows(path))


def _read_rows(path: Path) -> Iterator[Row]:
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                number += 1
                yield Row.model_validate_json(line, strict=False)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise DataSetError(f"{path.name}, line {number}: {error}. {_REBUILD}") from error
    if not number:
        raise DataSetError(f"{path.name} holds no rows; expected one a line. {_REBUILD}")
