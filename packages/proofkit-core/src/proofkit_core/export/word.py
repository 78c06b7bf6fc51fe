"""Writes the work sample as a Word document with real headings, lists and tables."""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
    Run,
    starts_rtl,
)
from proofkit_core.blocks import Table as TableBlock
from proofkit_core.export.archive import repack
from proofkit_core.export.document import Document
from proofkit_core.export.word_parts import (
    add_link,
    add_page_number,
    bookmark,
    mark_rtl,
    shade,
    start_numbering,
)
from proofkit_core.export.word_styles import restyle
from proofkit_core.export.word_table import write_table

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

FIXED_DATE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - docx takes naive dates
"""Written where a date has to stand; a real one would make every export differ."""
_PROPERTY_LIMIT = 255
_DEEPEST = 3
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_word(document: Document) -> bytes:
    """Return the `.docx`; the same document gives the same bytes."""
    import docx

    word = docx.Document()
    restyle(word, document.language)
    _describe(word, document)
    _footer(word, document.short_disclosure)
    _paragraph(word, (Run(text=document.title),), "Title")
    _write(word, document.disclosure)
    _paragraph(word, (Run(text=document.subtitle),), "Subtitle")
    for part in document.parts:
        for block in (part.heading, *part.blocks):
            _write(word, block)
    buffer = io.BytesIO()
    word.save(buffer)
    return repack(buffer.getvalue())


def _describe(word: "WordDocument", document: Document) -> None:
    properties = word.core_properties
    properties.title = _clean(document.title)[:_PROPERTY_LIMIT]
    properties.subject = "Simulated work sample"
    properties.category = "Simulated work sample"
    properties.keywords = _clean(", ".join(document.keywords))[:_PROPERTY_LIMIT]
    properties.comments = _clean(document.short_disclosure)[:_PROPERTY_LIMIT]
    properties.author = properties.last_modified_by = _clean(document.author)
    properties.language = "en-GB" if document.language == "en" else document.language
    properties.revision = 1
    properties.created = properties.modified = FIXED_DATE


def _footer(word: "WordDocument", text: str) -> None:
    paragraph: Any = word.sections[0].footer.paragraphs[0]
    paragraph.add_run(_clean(text) + "\t")
    add_page_number(paragraph)


def _write(word: "WordDocument", block: Block, level: int = 0) -> None:
    match block:
        case Heading():
            _paragraph(word, block.runs, f"Heading {max(block.level - 1, 1)}")
        case Disclosure():
            shade(_paragraph(word, block.runs, "Normal"))
        case CodeBlock():
            _paragraph(word, (Run(text=block.text, code=True),), "Normal")
        case TableBlock():
            write_table(word, block, fill)
        case Paragraph():
            _paragraph(word, block.runs, "Normal" if level == 0 else "List Continue")
        case _:
            _write_nested(word, block, level)


def _write_nested(word: "WordDocument", block: BulletList | NumberedList | Quote | FactList, level: int) -> None:
    match block:
        case BulletList():
            for item in block.items:
                _item(word, item, "List Bullet", level, None)
        case NumberedList():
            number = start_numbering(word, block.start)
            for item in block.items:
                _item(word, item, "List Number", level, number)
        case Quote():
            for child in block.blocks:
                _quoted(word, child)
        case FactList():
            for fact in block.facts:
                mark = Run(text=f"[{fact.id}]\t")
                bookmark(_paragraph(word, (mark, *fact.runs), "List Paragraph"), f"fact_{fact.id}")


def _item(word: "WordDocument", blocks: tuple[Block, ...], style: str, level: int, number: int | None) -> None:
    depth = min(level + 1, _DEEPEST)
    named = style if depth == 1 else f"{style} {depth}"
    first, *rest = blocks or (None,)
    runs = first.runs if first is not None and first.kind == "paragraph" else ()
    paragraph = _paragraph(word, runs, named)
    if number is not None:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001 - docx offers no other way
        properties.get_or_add_numId().val = number
        properties.get_or_add_ilvl().val = 0
    others = rest if runs else ([first, *rest] if first is not None else [])
    for block in others:
        _write(word, block, level + 1)


def _quoted(word: "WordDocument", block: Block) -> None:
    if block.kind == "paragraph":
        _paragraph(word, block.runs, "Quote")
    else:
        _write(word, block)


def _paragraph(word: "WordDocument", runs: Iterable[Run], style: str) -> Any:  # noqa: ANN401 - docx is untyped here
    paragraph = word.add_paragraph(style=style)
    fill(paragraph, runs)
    return paragraph


def fill(paragraph: Any, runs: Iterable[Run]) -> None:  # noqa: ANN401 - docx is untyped here
    """Add runs to a Word paragraph, marking text that is read from right to left."""
    runs = tuple(runs)
    for run in runs:
        text = _clean(run.text)
        added = add_link(paragraph, text, f"fact_{run.cite}") if run.cite else paragraph.add_run(text)
        added.bold = run.strong or None
        added.italic = run.emphasis or None
        if run.code:
            added.font.name = "Consolas"
        if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
            mark_rtl(added)
    if starts_rtl("".join(run.text for run in runs)):
        mark_rtl(paragraph)


def _clean(text: str) -> str:
    """Return text without the few characters that XML cannot hold."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
