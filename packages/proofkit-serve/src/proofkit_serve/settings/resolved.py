"""Writes down the settings a service runs with, without secrets, so that a run can be told from another."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import cast

from proofkit_core.errors import InputError
from proofkit_serve.settings.model import Settings, holds_password

__all__ = ["RESOLVED_FILE", "resolved_toml", "settings_digest", "write_resolved"]

RESOLVED_FILE = "settings.resolved.toml"


def resolved_toml(settings: Settings) -> str:
    """Return the settings as TOML that can be read back, with the place of each secret instead of the secret."""
    data = settings.model_dump(mode="json", exclude_none=True)
    del data["database_url"]
    url = settings.database_url.get_secret_value()
    if not (settings.database_url_env or settings.database_url_file or holds_password(url)):
        data["database_url"] = url
    tables = {key: cast("dict[str, object]", value) for key, value in data.items() if isinstance(value, dict)}
    lines = [f"{key} = {_value(value)}" for key, value in data.items() if key not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def settings_digest(settings: Settings) -> str:
    """Return the SHA-256 (hex) of the settings without their secrets."""
    return hashlib.sha256(resolved_toml(settings).encode()).hexdigest()


def write_resolved(settings: Settings, folder: Path) -> Path:
    """Write the settings beside the store, whole or not at all.

    Args:
        settings: What the service runs with.
        folder: Where to write; made where it is missing.

    Returns:
        The file.

    Raises:
        InputError: The folder cannot be written to.
    """
    text = (
        "# The settings that this service started with, without secrets. Written at each start, and never read.\n"
        f"# sha256 {settings_digest(settings)}\n\n{resolved_toml(settings)}"
    )
    path = folder / RESOLVED_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{RESOLVED_FILE}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open already
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            os.unlink(name)  # noqa: PTH108 - the name is a text
            raise
    except OSError as error:
        raise InputError(
            f"The settings could not be written to {str(path)!r}: {error.strerror}. Expected a folder that can be "
            f"written to. Name another one with 'data_dir' or PROOFKIT_DATA_DIR."
        ) from error
    return path


def _value(value: object) -> str:
    """Return a value as TOML; JSON's texts, numbers, booleans and lists are TOML's too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
