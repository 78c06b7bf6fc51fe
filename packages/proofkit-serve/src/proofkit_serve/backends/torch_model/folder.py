"""What a folder with a Transformers model says, without loading it: which weights, and what they were trained on."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_core.generation import ModelIdentity

__all__ = ["ADAPTER_CONFIG", "ADAPTER_WEIGHTS", "folder_keys", "identify_folder", "read_json", "require_folder"]

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_CONFIG = "config.json"
_TOKENIZER = "tokenizer.json"
_OWN = "proofkit."


def require_folder(folder: Path, adapter: Path | None) -> None:
    """Refuse folders that cannot be a model and its adapter.

    Raises:
        ModelUnavailableError: A file is missing.
    """
    missing = [name for name in (_CONFIG, _TOKENIZER) if not (folder / name).is_file()]
    if missing or not _weights(folder):
        raise ModelUnavailableError(
            f"The folder {str(folder)!r} holds no model: {', '.join(missing) or 'a file *.safetensors'} is missing. "
            f"Expected {_CONFIG}, {_TOKENIZER} and weights as safetensors. Check the path, or save the model again.",
            kind=FailureKind.NOT_FOUND,
        )
    missing = [name for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS) if adapter and not (adapter / name).is_file()]
    if missing:
        raise ModelUnavailableError(
            f"The folder {str(adapter)!r} holds no adapter: {', '.join(missing)} is missing. Expected a folder as "
            f"`proofkit-train sft` or PEFT writes it. Check the path, or leave the adapter out.",
            kind=FailureKind.NOT_FOUND,
        )


def folder_keys(folder: Path, adapter: Path | None = None) -> dict[str, str]:
    """Return what a model says under `proofkit.`: its adapter's words where there is one, else its own.

    Raises:
        ModelUnavailableError: The file that says it cannot be read.
    """
    config = read_json(adapter / ADAPTER_CONFIG) if adapter else read_json(folder / _CONFIG)
    return {key: value for key, value in config.items() if key.startswith(_OWN) and isinstance(value, str)}


def identify_folder(folder: Path, adapter: Path | None, *, name: str) -> ModelIdentity:
    """Return which weights two folders hold, by the digests of their files.

    Args:
        folder: The model's folder.
        adapter: The adapter's, if any.
        name: The model's name.

    Raises:
        ModelUnavailableError: A file cannot be read.
    """
    digest = _digest(_weights(folder))
    if adapter is None:
        return ModelIdentity(id=name.lower(), name=name, artifact_digest=digest)
    return ModelIdentity(
        id=f"{name}+{adapter.name}".lower(),
        name=f"{name} with {adapter.name}",
        artifact_digest=_digest([adapter / ADAPTER_WEIGHTS]),
        base_digest=digest,
    )


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        ModelUnavailableError: There is none.
    """
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailableError(
            f"{str(path)!r} could not be read: {error}. Expected a JSON object. Download or save the model again.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def _digest(files: Sequence[Path]) -> str:
    """Return the SHA-256 of one file, or of the list of names and digests where the weights are cut into several."""
    try:
        digests: list[str] = []
        for path in files:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise ModelUnavailableError(
            f"The weights in {str(files[0].parent)!r} could not be read to the end: {error.strerror}. Expected whole "
            f"files. Download or save the model again.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    if len(digests) == 1:
        return digests[0]
    listed = "".join(f"{path.name} {digest}\n" for path, digest in zip(files, digests, strict=True))
    return hashlib.sha256(listed.encode()).hexdigest()
