"""Locks on files: which of several programs may write."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

from proofkit_core.errors import InputError, OutputPathError

__all__ = ["lock_file", "one_at_a_time"]

_WAIT_S = 30.0
_LOOK_AGAIN_S = 0.02


def lock_file(file: BinaryIO) -> None:
    """Lock an open file until it is closed.

    Raises:
        OSError: Another program holds it.
    """
    if os.name == "posix":
        from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - not everywhere

        flock(file, LOCK_EX | LOCK_NB)
    else:
        import msvcrt  # noqa: PLC0415 - only there

        # A byte far behind the end, so that everybody may still read the rows.
        file.seek(1 << 40)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]


@contextmanager
def one_at_a_time(path: Path, *, wait_s: float = _WAIT_S) -> Generator[None]:
    """Wait until no other program is in a block under the same file, and keep the others out of this one.

    Args:
        path: The file, empty and left where it is; its folder is made.
        wait_s: Seconds to wait at most.

    Raises:
        InputError: Another program did not come to an end.
        OutputPathError: The file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise OutputPathError(
            f"{str(path.parent)!r} cannot be written to: {error.strerror}. Expected a folder that this program may "
            "write to. Name another one."
        ) from error
    with file:
        _wait(lambda: lock_file(file), path, monotonic() + wait_s)
        yield


def _wait(take: Callable[[], None], path: Path, ends_at: float) -> None:
    while True:
        try:
            take()
        except OSError as error:
            if monotonic() > ends_at:
                raise InputError(
                    f"Another program keeps {str(path)!r} locked. Expected it to be done in a moment. Look which "
                    "program that is, end it, and give the same command again."
                ) from error
            sleep(_LOOK_AGAIN_S)
        else:
            return
