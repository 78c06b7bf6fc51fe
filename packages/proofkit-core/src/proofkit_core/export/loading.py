"""Loads the files of a packet from a folder, a zip or a lone PDF, within limits."""

import io
import stat
import zipfile
from itertools import islice
from pathlib import Path, PurePosixPath

from proofkit_core.errors import PacketFileError
from proofkit_core.export.archive import DAMAGED_ZIP, read_up_to
from proofkit_core.export.names import PACKET_FILE, PDF_FILE, PROVENANCE_FILE
from proofkit_core.export.places import in_place

PACKET_FOLDER_ONLY = (
    "A PDF alone is checked word by word, with the disclosure on each page; its layout and pictures are only checked "
    "beside the other files of its packet."
)
_MAX_FILE = 20_000_000
_MAX_TOTAL = 64_000_000
_MAX_ENTRIES = 200
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
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
            there = f"{path} is neither a file nor a folder" if path.exists() else f"There is nothing at {path}"
            raise PacketFileError(f"{there}. Expected a packet folder, its zip or its PDF.")
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
        if len(data) > _MAX_FILE:
            raise PacketFileError(f"{path} is too large for a packet ({path.stat().st_size:,} bytes). Check the path.")
    except OSError as error:
        raise PacketFileError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
    if data[:1024].lstrip().startswith(b"%PDF"):
        return {PDF_FILE: data}
    if data.startswith(b"PK"):
        return _from_zip(path, data)
    raise PacketFileError(f"{path} is no packet. Expected a packet folder, its zip or its PDF.")


def _from_folder(path: Path) -> dict[str, bytes]:
    entries = list(islice(path.rglob("*"), _MAX_ENTRIES + 1))
    if len(entries) > _MAX_ENTRIES:
        raise _too_much(path, f"{_MAX_ENTRIES} files")
    files: dict[str, bytes] = {}
    room = _MAX_TOTAL
    for entry in sorted(entries):
        name = entry.relative_to(path).as_posix()
        mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode) or (stat.S_ISREG(mode) and entry.name in LITTER):
            continue
        if not stat.S_ISREG(mode):  # opening a pipe or a device may never end, and a link leads out of the packet
            what = "a link" if stat.S_ISLNK(mode) else "no ordinary file"
            raise PacketFileError(f"{name!r} in {path} is {what}. Expected the files of a packet. Take it out.")
        with entry.open("rb") as file:
            files[name] = file.read(min(_MAX_FILE, room) + 1)
        room -= _fitting(path, name, files[name], room)
    return _known(path, files)


def _from_zip(path: Path, data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    room = _MAX_TOTAL
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > _MAX_ENTRIES:
                raise _too_much(path, f"{_MAX_ENTRIES} files")
            entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
            root = _root([entry.filename for entry in entries])
            for entry in entries:
                name = _name_in(root, entry.filename)
                if PurePosixPath(name).name in LITTER:
                    continue
                if name in files:
                    raise PacketFileError(f"{path} holds {name!r} twice. Expected each file of a packet once.")
                files[name] = read_up_to(archive, entry, min(_MAX_FILE, room) + 1)
                room -= _fitting(path, name, files[name], room)
    except DAMAGED_ZIP as error:
        raise PacketFileError(f"{path} is a damaged zip ({error}). Expected it as ProofKit wrote it.") from error
    return _known(path, files)


def _root(names: list[str]) -> str:
    """Return the folder of a zip that holds the packet, with its slash; the highest one if there are more."""
    for wanted in (PROVENANCE_FILE, PACKET_FILE):
        roots = [name.removesuffix(wanted) for name in names if PurePosixPath(name).name == wanted]
        if roots:
            return min(roots, key=lambda root: root.count("/"))
    return ""


def _name_in(root: str, name: str) -> str:
    """Return a file's name as seen from the packet's folder; what lies beside the folder begins with `../`."""
    return name.removeprefix(root) if name.startswith(root) else f"{'../' * root.count('/')}{name}"


def _fitting(path: Path, name: str, data: bytes, room: int) -> int:
    """Return the size of what was read; what was declared is not trusted."""
    if len(data) > min(_MAX_FILE, room):
        raise _too_much(path, f"{_MAX_FILE:,} bytes in one file or {_MAX_TOTAL:,} in all, seen at {name!r}")
    return len(data)


def _too_much(path: Path, limit: str) -> PacketFileError:
    return PacketFileError(f"{path} holds more than a packet does (above {limit}). Check the path.")


def _known(path: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    if not {PACKET_FILE, PROVENANCE_FILE} & set(files):
        raise PacketFileError(
            f"{path} holds neither {PACKET_FILE} nor {PROVENANCE_FILE}. Expected a packet as ProofKit wrote it."
        )
    return files
