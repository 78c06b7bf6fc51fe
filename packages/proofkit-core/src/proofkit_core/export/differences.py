"""Says where a file differs first from what was written."""

import itertools

from pydantic import BaseModel

from proofkit_core.export.guard import word_text

_SHOWN = 60


class Reference(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A file as ProofKit writes it."""

    name: str
    written: bytes


def first_difference(reference: Reference, found: bytes) -> str:
    """Return the first line, or in Word the first paragraph, that differs; empty where the words are the same.

    Args:
        reference: The file as it was written.
        found: The file as it is now.
    """
    if reference.name.endswith(".docx"):
        return _compare("paragraph", _paragraphs(reference.written), _paragraphs(found))
    try:
        return _compare("line", reference.written.decode().split("\n"), found.decode().split("\n"))
    except UnicodeDecodeError as error:
        return f"byte {error.start}"


def _paragraphs(data: bytes) -> list[str]:
    return [" ".join(line.split()) for line in word_text(data, "word/document.xml").split("\n")]


def _compare(unit: str, written: list[str], found: list[str]) -> str:
    for number, (old, new) in enumerate(itertools.zip_longest(written, found), 1):
        if old == new:
            continue
        if old is None:
            return f"{unit} {number} was added: “{_cut(new or '')}”"
        if new is None:
            return f"{unit} {number} is missing: “{_cut(old)}”"
        return f"{unit} {number}: “{_around(new, old)}” instead of “{_around(old, new)}”"
    return ""


def _around(text: str, other: str) -> str:
    """Return the part of a line where it begins to differ."""
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    start = text.rfind(" ", 0, max(same - 15, 0)) + 1
    return ("…" if start else "") + _cut(text[start:])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
