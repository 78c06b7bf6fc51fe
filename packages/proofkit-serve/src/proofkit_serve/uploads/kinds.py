"""Tells what an uploaded file is by its content; what its name or its sender says is not believed."""

import io
import zipfile
from enum import StrEnum

from proofkit_serve.uploads.errors import UploadBrokenError, UploadTooLargeError, UploadTypeError
from proofkit_serve.uploads.limits import UploadLimits

_ACCEPTED = "Expected a PDF, a Word file (.docx) or plain text (.txt, UTF-8). Save it as one of these."
_HEAD = 1024
_SMALL_PART = 100_000
"""Packed well or not, so many bytes are no danger."""
_WORD_PART = "word/document.xml"


class UploadKind(StrEnum):
    """What an uploaded file is."""

    PDF = "pdf"
    DOCX = "docx"
    TEXT = "txt"


def sniff_kind(data: bytes, limits: UploadLimits) -> UploadKind:
    """Return what a file is.

    Args:
        data: Its content.
        limits: How much it may hold.

    Raises:
        UploadTooLargeError: It is too large, or would unpack to too much.
        UploadTypeError: It is none of the kinds that are read.
        UploadBrokenError: It is a damaged zip.
    """
    if len(data) > limits.max_bytes:
        raise UploadTooLargeError(
            f"The file is {len(data):,} bytes long; at most {limits.max_bytes:,} are read. Upload a shorter one."
        )
    if data[:_HEAD].lstrip().startswith(b"%PDF-"):
        return UploadKind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _word_of(data, limits)
    if _is_text(data):
        return UploadKind.TEXT
    raise UploadTypeError(f"The file is of a kind that is not read. {_ACCEPTED}")


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _word_of(data: bytes, limits: UploadLimits) -> UploadKind:
    """Look at the list of a zip's parts; the sizes it declares are checked again while it is unpacked."""
    from proofkit_core.export.archive import DAMAGED_ZIP  # noqa: PLC0415 - all the exports come with it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except DAMAGED_ZIP as error:
        raise UploadBrokenError(f"The file is a damaged zip. {_ACCEPTED}") from error
    if _WORD_PART not in {entry.filename for entry in entries}:
        raise UploadTypeError(f"The file is a zip, but no Word file. {_ACCEPTED}")
    if len(entries) > limits.max_entries:
        raise UploadTooLargeError(
            f"The Word file has {len(entries):,} parts; at most {limits.max_entries:,} are read. Save it again in Word."
        )
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_bytes or any(
        entry.file_size > max(_SMALL_PART, limits.max_ratio * max(entry.compress_size, 1)) for entry in entries
    ):
        raise UploadTooLargeError(
            f"The Word file unpacks to more than {limits.max_unpacked_bytes:,} bytes, or one of its parts is packed "
            f"more than {limits.max_ratio} times. Take out pictures, or upload its text."
        )
    return UploadKind.DOCX
