"""Zip files that are the same bytes for the same content."""

import io
import zipfile
import zlib
from collections.abc import Mapping

DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""How reading a zip fails that is cut off, changed, encrypted or packed in an unknown way."""
_FIXED = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can hold."""
_LOCKED = 1
_FILE_MODE = 0o100644 << 16


def zip_bytes(files: Mapping[str, bytes], *, folder: str = "") -> bytes:
    """Return a zip of some files, in the order given.

    Args:
        files: Content by name.
        folder: Name of the folder inside the zip; none if empty.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, date_time=_FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _FILE_MODE
            entry.create_system = 3  # the same on every system
            archive.writestr(entry, data, compresslevel=6)
    return buffer.getvalue()


def read_up_to(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the first bytes of a file in a zip, and never unpack more, whatever size the zip declares.

    Args:
        archive: The open zip.
        entry: The file in it.
        most: How many bytes at most.

    Raises:
        zipfile.BadZipFile: It is locked, or packed in a way that cannot be unpacked bit by bit.
    """
    if entry.flag_bits & _LOCKED:
        raise zipfile.BadZipFile(f"{entry.filename!r} is locked with a password")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile(f"{entry.filename!r} is packed in a way that ProofKit does not use")
    with archive.open(entry) as file:
        return file.read(most)


def repack(data: bytes) -> bytes:
    """Return a zip with the same content and order, but fixed times."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zip_bytes({entry.filename: archive.read(entry) for entry in archive.infolist()})
