"""Says whether what lies in a packet's place may be replaced: only what ProofKit wrote there and nobody changed."""

from collections.abc import Mapping
from pathlib import Path

from proofkit_core.errors import OutputPathError, PacketFileError
from proofkit_core.export.loading import LITTER, load_files
from proofkit_core.export.names import PDF_FILE, PROVENANCE_FILE
from proofkit_core.export.pdf_check import check_pdf
from proofkit_core.export.proof import Provenance, read_provenance
from proofkit_core.provenance import digest_bytes

_NOTHING_LOST = "nothing was changed"


def require_replaceable(target: Path) -> None:
    """Refuse a folder that holds anything but an earlier packet as it was written.

    Args:
        target: The folder; it may be missing or empty, and files of the packet may have been taken out of it.

    Raises:
        OutputPathError: Names the first file that would be lost.
        OSError: The folder cannot be looked into.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise OutputPathError(
            f"{target} is a {'link' if target.is_symlink() else 'file'}. Expected a folder to write the packet to. "
            "Choose another output."
        )
    entries = sorted(target.iterdir()) if target.exists() else []
    names = [entry.name for entry in entries if entry.name not in LITTER]
    if not names:
        return
    if PROVENANCE_FILE not in names:
        raise OutputPathError(
            f"{target} holds other files, such as {names[0]!r}, and no ProofKit packet. Expected an empty folder or "
            "an earlier packet. Choose another output, so that nothing of yours is replaced."
        )
    folder = next((entry.name for entry in entries if entry.is_dir()), "")
    if folder:
        raise _added(target, folder)
    _require_as_written(target)


def require_replaceable_zip(path: Path) -> None:
    """Refuse a file in the place of the zip that is not the zip of an earlier packet as it was written.

    Args:
        path: The place of the zip; it may be free.

    Raises:
        OutputPathError: Says what lies there.
        OSError: The place cannot be looked at.
    """
    if path.is_dir():
        raise OutputPathError(f"{path} is a folder. Expected room for the zip there. Choose another output.")
    if path.is_symlink():
        raise OutputPathError(f"{path} is a link. Expected room for the zip there. Choose another output.")
    if path.exists():
        _require_as_written(path)


def _require_as_written(place: Path) -> None:
    try:
        files = load_files(place)
        provenance = read_provenance(files.get(PROVENANCE_FILE, b""), PROVENANCE_FILE)
    except PacketFileError as error:
        raise OutputPathError(
            f"{place} is in the way, and it cannot be told whether it is an earlier packet: {error} Choose another "
            f"output, or move {place.name} away; {_NOTHING_LOST}."
        ) from error
    _require_no_own(place, files, provenance)


def _require_no_own(place: Path, files: Mapping[str, bytes], provenance: Provenance) -> None:
    wanted = {file.name: file.sha256 for file in provenance.files}
    for name, data in sorted(files.items()):
        if name == PROVENANCE_FILE:
            continue
        if name == PDF_FILE:  # it holds a copy of the provenance, which therefore lists its words and not its bytes
            changed = bool(check_pdf(data, provenance))
        elif name in wanted:
            changed = digest_bytes(data) != wanted[name]
        else:
            raise _added(place, name)
        if changed:
            raise OutputPathError(
                f"{name!r} in {place} was changed since ProofKit wrote it. Expected an earlier packet with nothing "
                f"added or changed. Choose another output, or move that file away; {_NOTHING_LOST}."
            )


def _added(place: Path, name: str) -> OutputPathError:
    return OutputPathError(
        f"{place} holds {name!r}, which ProofKit did not write. Expected an earlier packet with nothing added or "
        f"changed. Choose another output, or move {name!r} away; {_NOTHING_LOST}."
    )
