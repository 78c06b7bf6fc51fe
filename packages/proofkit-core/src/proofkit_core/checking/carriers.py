"""Says what kind of text a file holds, by the names that ProofKit gives to the files of a packet."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from proofkit_core.checking.records import Piece
from proofkit_core.integrity import Carrier, Disclosing

PACKET_CARRIERS = (
    "work-sample.md",
    "work-sample.html",
    "work-sample.docx",
    "work-sample.pdf",
    "linkedin-post.txt",
    "resume-bullets.txt",
    "talking-points.md",
    "resume.json",
    "packet.json",
)
"""The files of a packet that hold text to be shown; the others are for the person alone, or hold no prose."""
RECORD_SECTIONS = ("who-wrote-what", "sources")
"""Sections of a packet's page that only tell where its statements come from; they quote what is checked above."""
_STEMS = {
    "linkedin-post": Carrier.POST,
    "resume-bullets": Carrier.BULLET,
    "talking-points": Carrier.TALKING_POINT,
    "work-sample": Carrier.EXPORT,
}
_PRIVATE = ("your-inputs", "readiness")
"""Sheets of a packet that are for the person alone."""
_ITEM = re.compile(r"[ \t]*(?:[-+*•‣▪◦]|\d{1,3}[.)])[ \t]+(?=\S)")
_LINE = re.compile(r"[^\r\n]+")
_TITLES = re.compile(r"sample\.(?:title|sections\[\d+\]\.title)")
_PACKET_STRINGS = (
    (re.compile(r"post\.text"), Carrier.POST),
    (re.compile(r"bullets\.items\[\d+\]"), Carrier.BULLET),
    (re.compile(r"bullets\.heading"), Carrier.SECTION),
    (re.compile(r"talking_points\.items\[\d+\]\.(?:question|answer)"), Carrier.TALKING_POINT),
    (re.compile(r"sample\.(?:disclosure|sections\[\d+\]\.markdown)"), Carrier.SECTION),
    (_TITLES, Carrier.SECTION),
)
_HIGHLIGHT = re.compile(r"projects\[\d+\]\.highlights\[\d+\]")


def carrier_of(name: str) -> Carrier:
    """Return what kind of text a file of this name holds; any other name stands for a document of one's own."""
    stem = PurePath(name).name.lower()
    other = Carrier.SECTION if stem.startswith(_PRIVATE) else Carrier.EXPORT
    return next((carrier for known, carrier in _STEMS.items() if stem.startswith(known)), other)


def is_packet_carrier(name: str) -> bool:
    """Say whether a file of this name, or an edited copy such as `linkedin-post-2.txt`, is a carrier of a packet."""
    lowered = PurePath(name).name.lower()
    return lowered in PACKET_CARRIERS or lowered.startswith(tuple(_STEMS))


def string_carrier(path: str, *, is_packet: bool) -> Carrier | None:
    """Return what kind of text a string of a JSON file is; None for one that is not shown to anybody.

    Args:
        path: Such as `sample.sections[2].markdown`.
        is_packet: The file is a `packet.json`.
    """
    if is_packet:
        return next((carrier for pattern, carrier in _PACKET_STRINGS if pattern.fullmatch(path)), None)
    return Carrier.BULLET if _HIGHLIGHT.fullmatch(path) else Carrier.SECTION


def is_title(path: str) -> bool:
    """Say whether a string of a `packet.json` is shown as a heading."""
    return bool(_TITLES.fullmatch(path))


def split_bullets(text: str, disclosing: Disclosing, start: int = 0) -> Iterator[Piece]:
    """Yield the bullets of a text, one a line; an indented line goes on with the bullet above.

    Where some lines carry a list mark, the lines without one are headings.

    Args:
        text: The lines.
        disclosing: When a bullet has to disclose by itself.
        start: Where the text begins in its file.
    """
    lines = [found for found in _LINE.finditer(text) if found.group().strip()]
    has_marks = any(_ITEM.match(line.group()) for line in lines)
    spans: list[tuple[int, int, bool]] = []
    for line in lines:
        mark = _ITEM.match(line.group())
        goes_on = has_marks and not mark and line.group()[0] in " \t" and bool(spans) and spans[-1][2]
        if goes_on:
            spans[-1] = (spans[-1][0], line.end(), True)
        else:
            spans.append((line.start() + (mark.end() if mark else 0), line.end(), bool(mark) or not has_marks))
    for first, end, is_bullet in spans:
        carrier = Carrier.BULLET if is_bullet else Carrier.SECTION
        yield Piece(text[first:end], carrier, disclosing if is_bullet else Disclosing.NEVER, start + first)
