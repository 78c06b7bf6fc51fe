"""Checkpoints: written whole or not at all, and taken up only by the run that wrote them."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from proofkit_train.errors import CheckpointError
from proofkit_train.sft.identity import RunIdentity, require_same
from proofkit_train.writing import remove_folder, write_bytes, write_folder

__all__ = ["COMPLETE", "Checkpoint", "Found", "checkpoints", "find_checkpoint", "prune", "save_checkpoint"]

COMPLETE = "COMPLETE"
"""Written last of all; without it a checkpoint does not count."""
IDENTITY = "identity.json"
_PREFIX = "checkpoint-"


class Marker(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the file `COMPLETE` says."""

    run: str
    step: int
    validation_loss: float | None
    files: dict[str, str]
    """SHA-256 (hex) of each file."""


class Checkpoint(NamedTuple):
    """A complete checkpoint."""

    path: Path
    step: int
    validation_loss: float | None


class Found(NamedTuple):
    """What a run can go on from."""

    checkpoint: Checkpoint | None
    skipped: tuple[str, ...]
    """Names of folders without the marker."""


def save_checkpoint(
    folder: Path, step: int, fill: Callable[[Path], None], *, identity: RunIdentity, validation_loss: float | None
) -> Path:
    """Write a checkpoint; the marker comes last, and the final name after it.

    Args:
        folder: Folder of the run's checkpoints.
        step: Optimizer steps done.
        fill: Writes the files into the folder that it is given.
        identity: The run.
        validation_loss: Where it was measured at this step.

    Raises:
        CheckpointError: It could not be written; nothing of it is left.
    """
    path = folder / f"{_PREFIX}{step:08d}"

    def fill_and_mark(half: Path) -> None:
        fill(half)
        write_bytes(half / IDENTITY, _pretty({"digest": identity.digest, **identity.model_dump()}))
        digests = {file.name: _digest(file) for file in sorted(half.iterdir()) if file.is_file()}
        marker = Marker(run=identity.digest, step=step, validation_loss=validation_loss, files=digests)
        write_bytes(half / COMPLETE, _pretty(marker.model_dump()))

    try:
        if path.exists():
            shutil.rmtree(path)  # of this run and step, but incomplete: a complete one would have been taken up
        write_folder(path, fill_and_mark)
    except Exception as error:  # the libraries that write tensors wrap a full disk in types of their own
        raise CheckpointError(
            f"The checkpoint of step {step} could not be written to {str(folder)!r}: {error}. Nothing of it was left, "
            f"and earlier checkpoints are as they were. Free space on the disk and give the same command again."
        ) from error
    return path


def checkpoints(folder: Path) -> list[Checkpoint]:
    """Return the complete checkpoints of a folder, oldest first.

    Raises:
        CheckpointError: A marker cannot be read.
    """
    found = [path for path in _folders(folder) if (path / COMPLETE).is_file()]
    markers = [(path, _read_marker(path)) for path in found]
    return [Checkpoint(path, marker.step, marker.validation_loss) for path, marker in markers]


def find_checkpoint(folder: Path, identity: RunIdentity) -> Found:
    """Return the newest complete checkpoint, if it is of this run and undamaged.

    Args:
        folder: Folder of the run's checkpoints.
        identity: The run that wants to go on.

    Raises:
        CheckpointError: The newest one is of another run, or its files are not what its marker says.
    """
    skipped = tuple(path.name for path in _folders(folder) if not (path / COMPLETE).is_file())
    complete = checkpoints(folder)
    if not complete:
        return Found(None, skipped)
    newest = complete[-1]
    require_same(_read_identity(newest.path), identity, str(newest.path))
    _check_files(newest.path, _read_marker(newest.path), identity)
    return Found(newest, skipped)


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest checkpoints and the best one."""
    complete = checkpoints(folder)
    kept = {one.path for one in complete[-keep:]}
    if best := best_checkpoint(complete):
        kept.add(best.path)
    for one in complete:
        if one.path not in kept:
            remove_folder(one.path)


def best_checkpoint(complete: list[Checkpoint]) -> Checkpoint | None:
    """Return the checkpoint with the lowest validation loss; the earlier one of two equals."""
    measured = [one for one in complete if one.validation_loss is not None]
    return min(measured, key=lambda one: (one.validation_loss, one.step)) if measured else None


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())


def _read_marker(path: Path) -> Marker:
    try:
        return Marker.model_validate_json((path / COMPLETE).read_bytes())
    except (OSError, ValidationError) as error:
        raise _damaged(path, COMPLETE) from error


def _read_identity(path: Path) -> RunIdentity:
    try:
        fields = json.loads((path / IDENTITY).read_bytes())
        fields.pop("digest")
        return RunIdentity.model_validate(fields)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(path, IDENTITY) from error


def _check_files(path: Path, marker: Marker, identity: RunIdentity) -> None:
    if marker.run != identity.digest:
        raise _damaged(path, COMPLETE)
    for name, digest in marker.files.items():
        if not (path / name).is_file() or _digest(path / name) != digest:
            raise _damaged(path, name)


def _damaged(path: Path, name: str) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint {str(path)!r} is damaged: its file {name!r} is not what was written. Expected the files that "
        f"its marker lists. Remove this folder; the run then goes on from the checkpoint before it, or from the start."
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
