"""Reads a file that a person brings into texts to review, each with its carrier and its places in the file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple, cast

from proofkit_core.checking.carriers import (
    PACKET_CARRIERS,
    RECORD_SECTIONS,
    carrier_of,
    is_packet_carrier,
    is_title,
    split_bullets,
    string_carrier,
)
from proofkit_core.checking.extracted import Extract, join_blocks
from proofkit_core.checking.json_strings import read_json_strings
from proofkit_core.checking.page_text import read_page
from proofkit_core.checking.pdf_pages import read_pages
from proofkit_core.checking.records import Form, Mark, Piece, Source
from proofkit_core.checking.word_text import read_word
from proofkit_core.errors import InputError
from proofkit_core.export.appendix import HEADING as SOURCES_HEADING
from proofkit_core.export.loading import load_files
from proofkit_core.integrity import Carrier, Disclosing
from proofkit_core.packet import PACKET_SCHEMA

MAX_BYTES = 20_000_000
STANDARD_INPUT = "standard input"
_FORMS = {
    ".md": Form.TEXT,
    ".markdown": Form.TEXT,
    ".txt": Form.TEXT,
    ".text": Form.TEXT,
    "": Form.TEXT,
    ".json": Form.JSON,
    ".html": Form.HTML,
    ".htm": Form.HTML,
    ".docx": Form.WORD,
    ".pdf": Form.PDF,
}
_KINDS = ".md, .txt, .json, .html, .docx, .pdf, a packet folder or its zip"
_SECTION = re.compile(r"^## +(.+)$", re.MULTILINE)
_LINE_END = re.compile(r"\r\n|\n|\r")


class Reading(NamedTuple):
    """How the texts of a file are to be read."""

    in_packet: bool
    """The file belongs to a packet, so what travels has to disclose by itself."""
    carrier: Carrier | None = None
    """What the person says it is; None goes by the file's name."""

    def is_packet_file(self, name: str) -> bool:
        """Say whether a file of this name is a carrier of the packet."""
        return self.in_packet and is_packet_carrier(name)

    def disclosing(self, name: str) -> Disclosing:
        """Return when a text that travels has to disclose by itself; one's own draft only where it is about it."""
        return Disclosing.ALWAYS if self.is_packet_file(name) else Disclosing.WHERE_NAMED


def read_files(path: Path) -> dict[str, bytes]:
    """Return the files to check by name: one, or the carriers of a packet folder or zip.

    Raises:
        InputError: There is nothing, or nothing that can be checked.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        files = load_files(path)
        found = {str(path / name): files[name] for name in PACKET_CARRIERS if name in files}
        if not found:
            raise InputError(f"{path} holds no text. Expected files such as {PACKET_CARRIERS[0]}. Check the path.")
        return found
    form_of(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Expected {_KINDS}. Check the name.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the file's permissions.") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} is longer than {MAX_BYTES:,} bytes, the most that is checked. Check a part of it.")
    return {str(path): data}


def form_of(name: str) -> Form:
    """Return how a file of this name holds its text.

    Raises:
        InputError: It is a kind that cannot be read.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _FORMS:
        return _FORMS[suffix]
    rows = " For rows of JSON, use --jsonl." if suffix in {".jsonl", ".ndjson"} else ""
    raise InputError(f"{name} is of a kind that cannot be checked ({suffix}). Expected {_KINDS}.{rows} Save it as one.")


def read_source(name: str, data: bytes, reading: Reading) -> Source:
    """Return the texts of a file.

    Args:
        name: Its path; what it ends in says how to read it.
        data: Its content.
        reading: How to read it.

    Raises:
        InputError: It cannot be read, or holds no text.
    """
    form = form_of(name)
    if form in {Form.WORD, Form.PDF}:
        extract = join_blocks(read_word(data, name) if form is Form.WORD else read_pages(data, name))
        source = _from_extract(name, form, extract, reading)
    else:
        text = decode(data, name)
        pieces = tuple(_pieces(name, form, text, reading))
        source = Source(name, form, text, _line_starts(text), pieces)
    if not any(piece.text.strip() for piece in source.pieces):
        scanned = " Perhaps it holds pictures of text." if form is Form.PDF else ""
        raise InputError(f"{name} holds no text that could be checked.{scanned} Expected sentences. Check the file.")
    return source


def decode(data: bytes, name: str) -> str:
    """Return the text of a file, without the mark that some programs put at its beginning.

    Raises:
        InputError: It is no UTF-8 text.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = f"{name} is not a text file (byte {error.start + 1} is not UTF-8). Save it as UTF-8 text."
        raise InputError(told) from error
    if "\0" in text:
        raise InputError(f"{name} is not a text file: it holds NUL characters. Save it as UTF-8 text.")
    return text


def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(found.end() for found in _LINE_END.finditer(text)))


def read_words(name: str, text: str, reading: Reading) -> Source:
    """Return a file whose words are known otherwise, such as a PDF that holds the words of its packet.

    Args:
        name: Its path.
        text: Its words as Markdown.
        reading: How to read it.
    """
    marks = tuple(Mark(found.start(), f"section “{found[1]}”") for found in _SECTION.finditer(text))
    return Source(name, form_of(name), text, _line_starts(text), tuple(_prose(name, text, reading)), marks)


def _from_extract(name: str, form: Form, extract: Extract, reading: Reading) -> Source:
    pieces = tuple(_prose(name, extract.text, reading))
    return Source(name, form, extract.text, extract.line_starts, pieces, extract.marks)


def _pieces(name: str, form: Form, text: str, reading: Reading) -> Iterator[Piece]:
    if form is Form.JSON:
        yield from _strings(name, text, reading)
    elif form is Form.HTML:
        page = read_page(text, passed_over=RECORD_SECTIONS if reading.is_packet_file(name) else ())
        yield Piece(page.text, reading.carrier or carrier_of(name), reading.disclosing(name), places=page.places)
    else:
        yield from _prose(name, text, reading)


def _prose(name: str, text: str, reading: Reading) -> Iterator[Piece]:
    carrier = reading.carrier or carrier_of(name)
    if reading.is_packet_file(name):
        text = text.partition(f"\n{SOURCES_HEADING}\n")[0]
    if carrier is Carrier.BULLET:
        yield from split_bullets(text, reading.disclosing(name))
    else:
        yield Piece(text, carrier, reading.disclosing(name))


def _strings(name: str, text: str, reading: Reading) -> Iterator[Piece]:
    is_packet = _is_packet(_parsed(text, name))
    for found in read_json_strings(text):
        carrier = string_carrier(found.path, is_packet=is_packet)
        if carrier is not None and any(char.isalpha() for char in found.text):
            carrier = carrier if is_packet else reading.carrier or carrier
            piece = Piece(found.text, carrier, reading.disclosing(name), found.start, found.places, found.path)
            yield _as_heading(piece) if is_packet and is_title(found.path) else piece


def _as_heading(piece: Piece) -> Piece:
    """Return a title as it stands in the document, where a heading is read as one."""
    mark = "# "
    places = tuple(piece.place(offset) for offset in range(len(piece.text) + 1))
    return piece._replace(text=mark + piece.text, places=(places[0],) * len(mark) + places)


def _parsed(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        told = f"{name} is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}. Correct it there."
        raise InputError(told) from error
    except (ValueError, RecursionError) as error:
        told = (
            f"{name} cannot be read as JSON ({error}). Expected texts that are not nested too deeply. Check the file."
        )
        raise InputError(told) from error


def _is_packet(parsed: object) -> bool:
    return isinstance(parsed, dict) and cast("dict[str, object]", parsed).get("schema") == PACKET_SCHEMA
