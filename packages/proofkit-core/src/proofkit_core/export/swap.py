"""Puts a finished packet in its place in one step, so that a reader sees the old one or the new one.

Everything is written beside the target under a hidden name, flushed to the disk, and then renamed. A folder that is
replaced is first moved aside; if the program dies between the two renames, the old packet lies there whole: readers
look there too (`in_place`), and the next run puts it back before it begins. What an interrupted run left is removed by
the next one.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Generator, Mapping
from pathlib import Path

from proofkit_core.errors import OutputPathError
from proofkit_core.export.names import PACKET_FILE, PROVENANCE_FILE

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def put_packet(target: Path, files: Mapping[str, bytes], *, archive: bytes | None = None) -> None:
    """Write a packet folder as a whole, replacing an earlier packet, and a zip beside it.

    Args:
        target: The folder; it must be new, empty or hold a packet.
        files: Its content by file name.
        archive: Content of `<target>.zip`, if one is wanted.

    Raises:
        OutputPathError: The place cannot be used; what was there before is still there.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - `resolve` would follow a link that is refused below
    if not target.name:
        raise OutputPathError(
            f"{target} is the top of the file system. Expected a folder for the packet. Choose another."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            _recover(target)
            _check(target, archive)
            _put(target, files, archive)
    except OSError as error:
        raise _told(target, error) from error


def check_output(target: Path) -> None:
    """Say early that a place cannot take a packet, before any work is done for it; nothing is written.

    Raises:
        OutputPathError: The place holds something else or may not be written to.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - as in `put_packet`
    try:
        _check(target, None)
        parent = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise _told(target, error) from error
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise OutputPathError(
            f"{target} cannot be made: {parent} is no folder that you may write to. Choose another output."
        )


def in_place(path: Path) -> Path:
    """Return where to read a packet: its own place, or the one it was moved aside to by a run that died."""
    aside = _beside(path.absolute(), "old") if path.name else path
    return aside if not path.exists() and aside.is_dir() else path


def zip_beside(target: Path) -> Path:
    """Return where the zip of a packet folder lies."""
    return target.with_name(f"{target.name}.zip")


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.proofkit-{what}")


@contextlib.contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Wait until no other run writes into this folder; a lock of the system, so that nothing stays if a run dies."""
    if os.name != "posix":
        yield
        return
    import fcntl  # noqa: PLC0415 - not on every system

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network drives have no locks; a single run needs none
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _recover(target: Path) -> None:
    """Put back a packet that was moved aside by a run that died, and remove what such a run left."""
    aside = _beside(target, "old")
    if aside.exists() and not target.exists():
        aside.rename(target)
    for leftover in (aside, _beside(target, "new"), _beside(zip_beside(target), "new")):
        _remove(leftover)


def _check(target: Path, archive: bytes | None) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise OutputPathError(
            f"{target} is a {'link' if target.is_symlink() else 'file'}. Expected a folder to write the packet to. "
            "Choose another output."
        )
    names = {entry.name for entry in target.iterdir()} if target.exists() else set[str]()
    if names and not {PACKET_FILE, PROVENANCE_FILE} <= names:
        raise OutputPathError(
            f"{target} holds other files, such as {min(names)!r}, and no ProofKit packet. Expected an empty folder or "
            "an earlier packet. Choose another output, so that nothing of yours is replaced."
        )
    if archive is not None and zip_beside(target).is_dir():
        raise OutputPathError(
            f"{zip_beside(target)} is a folder. Expected room for the zip there. Choose another output."
        )


def _put(target: Path, files: Mapping[str, bytes], archive: bytes | None) -> None:
    fresh, fresh_zip = _beside(target, "new"), _beside(zip_beside(target), "new")
    try:
        _fill(fresh, files)
        if archive is not None:
            fresh_zip.write_bytes(archive)
            _flush(fresh_zip)
        _swap(fresh, target)
        if archive is not None:
            fresh_zip.replace(zip_beside(target))
        _flush(target.parent)
    finally:
        _remove(fresh)
        _remove(fresh_zip)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for name in files:  # all are written before the first flush, so that the disk takes them in one go
        _flush(folder / name)
    _flush(folder)


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    if os.name != "posix" and path.is_dir():
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
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _told(target: Path, error: OSError) -> OutputPathError:
    if error.errno in _FULL:
        return OutputPathError(
            f"There is no room to write {target}. Expected room for a few hundred kilobytes. Free some, or choose "
            "another output; nothing was changed."
        )
    reason = error.strerror or type(error).__name__
    return OutputPathError(
        f"{target} cannot be written ({reason}). Expected a folder that you may write to. Choose another output; "
        "nothing was changed."
    )
