"""The words of the document in reading order: what a digest stands for, whatever the layout."""

import unicodedata
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from proofkit_core.blocks import (
    Block,
    BulletList,
    CodeBlock,
    Disclosure,
    FactList,
    Heading,
    NumberedList,
    Paragraph,
    Quote,
    Table,
    plain_text,
)
from proofkit_core.export.document import Document
from proofkit_core.provenance import digest_bytes

OPENING = "Title and disclosure"
_IGNORED = dict.fromkeys(map(ord, "•‣\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u115f\u1160"))
"""List marks, characters that only help to break or join a line, and letters that are blank."""


class Passage(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A part of the document, as letters without spaces."""

    title: str
    letters: str


class PassageDigest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a part of the document must say, as a digest."""

    title: str
    characters: int
    in_order: bool
    """False where the part holds text read from right to left: its letters are then compared sorted."""
    sha256: str


def letters_of(text: str) -> str:
    """Return text without spaces, list marks and invisible characters, look-alike forms folded.

    A letter with a mark that has no form of its own is left out: PDFs repeat such letters when they are read back.
    """
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", text).translate(_IGNORED):
        if unicodedata.category(char).startswith("M"):
            kept[-1:] = [""]
        elif not char.isspace():
            kept.append(char)
    return "".join(kept)


def passages_of(document: Document) -> tuple[Passage, ...]:
    """Return the parts of a document: the opening, then each section with its heading."""
    opening = f"{document.title} {document.disclosure_text} {document.subtitle}"
    sections = (
        Passage(
            title=plain_text(part.heading.runs),
            letters=letters_of(" ".join((plain_text(part.heading.runs), *words_of(part.blocks)))),
        )
        for part in document.parts
    )
    return (Passage(title=OPENING, letters=letters_of(opening)), *sections)


def digest_passage(title: str, letters: str) -> PassageDigest:
    """Return the digest of a part of the document."""
    in_order = not any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in letters)
    return PassageDigest(
        title=title, characters=len(letters), in_order=in_order, sha256=digest_letters(letters, in_order=in_order)
    )


def digest_letters(letters: str, *, in_order: bool) -> str:
    """Return the SHA-256 of letters as they stand, or sorted."""
    return digest_bytes((letters if in_order else "".join(sorted(letters))).encode())


def words_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the text of each paragraph, item, cell and line of code, in reading order."""
    for block in blocks:
        match block:
            case Table():
                yield from (plain_text(cell) for row in (block.head, *block.rows) for cell in row)
            case BulletList() | NumberedList():
                yield from _item_words(block)
            case Quote():
                yield from words_of(block.blocks)
            case CodeBlock():
                yield block.text
            case FactList():
                yield from (f"[{fact.id}] {plain_text(fact.runs)}" for fact in block.facts)
            case Heading() | Paragraph() | Disclosure():
                yield plain_text(block.runs)


def _item_words(block: BulletList | NumberedList) -> Iterator[str]:
    start = block.start if isinstance(block, NumberedList) else None
    for number, item in enumerate(block.items):
        if start is not None:
            yield f"{start + number}."
        yield from words_of(item)
