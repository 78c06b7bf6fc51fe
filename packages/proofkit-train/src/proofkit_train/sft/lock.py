"""Keeps two programs from training the same run at once."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from proofkit_train.errors import CheckpointError

__all__ = ["LOCK", "sole_owner"]

LOCK = "run.lock"
"""The system lets go of it when its program ends, however it ends; the file itself says nothing."""


@contextmanager
def sole_owner(folder: Path) -> Generator[None]:
    """Own a run's folder for as long as the block lasts.

    Raises:
        CheckpointError: Another program trains this run.
    """
    with (folder / LOCK).open("ab") as file:
        try:
            _take(file)
        except OSError as error:
            raise CheckpointError(
                f"Another program trains the run in {str(folder)!r}. Expected one at a time. Wait for it, or stop it; "
                f"then give the same command again."
            ) from error
        yield


def _take(file: BinaryIO) -> None:
    if os.name == "posix":
        from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - not everywhere

        flock(file, LOCK_EX | LOCK_NB)
    else:
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
