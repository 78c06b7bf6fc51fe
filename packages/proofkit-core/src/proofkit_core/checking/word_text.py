"""Takes the words out of a Word file: paragraphs, tables, text boxes, notes, headers and footers."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from proofkit_core.checking.extracted import Block
from proofkit_core.errors import InputError
from proofkit_core.export.archive import DAMAGED_ZIP

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""A second form of a text box, for old programs."""
_BESIDE = re.compile(r"/word/(header|footer|footnotes|endnotes)\d*\.xml")
_LEVEL = re.compile(r"heading ?(\d)|title", re.IGNORECASE)
_QUOTES = frozenset({"Quote", "IntenseQuote"})
_GONE = (f"{_W}del", f"{_W}moveFrom")
_MAX_BYTES = 200_000_000
_SPACE = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "-"}


def read_word(data: bytes, name: str) -> tuple[Block, ...]:
    """Return the blocks of a Word file; text that a tracked change took out is left out.

    Args:
        data: The file.
        name: What to call it in an error.

    Raises:
        InputError: It is damaged, or no Word file.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.oxml import parse_xml

    try:
        _require_fitting(data, name)
        document: Any = docx.Document(io.BytesIO(data))
        body: Any = document.element.body
        blocks = list(_blocks(body, "", {}))
        for part in document.part.package.iter_parts():
            if beside := _BESIDE.fullmatch(str(part.partname)):
                blocks += _blocks(parse_xml(part.blob), f"{beside[1]}, ", {})
    except (*DAMAGED_ZIP, PackageNotFoundError, SyntaxError, KeyError, AttributeError, IndexError) as error:
        # lxml tells broken XML as a syntax error
        told = f"{name} cannot be read as a Word file ({error}). Open it in Word and save it again as .docx."
        raise InputError(told) from error
    return tuple(blocks)


def _require_fitting(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > _MAX_BYTES:
        raise InputError(f"{name} unpacks to {size:,} bytes; expected at most {_MAX_BYTES:,}. Check the file.")


def _blocks(parent: Any, where: str, counts: dict[str, int]) -> Iterator[Block]:  # noqa: ANN401 - lxml is untyped here
    for child in parent:
        if child.tag == f"{_W}p":
            counts["paragraph"] = counts.get("paragraph", 0) + 1
            yield from _paragraph(child, f"{where}paragraph {counts['paragraph']}")
        elif child.tag == f"{_W}tbl":
            counts["table"] = counts.get("table", 0) + 1
            yield from _table(child, f"{where}table {counts['table']}")
        elif child.tag != _FALLBACK and isinstance(child.tag, str):
            yield from _blocks(child, where, counts)


def _paragraph(paragraph: Any, label: str) -> Iterator[Block]:  # noqa: ANN401 - lxml is untyped here
    text = _words(paragraph)
    if text.strip():
        yield Block(_mark(paragraph) + text.strip(), label)
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(above.tag == _FALLBACK for above in box.iterancestors()):
            yield from _blocks(box, f"{label}, text box, ", {})


def _words(paragraph: Any) -> str:  # noqa: ANN401 - lxml is untyped here
    return "".join(
        _SPACE.get(node.tag, node.text or "")
        for node in paragraph.iter(f"{_W}t", *_SPACE)
        if next(node.iterancestors(f"{_W}p")) is paragraph and next(node.iterancestors(*_GONE), None) is None
    )


def _mark(paragraph: Any) -> str:  # noqa: ANN401 - lxml is untyped here
    style: Any = paragraph.find(f"{_W}pPr/{_W}pStyle")
    name = style.get(f"{_W}val", "") if style is not None else ""
    if heading := _LEVEL.match(name):
        return f"{'#' * int(heading[1] or 1)} "
    if name in _QUOTES:
        return "> "
    is_item = name.startswith("List") or paragraph.find(f"{_W}pPr/{_W}numPr") is not None
    return "- " if is_item else ""


def _table(table: Any, label: str) -> Iterator[Block]:  # noqa: ANN401 - lxml is untyped here
    for number, row in enumerate(table.iterfind(f"{_W}tr"), start=1):
        cells = [" ".join(" ".join(map(_words, cell.iter(f"{_W}p"))).split()) for cell in row.iter(f"{_W}tc")]
        if any(cells):
            is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None
            text = " | ".join(cell.replace("|", "\\|") for cell in cells)
            yield Block(f"| {text} |", f"{label}, row {number}", label, len(cells) if is_head else 0)
