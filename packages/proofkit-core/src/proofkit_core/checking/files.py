"""Checks a file, a packet or standard input: reads it, finds the facts it may rest on, and reviews it."""

from pathlib import Path
from typing import NamedTuple

from proofkit_core.checking.fixing import WRITABLE, edited_text, require_fixable, write_fixed
from proofkit_core.checking.grounds import Asked, Grounds, find_grounds, find_packet
from proofkit_core.checking.packet_pdf import words_of_packet_pdf
from proofkit_core.checking.reading import STANDARD_INPUT, Reading, read_files, read_source, read_words
from proofkit_core.checking.records import Checked, CheckReport, Fixed, Source
from proofkit_core.checking.report import check_sources
from proofkit_core.integrity import Carrier
from proofkit_core.packet import Packet


class Opened(NamedTuple):
    """What is checked, and against what."""

    name: str
    files: dict[str, bytes]
    reading: Reading
    sources: tuple[Source, ...]
    grounds: Grounds

    @property
    def can_fix(self) -> bool:
        """Say whether the safe changes can be written into the file."""
        return self.name in self.files and self.name != STANDARD_INPUT and self.sources[0].form in WRITABLE

    @property
    def is_packet_file(self) -> bool:
        """Say whether it is a file of a packet, which `verify` compares with its record."""
        return self.reading.is_packet_file(self.name)


def open_file(path: Path, asked: Asked, *, carrier: Carrier | None = None) -> Opened:
    """Read a file, or the carriers of a packet, with the facts that count for it.

    Args:
        path: A text, JSON, HTML, Word or PDF file, a packet folder or its zip.
        asked: Where the person says the facts are.
        carrier: What the person says the text is; by default its name says so.

    Raises:
        ProofKitError: The file, the brief or the packet cannot be read.
    """
    return _open(str(path), path, read_files(path), asked, carrier)


def open_text(data: bytes, asked: Asked, *, carrier: Carrier | None = None) -> Opened:
    """Take a text that was piped in, with the facts that count for it.

    Args:
        data: UTF-8 text.
        asked: Where the person says the facts are.
        carrier: What the person says the text is; by default a section of a work sample.

    Raises:
        ProofKitError: The text, the brief or the packet cannot be read.
    """
    return _open(STANDARD_INPUT, None, {STANDARD_INPUT: data}, asked, carrier or Carrier.SECTION)


def _open(name: str, path: Path | None, files: dict[str, bytes], asked: Asked, carrier: Carrier | None) -> Opened:
    packet = find_packet(path, asked)
    reading = Reading(in_packet=packet is not None, carrier=carrier)
    sources = tuple(_read(file, data, reading, packet) for file, data in files.items())
    texts = [piece.text for source in sources for piece in source.pieces]
    return Opened(name, files, reading, sources, find_grounds(texts, packet, asked))


def _read(name: str, data: bytes, reading: Reading, packet: Packet | None) -> Source:
    words = words_of_packet_pdf(name, data, packet) if packet else ""
    return read_words(name, words, reading) if words else read_source(name, data, reading)


def check_opened(opened: Opened) -> Checked:
    """Return what the rules say about a file, with the changes they suggest."""
    return check_sources(opened.name, opened.sources, opened.grounds.facts, notices=opened.grounds.notices)


def fix_file(opened: Opened, path: Path) -> tuple[CheckReport, Fixed]:
    """Write all safe changes into a text or JSON file.

    Args:
        opened: The file.
        path: Where it lies.

    Returns:
        What was found before, and what was written and is left.

    Raises:
        InputError: It cannot be changed in place.
        OutputPathError: It cannot be written.
    """
    require_fixable(path)
    found = check_opened(opened)
    edits = found.edits[0]
    text = edited_text(opened.sources[0], edits)
    if not edits:
        return found.report, Fixed(file=str(path), kept_as="", changes=0, left=found.report)
    source = read_source(str(path), text.encode(), opened.reading)
    left = check_sources(opened.name, (source,), opened.grounds.facts).report
    kept = write_fixed(path, opened.files[str(path)], text)
    return found.report, Fixed(file=str(path), kept_as=str(kept), changes=len(edits), left=left)
