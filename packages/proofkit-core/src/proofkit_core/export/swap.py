"""Puts a finished folder or file in its place in one step, so that a reader sees the old one or the new one.

Everything is written to a temporary folder beside the target, flushed to the disk, and then renamed. A folder that is
replaced is first moved aside under a fixed name; if the program dies between the two renames, the next run, or the next
reader, moves it back.
"""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from proofkit_core.errors import OutputPathError
from proofkit_core.export.names import PACKET_FILE, PROVENANCE_FILE

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def put_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder as a whole, replacing a packet that is there.

    Raises:
        OutputPathError: The place cannot be used; what was there before is still there.
    """
    target = _absolute(target)
    recover(target)
    _check_folder(target)
    fresh = _beside(target, "new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear(fresh)
        _fill(fresh, files)
        _swap(fresh, target)
    except OSError as error:
        _clear(fresh)
        raise _told(target, error) from error


def put_file(target: Path, data: bytes) -> None:
    """Write a file as a whole, replacing one that is there.

    Raises:
        OutputPathError: The place cannot be used; what was there before is still there.
    """
    target = _absolute(target)
    if target.is_dir():
        raise OutputPathError(f"{target} is a folder. Expected a place for a zip file. Choose another output.")
    fresh = _beside(target, "new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear(fresh)
        fresh.write_bytes(data)
        _flush(fresh)
        fresh.replace(target)
        _flush(target.parent)
    except OSError as error:
        _clear(fresh)
        raise _told(target, error) from error


def in_place(path: Path) -> Path:
    """Return where to read a packet: its own place, or the one it was moved aside to by a run that died."""
    aside = _beside(_absolute(path), "old")
    return aside if not path.exists() and aside.is_dir() else path


def recover(target: Path) -> None:
    """Put back a packet that was moved aside by a run that died, and remove what such a run left.

    Raises:
        OutputPathError: The file system refuses.
    """
    target = _absolute(target)
    aside = _beside(target, "old")
    if not aside.exists():
        return
    try:
        if target.exists():
            _clear(aside)
        else:
            aside.rename(target)
    except OSError as error:
        raise _told(target, error) from error


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow a link that is to be replaced


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.proofkit-{what}")


def _check_folder(target: Path) -> None:
    try:
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise OutputPathError(
                f"{target} is {'a link' if target.is_symlink() else 'a file'}. Expected a folder to write the packet "
                "to. Choose another output."
            )
        names = {entry.name for entry in target.iterdir()} if target.exists() else set[str]()
    except OSError as error:
        raise _told(target, error) from error
    if names and not {PACKET_FILE, PROVENANCE_FILE} <= names:
        raise OutputPathError(
            f"{target} holds other files, such as {min(names)!r}, and no ProofKit packet. Expected an empty folder or "
            "an earlier packet. Choose another output, so that nothing of yours is replaced."
        )


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for name in files:  # all are written before the first flush, so that the disk takes them in one go
        _flush(folder / name)
    _flush(folder)


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(fresh: Path, target: Path) -> None:
    aside = _beside(target, "old")
    if target.exists():
        target.rename(aside)
    try:
        fresh.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    _flush(target.parent)
    _clear(aside)


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _told(target: Path, error: OSError) -> OutputPathError:
    if error.errno in _FULL:
        return OutputPathError(
            f"There is no room to write {target}. Expected a few hundred kilobytes. Free some space or choose another "
            "output; nothing was changed."
        )
    reason = error.strerror or type(error).__name__
    return OutputPathError(
        f"{target} cannot be written ({reason}). Expected a folder that you may write to. Choose another output; "
        "nothing was changed."
    )
