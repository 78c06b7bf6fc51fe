"""Where the parts of a packet lie on the disk: its folder, its zip, and the hidden names used while it is written."""

from pathlib import Path


def in_place(path: Path) -> Path:
    """Return where to read a packet: its own place, or the one it was moved aside to by a run that died."""
    aside = beside(path.absolute(), "old") if path.name else path
    return aside if not path.exists() and aside.is_dir() else path


def zip_beside(target: Path) -> Path:
    """Return where the zip of a packet folder lies."""
    return target.with_name(f"{target.name}.zip")


def beside(target: Path, what: str) -> Path:
    """Return the hidden place beside a packet that holds its `new` or its `old` content."""
    return target.with_name(f".{target.name}.proofkit-{what}")
