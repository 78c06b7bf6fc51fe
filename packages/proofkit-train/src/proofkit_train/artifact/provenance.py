"""What a model was made from, as keys that travel inside its files."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from proofkit_train.artifact.adapter import CONFIG
from proofkit_train.artifact.output import write_text
from proofkit_train.base.gguf_file import STRING, Entry, GgufFile
from proofkit_train.errors import ModelFileError

__all__ = ["Provenance", "from_gguf", "from_keys", "read_config", "write_config"]

_PREFIX = "proofkit."
_TASK = "proofkit.task."
_KEYS = {
    "contract_version": "proofkit.contract.version",
    "contract_digest": "proofkit.contract.digest",
    "data_digest": "proofkit.data.digest",
    "recipe_digest": "proofkit.recipe.digest",
    "base_digest": "proofkit.base.digest",
    "base_name": "proofkit.base.name",
    "run_digest": "proofkit.run.digest",
    "adapter_digest": "proofkit.adapter.digest",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Provenance(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Digests of all that shaped a model; each is a SHA-256 in hex."""

    contract_version: str
    contract_digest: str
    task_digests: Mapping[str, str]
    """By task, so that a program can refuse one task and use the others."""
    data_digest: str
    recipe_digest: str
    base_digest: str
    base_name: str
    run_digest: str
    adapter_digest: str
    """Over the trained factors, whatever file they are stored in."""

    def keys(self) -> dict[str, str]:
        """Return the keys that go into a file, sorted."""
        named = {key: str(getattr(self, field)) for field, key in _KEYS.items()}
        tasks = {f"{_TASK}{task}": digest for task, digest in self.task_digests.items()}
        return dict(sorted((named | tasks).items()))

    def entries(self) -> dict[str, Entry]:
        """Return the keys as metadata of a GGUF file."""
        return {key: Entry(value, STRING, None) for key, value in self.keys().items()}


def from_keys(found: Mapping[str, object], where: str) -> Provenance:
    """Return the provenance that a file carries.

    Args:
        found: Its keys; others than ProofKit's are left alone.
        where: The file, for the message.

    Raises:
        ModelFileError: A key is missing or holds no digest.
    """
    own = {key: value for key, value in found.items() if key.startswith(_PREFIX)}
    values: dict[str, Any] = {field: own.get(key) for field, key in _KEYS.items()}
    values["task_digests"] = {key.removeprefix(_TASK): value for key, value in own.items() if key.startswith(_TASK)}
    wrong = [_KEYS[field] for field in _KEYS if not _fits(field, values[field])]
    try:
        if not wrong and values["task_digests"]:
            return Provenance(**values)
    except ValidationError:
        wrong = [f"{_TASK}*"]
    raise ModelFileError(
        f"{where!r} does not say what it was made from: {', '.join(wrong) or f'{_TASK}*'} is missing or no digest. "
        f"Expected a file that `proofkit-train export` wrote. Export it again."
    )


def from_gguf(file: GgufFile) -> Provenance:
    """Return the provenance inside a GGUF file.

    Raises:
        ModelFileError: A key is missing or holds no digest.
    """
    return from_keys({key: entry.value for key, entry in file.entries.items()}, str(file.path))


def read_config(folder: Path) -> Provenance | None:
    """Return the provenance inside adapter_config.json; None where it has none yet.

    Raises:
        ModelFileError: The file cannot be read, or holds a part of the keys only.
    """
    config = _config(folder)
    if not any(key.startswith(_PREFIX) for key in config):
        return None
    return from_keys(config, str(folder / CONFIG))


def write_config(folder: Path, provenance: Provenance) -> None:
    """Put the provenance into adapter_config.json, beside what PEFT wrote there.

    Raises:
        ModelFileError: The file cannot be read or written.
    """
    kept = {key: value for key, value in _config(folder).items() if not key.startswith(_PREFIX)}
    write_text(folder / CONFIG, json.dumps(kept | provenance.keys(), indent=2, sort_keys=True) + "\n")


def _config(folder: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFileError(
            f"{str(folder / CONFIG)!r} could not be read: {error}. Expected what PEFT writes. Check the folder."
        ) from error
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _fits(field: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    return bool(value) if not field.endswith("_digest") else bool(_DIGEST.fullmatch(value))
