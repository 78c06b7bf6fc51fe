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
from proofkit_core.export.places import beside, in_place, zip_beside
from proofkit_core.export.replacing import require_replaceable, require_replaceable_zip

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def put_packet(target: Path, files: Mapping[str, bytes], *, archive: bytes | None = None) -> None:
    """Write a packet folder as a whole, replacing an earlier packet, and a zip beside it.

    Args:
        target: The folder; it must be new, empty or hold an earlier packet that nobody changed.
        files: Its content by file name.
        archive: Content of `<target>.zip`, if one is wanted.

    Raises:
        OutputPathError: The place cannot be used; what was there before is still there.
    """
    target = _absolute(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            _put_back(target)
            _check(target, zip_file=archive is not None)
            _clear(target)
            _put(target, files, archive)
    except OSError as error:
        raise _told(target, error) from error


def check_output(target: Path, *, zip_file: bool = False) -> None:
    """Say early that a place cannot take a packet, before any work is done for it; nothing is written.

    Args:
        target: The folder that the packet shall be written to.
        zip_file: Whether `<target>.zip` shall be written too.

    Raises:
        OutputPathError: The place holds something else or may not be written to.
    """
    target = _absolute(target)
    try:
        require_replaceable(in_place(target))
        if zip_file:
            require_replaceable_zip(zip_beside(target))
        parent = next(folder for folder in target.parents if folder.exists())
    except OSError as error:
        raise _told(target, error) from error
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise OutputPathError(
            f"{target} cannot be made: {parent} is no folder that you may write to. Choose another output."
        )


def _absolute(target: Path) -> Path:
    try:
        target = Path(os.path.abspath(target))  # noqa: PTH100 - `resolve` would follow a link that is refused later
    except OSError as error:  # the folder that the program runs in is gone
        raise _told(target, error) from error
    if not target.name:
        raise OutputPathError(
            f"{target} is the top of the file system. Expected a folder for the packet. Choose another."
        )
    return target


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


def _put_back(target: Path) -> None:
    """Put back a packet that was moved aside by a run that died."""
    aside = beside(target, "old")
    if aside.exists() and not target.exists():
        aside.rename(target)


def _clear(target: Path) -> None:
    """Remove what a run that died left."""
    for leftover in (beside(target, "old"), beside(target, "new"), beside(zip_beside(target), "new")):
        _remove(leftover)


def _check(target: Path, *, zip_file: bool) -> None:
    require_replaceable(target)
    if zip_file:
        require_replaceable_zip(zip_beside(target))


def _put(target: Path, files: Mapping[str, bytes], archive: bytes | None) -> None:
    fresh, fresh_zip = beside(target, "new"), beside(zip_beside(target), "new")
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
    aside = beside(target, "old")
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
