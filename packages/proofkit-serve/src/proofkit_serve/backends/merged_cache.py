"""Keeps merged models, so that a merge is made once and found again by what went into it.

A file is named after what was merged, and after its own SHA-256, which is compared each time it is opened: a damaged
one is removed and made anew. Name and digest appear together, in one step, when the file is whole.
"""

import hashlib
import logging
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from proofkit_serve.backends.merging import MERGING, Ingredients, merged_model

__all__ = ["MOST_KEPT", "default_cache", "find_merged", "make_merged"]

MOST_KEPT = 4
"""Merged models that are kept: those that were opened last."""
_STALE_S = 600.0
"""A file that nothing was written to for so long was left by a program that was stopped."""
_NAME = re.compile(r"merged-[0-9a-f]{24}-[0-9a-f]{64}\.gguf")
_PARTIAL = re.compile(r"\.merged-\w+\.partial")
_KEY_LENGTH = 24
_LOG = logging.getLogger(__name__)


def default_cache() -> Path:
    """Return the folder for merged models of the person who runs the program."""
    return user_cache_path("proofkit", appauthor=False) / "models"


def find_merged(given: Ingredients, folder: Path) -> Path | None:
    """Return the model that was merged from two files before; None where there is none that is whole.

    Args:
        given: What it should be merged from.
        folder: Where merged models are kept.
    """
    for path in folder.glob(f"merged-{_key(given)}-*.gguf"):
        if not _NAME.fullmatch(path.name):
            continue
        if _is_whole(path):
            with suppress(OSError):  # a folder that may only be read keeps no times, and is as good
                os.utime(path)
            return path
        with suppress(OSError):  # whoever cannot remove it cannot write a new one either, and is told then
            path.unlink()
    return None


def make_merged(given: Ingredients, folder: Path) -> Path | None:
    """Merge and keep a model.

    Args:
        given: What is merged.
        folder: Where merged models are kept.

    Returns:
        The file; None where it could not be kept, which is told as a warning.

    Raises:
        ModelUnavailableError: The files cannot be merged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        path = _written(given, folder)
    except OSError as error:
        _LOG.warning(
            "The merged model could not be kept in %r: %s. The adapter is put on at load instead: the same model, but "
            "it writes about a third slower. Free some disk space or give permission there, or name another folder as "
            "`cache`.",
            str(folder),
            error.strerror or error,
        )
        return None
    _remove_oldest(folder)
    return path


def _key(given: Ingredients) -> str:
    text = f"{MERGING}\n{given.base_digest}\n{given.adapter_digest}"
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return path.stem.endswith(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError:
        return False  # it is made anew, and what keeps that from working is told


def _written(given: Ingredients, folder: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=folder, prefix=".merged-", suffix=".partial")
    partial = Path(name)
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as file:
            for part in merged_model(given):
                file.write(part)
                digest.update(part)
        # Nothing waits for the disk here: what a power cut leaves of the file has another digest.
        path = folder / f"merged-{_key(given)}-{digest.hexdigest()}.gguf"
        if not _is_whole(path):  # else another process made it meanwhile, and may have it open
            partial.replace(path)
        return path
    finally:
        partial.unlink(missing_ok=True)


def _remove_stale(folder: Path) -> None:
    """Remove what stopped programs left half-written; another one may be writing at this moment."""
    for path in folder.iterdir():
        with suppress(OSError):  # gone meanwhile, or somebody else's: not needed for what follows
            if _PARTIAL.fullmatch(path.name) and time.time() - path.stat().st_mtime > _STALE_S:
                path.unlink()


def _remove_oldest(folder: Path) -> None:
    with suppress(OSError):  # gone meanwhile, or open in another program: the next merge tries again
        models = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
        for path in sorted(models, key=lambda path: path.stat().st_mtime, reverse=True)[MOST_KEPT:]:
            path.unlink()
