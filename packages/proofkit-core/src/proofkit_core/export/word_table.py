"""Writes a table in Word: a header row that repeats, rows that do not break, widths by content."""

# ruff: noqa: SLF001 - docx has no public way to the XML of a paragraph or a table

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from proofkit_core.blocks import Run, Table
from proofkit_core.export.columns import column_widths
from proofkit_core.export.word_styles import LINE, QUIET, TEXT_WIDTH_CM
from proofkit_core.export.word_xml import element

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_SIZE = 9
Fill = Callable[[Any, Iterable[Run]], None]


def write_table(word: "WordDocument", table: Table, fill: Fill) -> None:
    """Add a table.

    Args:
        word: The document.
        table: What it holds.
        fill: Writes runs into a paragraph.
    """
    from docx.shared import Cm, Pt

    made: Any = word.add_table(rows=0, cols=len(table.head))
    made.style = "Table Grid"
    made.autofit = False
    _lines(made)
    shares = column_widths(table)
    widths = [Cm(TEXT_WIDTH_CM * share / sum(shares)) for share in shares]
    for number, row in enumerate((table.head, *table.rows)):
        cells: Any = made.add_row().cells
        for cell, runs, width in zip(cells, row, widths, strict=True):
            cell.width = width
            paragraph: Any = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.paragraph_format.space_before = Pt(2)
            paragraph.paragraph_format.line_spacing = 1.05
            fill(paragraph, runs)
            _size(paragraph, head=number == 0)
        _keep(made.rows[-1], head=number == 0)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    word.add_paragraph().paragraph_format.space_after = Pt(2)


def _lines(made: Any) -> None:  # noqa: ANN401 - docx is untyped here
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        shown = side in {"bottom", "insideH"}
        borders.append(
            element(f"w:{side}", val="single" if shown else "nil", sz="4", space="0", color=LINE)
            if shown
            else element(f"w:{side}", val="nil")
        )
    properties = made._tbl.tblPr
    layout = properties.find(f"{{{properties.nsmap['w']}}}tblLayout")
    if layout is None:
        properties.append(borders)
    else:
        layout.addprevious(borders)


def _size(paragraph: Any, *, head: bool) -> None:  # noqa: ANN401 - docx is untyped here
    from docx.shared import Pt, RGBColor
    from docx.text.run import Run as WordRun

    for found in paragraph._p.iter(f"{{{paragraph._p.nsmap['w']}}}r"):
        run = WordRun(found, paragraph)
        run.font.size = Pt(_SIZE)
        if head:
            run.font.bold = True
            run.font.color.rgb = RGBColor.from_string(QUIET)


def _keep(row: Any, *, head: bool) -> None:  # noqa: ANN401 - docx is untyped here
    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    if head:
        properties.append(element("w:tblHeader"))
