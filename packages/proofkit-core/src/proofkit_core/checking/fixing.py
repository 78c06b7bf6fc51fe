"""Writes the safe changes into a file, and keeps the text as it was beside it."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from proofkit_core.checking.reading import form_of
from proofkit_core.checking.records import FileEdit, Form, Source
from proofkit_core.errors import InputError, OutputPathError

_BOM = b"\xef\xbb\xbf"
WRITABLE = (Form.TEXT, Form.JSON)
"""Forms in which the text stands as it is read, so that a change keeps everything around it."""


def require_fixable(path: Path) -> None:
    """Refuse what cannot be changed in place.

    Raises:
        InputError: It is a packet, or a form that only its own program can change safely.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        raise InputError(f"--fix changes one file, and {path} is a packet. Name one of the files in its folder.")
    form = form_of(str(path))
    if form not in WRITABLE:
        raise InputError(
            f"--fix changes .md, .txt and .json files, and {path} is a {form} file. Run without --fix, and make the "
            "suggested changes in the program it was written with."
        )


def edited_text(source: Source, edits: Sequence[FileEdit]) -> str:
    """Return the text of a file with some changes made.

    Args:
        source: The file as it was read.
        edits: In order of place, none overlapping another.
    """
    pieces: list[str] = []
    place = 0
    for edit in edits:
        pieces += [source.text[place : edit.start], edit.after]
        place = edit.end
    return "".join([*pieces, source.text[place:]])


def write_fixed(path: Path, before: bytes, text: str) -> Path:
    """Write a changed text in place of a file, whole or not at all, and return where the old one is kept.

    Args:
        path: The file; a link is followed.
        before: What was read from it; if it holds something else by now, nothing is written.
        text: What to write.

    Raises:
        OutputPathError: The file was changed meanwhile, or its folder cannot be written to.
    """
    target = path.resolve() if path.is_symlink() else path
    data = (_BOM if before.startswith(_BOM) else b"") + text.encode()
    try:
        if target.read_bytes() != before:
            raise OutputPathError(f"{path} was changed while it was checked; nothing was written. Check it again.")
        kept = _keep(target)
        _replace(target, data)
    except OSError as error:
        why = error.strerror or type(error).__name__
        told = f"{path} cannot be written ({why}); it is as it was. Check the folder's permissions and the disk."
        raise OutputPathError(told) from error
    return kept


def _keep(target: Path) -> Path:
    """Copy a file beside itself, under a name that is free."""
    for number in count(1):
        kept = target.with_name(f"{target.name}{'' if number == 1 else f'.{number}'}.bak")
        try:
            with kept.open("xb") as copy, target.open("rb") as original:
                shutil.copyfileobj(original, copy)
        except FileExistsError:
            continue
        shutil.copystat(target, kept)
        return kept
    raise AssertionError  # pragma: no cover - `count` does not end


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, made)
        made.replace(target)
    except OSError:
        made.unlink(missing_ok=True)
        raise
