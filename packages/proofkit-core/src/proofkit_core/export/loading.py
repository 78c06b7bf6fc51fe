"""Loads the files of a packet from a folder, a zip or a lone PDF, within limits."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from proofkit_core.errors import PacketFileError
from proofkit_core.export.archive import DAMAGED_ZIP
from proofkit_core.export.names import PACKET_FILE, PDF_FILE, PROVENANCE_FILE
from proofkit_core.export.swap import in_place

PACKET_FOLDER_ONLY = (
    "A PDF alone is checked word by word, with the disclosure on each page; its layout and pictures are only checked "
    "beside the other files of its packet."
)
_MAX_FILE = 20_000_000
_MAX_FILES = 200
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Left by file managers, and no part of a packet."""


def load_files(path: Path) -> dict[str, bytes]:
    """Return the files of a packet by name.

    Args:
        path: A folder, a zip or a PDF.

    Raises:
        PacketFileError: It is none of these, or too large to be one.
    """
    try:
        path = in_place(path)
        if path.is_dir():
            return _from_folder(path)
        if not path.is_file():
            raise PacketFileError(f"There is nothing at {path}. Expected a packet folder, its zip or its PDF.")
        if path.stat().st_size > _MAX_FILE:
            raise PacketFileError(f"{path} is too large for a packet ({path.stat().st_size:,} bytes). Check the path.")
        data = path.read_bytes()
    except OSError as error:
        raise PacketFileError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
    if data[:1024].lstrip().startswith(b"%PDF"):
        return {PDF_FILE: data}
    if data.startswith(b"PK"):
        return _from_zip(path, data)
    raise PacketFileError(f"{path} is no packet. Expected a packet folder, its zip or its PDF.")


def _from_folder(path: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in sorted(path.rglob("*")):
        name = entry.relative_to(path).as_posix()
        if entry.is_dir() or entry.name in _LITTER:
            continue
        if len(files) >= _MAX_FILES or entry.stat().st_size > _MAX_FILE:
            raise PacketFileError(f"{path} holds more than a packet does, such as {name!r}. Check the path.")
        files[name] = entry.read_bytes()
    return _known(path, files)


def _from_zip(path: Path, data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
            if len(entries) > _MAX_FILES or any(entry.file_size > _MAX_FILE for entry in entries):
                raise PacketFileError(f"{path} holds more than a packet does. Check the path.")
            tops = {PurePosixPath(entry.filename).parts[0] for entry in entries}
            nested = len(tops) == 1 and all("/" in entry.filename for entry in entries)
            for entry in entries:
                name = entry.filename.partition("/")[2] if nested else entry.filename
                if name in files:
                    raise PacketFileError(f"{path} holds {name!r} twice. Expected each file of a packet once.")
                files[name] = archive.read(entry)
    except DAMAGED_ZIP as error:
        raise PacketFileError(f"{path} is a damaged zip ({error}). Expected it as ProofKit wrote it.") from error
    return _known(path, files)


def _known(path: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    if not {PACKET_FILE, PROVENANCE_FILE} & set(files):
        raise PacketFileError(
            f"{path} holds neither {PACKET_FILE} nor {PROVENANCE_FILE}. Expected a packet as ProofKit wrote it."
        )
    return files
