"""Fetches a base model from the hub, at one commit."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from proofkit_train.base.weight_files import missing_file
from proofkit_train.errors import BaseError

__all__ = ["fetch_snapshot"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WANTED = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "*.safetensors*"]


def fetch_snapshot(name: str, *, revision: str, cache: Path | None = None) -> Path:
    """Return the folder of a model at one commit; what is there already is not downloaded again.

    Args:
        name: Its id on the hub.
        revision: The commit, in full: a branch would mean other weights tomorrow.
        cache: Where to keep it; without it, where the hub's library does.

    Raises:
        BaseError: The commit is not pinned, there is no such model, or the download was not finished.
    """
    if not _COMMIT.fullmatch(revision):
        raise BaseError(
            f"The base {name!r} has the revision {revision!r}. Expected a commit of 40 hexadecimal digits, so that the "
            f"same weights come every time. Copy it from the model's page and set it as the recipe's `revision`."
        )
    from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415 - brings an HTTP client

    try:
        folder = Path(_snapshot()(name, revision=revision, cache_dir=cache, local_files_only=True))
        if missing_file(folder) is None:
            return folder
    except LocalEntryNotFoundError:  # nothing of it is here yet
        pass
    folder = _download(name, revision, cache)
    if missing := missing_file(folder):
        raise BaseError(
            f"The base {name!r} at {revision[:12]} came without {missing}. Expected config.json, tokenizer.json and "
            f"the weights as safetensors. Choose another base, or convert it first."
        )
    return folder


def _download(name: str, revision: str, cache: Path | None) -> Path:
    try:
        return Path(_snapshot()(name, revision=revision, cache_dir=cache, allow_patterns=_WANTED))
    except Exception as error:  # beside its own errors, the library lets those of its HTTP client through
        raise BaseError(
            f"The base {name!r} at {revision[:12]} could not be fetched: {_first_line(error)}. Expected a hub that "
            f"answers and has that commit. Check the name, the commit and the network, and run it again: files "
            f"that came whole are kept."
        ) from error


def _snapshot() -> Callable[..., str]:
    from huggingface_hub import (  # noqa: PLC0415
        constants,
        snapshot_download,  # pyright: ignore[reportUnknownVariableType]
    )

    # Left on, the first call also asks the hub which program may be running the library, and a mirror that answers
    # with anything else breaks the library's calls for a day.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    return cast("Callable[..., str]", snapshot_download)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
