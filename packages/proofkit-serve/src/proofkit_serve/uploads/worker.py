"""The process that reads one uploaded file: the file comes in on standard input, its text goes out as JSON.

It sets its limits before it looks at a byte, so a hostile file costs what the limits say and no more.
"""

import json
import resource
import sys

from proofkit_core.brief import UNTRUSTED_CAP
from proofkit_core.checking.extracted import Block
from proofkit_core.cleaning import clean_text
from proofkit_core.errors import InputError
from proofkit_serve.uploads.errors import UploadBrokenError, UploadTooLargeError, UploadTypeError
from proofkit_serve.uploads.kinds import UploadKind, sniff_kind
from proofkit_serve.uploads.limits import UploadLimits
from proofkit_serve.uploads.records import UploadedText

_NAME = "The file"


def set_limits(limits: UploadLimits) -> None:
    """Limit this process for good: computing time, memory, no file written, no thread or process started.

    The last one holds for any user but root, so the service is not to run as root where strangers upload files.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_text(data: bytes, limits: UploadLimits) -> UploadedText:
    """Return the cleaned text of a file.

    Args:
        data: Its content.
        limits: How much it may hold.

    Raises:
        InputError: It cannot be used; the class says why.
    """
    kind = sniff_kind(data, limits)
    raw = _raw_text(kind, data, limits)
    cleaned = clean_text(raw)
    if not cleaned.text.strip():
        scanned = " Perhaps it holds pictures of text." if kind is UploadKind.PDF else ""
        raise UploadBrokenError(f"{_NAME} holds no text.{scanned} Upload one with text, or paste it.")
    notices: list[str] = []
    if cleaned.removed:
        notices.append(f"Characters that cannot be seen were taken out ({cleaned.removed:,}).")
    text = cleaned.text.strip()
    if len(text) > UNTRUSTED_CAP:
        notices.append(f"The text is {len(text):,} characters long; only the first {UNTRUSTED_CAP:,} are used.")
        text = text[:UNTRUSTED_CAP]
    return UploadedText(kind=kind, text=text, characters=len(text), notices=tuple(notices))


def _raw_text(kind: UploadKind, data: bytes, limits: UploadLimits) -> str:
    if kind is UploadKind.TEXT:
        return data.decode("utf-8-sig")
    try:
        blocks = _pdf(data, limits) if kind is UploadKind.PDF else _word(data)
    except (UploadTooLargeError, MemoryError):
        raise
    except InputError as error:
        raise UploadBrokenError(str(error)) from error
    return "\n\n".join(block.text for block in blocks)


def _pdf(data: bytes, limits: UploadLimits) -> tuple[Block, ...]:
    import io  # noqa: PLC0415 - only for this kind, like the readers

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    from proofkit_core.checking.pdf_pages import read_pages  # noqa: PLC0415

    try:
        pages = len(PdfReader(io.BytesIO(data)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        pages = 0  # damaged: the reader below says how
    if pages > limits.max_pages:
        raise UploadTooLargeError(
            f"{_NAME} has {pages:,} pages; at most {limits.max_pages} are read. Upload the pages that matter."
        )
    return read_pages(data, _NAME)


def _word(data: bytes) -> tuple[Block, ...]:
    from proofkit_core.checking.word_text import read_word  # noqa: PLC0415 - only for this kind

    return read_word(data, _NAME)


def main() -> int:
    """Read the limits from the first argument and the file from standard input, and print what was found."""
    limits = UploadLimits.model_validate_json(sys.argv[1])
    set_limits(limits)
    try:
        answer = {"ok": read_text(sys.stdin.buffer.read(limits.max_bytes + 1), limits).model_dump(mode="json")}
    except UploadTypeError as error:
        answer = {"type": str(error)}
    except UploadTooLargeError as error:
        answer = {"too_large": str(error)}
    except InputError as error:
        answer = {"broken": str(error)}
    except MemoryError:
        answer = {"broken": f"{_NAME} takes more memory to read than is given. Upload its text instead."}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
