"""Reads a PDF back with an independent reader: its words in reading order, its footers, its attachment."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from proofkit_core.errors import PacketFileError
from proofkit_core.export.names import PROVENANCE_FILE

if TYPE_CHECKING:
    from pypdf import PdfReader

_CMAP_ENTRY = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9a-fA-F\s]*)>|(\[)|(\])")
_MAX_RANGE = 65_536
_MAX_PAGES = 500
_SHOW = {b"Tj", b"TJ", b"'", b'"'}


class PdfContent(NamedTuple):
    """What a PDF says."""

    body: str
    """The text that belongs to the document."""
    margins: tuple[str, ...]
    """A text for each page: what repeats there, such as footer and table heads."""
    foreign: tuple[str, ...]
    """What ProofKit never puts into a PDF, in words."""
    properties: str
    """Title, keywords and description."""
    provenance: bytes | None
    """The attached provenance file."""


def read_pdf(data: bytes) -> PdfContent:
    """Read a PDF.

    Raises:
        PacketFileError: It is damaged.
    """
    import io  # noqa: PLC0415 - beside the reader it serves
    import zlib  # noqa: PLC0415 - the same

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # A damaged file is told once, by the error below; the reader's own remarks would only repeat it.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        pages = [_read_page(reader, number) for number in range(min(len(reader.pages), _MAX_PAGES))]
        return PdfContent(
            body="".join(page.body for page in pages),
            margins=tuple(page.margin for page in pages),
            foreign=tuple(dict.fromkeys(found for page in pages for found in page.foreign)),
            properties=_properties(reader),
            provenance=_attached(reader),
        )
    except (
        PyPdfError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
        NotImplementedError,
    ) as error:  # fmt: skip - a damaged PDF makes the reader fail in any of these ways
        raise PacketFileError(f"The PDF is damaged and cannot be read ({error}).") from error


def _properties(reader: "PdfReader") -> str:
    metadata: Any = reader.metadata or {}
    return " ".join(str(value) for value in metadata.values())


class _Page(NamedTuple):
    body: str
    margin: str
    foreign: tuple[str, ...]


def _attached(reader: "PdfReader") -> bytes | None:
    found = reader.attachments.get(PROVENANCE_FILE)
    return found[0] if found else None


def _read_page(reader: "PdfReader", number: int) -> _Page:
    page: Any = reader.pages[number]
    resources: Any = page["/Resources"].get_object()
    fonts = {
        name: _Font(font.get_object()) for name, font in resources.get("/Font", {}).get_object().items()
    } if "/Font" in resources else {}  # fmt: skip
    contents = page.get_contents()
    walk = _Walk(fonts, resources.get("/Properties", {}))
    for operands, operator in contents.operations if contents is not None else ():
        walk.step(operands, operator)
    foreign = list(walk.foreign)
    for note in page.get("/Annots", ()) or ():
        kind = note.get_object().get("/Subtype")
        if kind != "/Link":
            foreign.append(f"an annotation ({str(kind).strip('/')})")
    return _Page("".join(walk.body), "".join(walk.margin), tuple(foreign))


class _Font:
    """Turns the codes of a font into text."""

    def __init__(self, font: Any) -> None:  # noqa: ANN401 - pypdf objects are untyped
        self._width = 2 if font.get("/Subtype") == "/Type0" else 1
        table = font.get("/ToUnicode")
        self._map: Mapping[int, str] = _read_cmap(table.get_object().get_data()) if table is not None else {}

    def texts_of(self, raw: bytes) -> list[str]:
        codes = (raw[i : i + self._width] for i in range(0, len(raw), self._width))
        return [self._map.get(int.from_bytes(code, "big"), "\ufffd") for code in codes]


def _read_cmap(data: bytes) -> dict[int, str]:
    table: dict[int, str] = {}
    for kind, body in _CMAP_ENTRY.findall(data):
        tokens = [opening or closing or bytes.fromhex(found.decode()) for found, opening, closing in _HEX.findall(body)]
        table.update(_chars(tokens) if kind == b"char" else _ranges(tokens))
    return table


def _chars(tokens: list[bytes]) -> Iterator[tuple[int, str]]:
    for code, text in zip(tokens[::2], tokens[1::2], strict=False):
        yield int.from_bytes(code, "big"), text.decode("utf-16-be", "replace")


def _ranges(tokens: list[bytes]) -> Iterator[tuple[int, str]]:
    position = 0
    while position + 2 < len(tokens):
        low, high = (int.from_bytes(token, "big") for token in tokens[position : position + 2])
        position += 2
        if tokens[position] == b"[":
            end = tokens.index(b"]", position)
            for offset, text in enumerate(tokens[position + 1 : end]):
                yield low + offset, text.decode("utf-16-be", "replace")
            position = end + 1
        else:
            first = tokens[position].decode("utf-16-be", "replace")
            for offset in range(min(high - low + 1, _MAX_RANGE)):
                yield low + offset, first[:-1] + chr(ord(first[-1]) + offset)
            position += 1


class _Mark(NamedTuple):
    """One level of marked content."""

    margin: bool
    reversed: bool
    silent: bool


class _Walk:
    """Follows a page's drawing operations and collects what they say."""

    def __init__(self, fonts: Mapping[str, _Font], properties: Any) -> None:  # noqa: ANN401 - pypdf objects are untyped
        self.body: list[str] = []
        self.margin: list[str] = []
        self.foreign: list[str] = []
        self._fonts = fonts
        self._properties = properties
        self._font: _Font | None = None
        self._saved: list[_Font | None] = []
        self._marks = [_Mark(margin=False, reversed=False, silent=False)]

    def step(self, operands: Any, operator: bytes) -> None:  # noqa: ANN401 - pypdf objects are untyped
        """Take one operation."""
        if operator in {b"BDC", b"BMC"}:
            self._open(operands)
        elif operator == b"EMC" and len(self._marks) > 1:
            self._marks.pop()
        elif operator == b"Tf":
            self._font = self._fonts.get(str(operands[0]))
        elif operator == b"q":
            self._saved.append(self._font)
        elif operator == b"Q" and self._saved:
            self._font = self._saved.pop()
        elif operator in {b"Do", b"INLINE IMAGE"}:
            self.foreign.append("a picture or form")
        elif operator in _SHOW:
            self._show(operands)

    def _open(self, operands: Any) -> None:  # noqa: ANN401 - pypdf objects are untyped
        outer = self._marks[-1]
        tag = str(operands[0])
        properties: Any = operands[1] if len(operands) > 1 else {}
        if isinstance(properties, str):
            properties = self._properties.get(properties, {})
        properties = properties.get_object() if hasattr(properties, "get_object") else properties
        mark = _Mark(
            margin=outer.margin or tag == "/Artifact",
            reversed=outer.reversed or tag == "/ReversedChars",
            silent=outer.silent or "/ActualText" in properties,
        )
        if "/ActualText" in properties and not outer.silent:
            self._say(str(properties["/ActualText"]), mark)
        self._marks.append(mark)

    def _show(self, operands: Any) -> None:  # noqa: ANN401 - pypdf objects are untyped
        mark = self._marks[-1]
        if mark.silent:
            return
        pieces = operands[-1] if isinstance(operands[-1], list) else [operands[-1]]
        raw = b"".join(_raw(piece) for piece in pieces if not isinstance(piece, int | float))
        texts = self._font.texts_of(raw) if self._font is not None else ["\ufffd"] * len(raw)
        self._say("".join(reversed(texts) if mark.reversed else texts), mark)

    def _say(self, text: str, mark: _Mark) -> None:
        (self.margin if mark.margin else self.body).append(text)


def _raw(piece: Any) -> bytes:  # noqa: ANN401 - pypdf objects are untyped
    return bytes(piece) if isinstance(piece, bytes) else getattr(piece, "original_bytes", b"")
