"""Small pieces of a Word document that the library has no words for: links, bookmarks, fields, numbering."""

# ruff: noqa: SLF001 - docx has no public way to the XML of a paragraph or a table

import itertools
from typing import TYPE_CHECKING, Any

from proofkit_core.export.word_styles import ACCENT, WASH
from proofkit_core.export.word_xml import element

if TYPE_CHECKING:
    from docx.document import Document as WordDocument


def add_link(paragraph: Any, text: str, target: str) -> Any:  # noqa: ANN401 - docx is untyped here
    """Add a run that links to a bookmark, and return it."""
    from docx.shared import RGBColor

    link = element("w:hyperlink", anchor=target, history="1")
    run = paragraph.add_run(text)
    run.font.color.rgb = RGBColor.from_string(ACCENT)
    paragraph._p.remove(run._r)
    link.append(run._r)
    paragraph._p.append(link)
    return run


def bookmark(paragraph: Any, name: str) -> None:  # noqa: ANN401 - docx is untyped here
    """Put a bookmark around a paragraph."""
    body = paragraph._p.getparent()
    number = str(sum(1 for _ in body.iter(f"{paragraph._p.nsmap['w'].join('{}')}bookmarkStart")))
    start = element("w:bookmarkStart", id=number, name=name)
    properties = paragraph._p.pPr
    properties.addnext(start) if properties is not None else paragraph._p.insert(0, start)
    paragraph._p.append(element("w:bookmarkEnd", id=number))


def shade(paragraph: Any) -> None:  # noqa: ANN401 - docx is untyped here
    """Set a paragraph off with a tint and a bar on its left."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz="18", space="8", color=ACCENT))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )
    tint = element("w:shd", val="clear", color="auto", fill=WASH)
    properties.insert_element_before(
        tint, "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def mark_rtl(target: Any) -> None:  # noqa: ANN401 - docx is untyped here
    """Mark a run or a paragraph as read from right to left."""
    if hasattr(target, "_r"):
        target.font.rtl = True
        return
    properties = target._p.get_or_add_pPr()
    properties.insert_element_before(
        element("w:bidi"), "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def add_page_number(paragraph: Any) -> None:  # noqa: ANN401 - docx is untyped here
    """Add a field that Word fills with the page's number."""
    for kind, text in itertools.chain([("begin", "")], [("", "PAGE")], [("end", "")]):
        run = paragraph.add_run()
        if kind:
            run._r.append(element("w:fldChar", fldCharType=kind))
        else:
            instruction = element("w:instrText")
            instruction.text = text
            run._r.append(instruction)


def start_numbering(word: "WordDocument", start: int) -> int:
    """Return the id of a numbering that begins anew, so that a second list does not go on counting."""
    numbering: Any = word.part.numbering_part.element
    style: Any = word.styles["List Number"].element
    used = style.pPr.numPr.numId.val
    abstract = next(num.abstractNumId.val for num in numbering.num_lst if num.numId == used)
    added = numbering.add_num(abstract)
    override = added.add_lvlOverride(ilvl=0)
    override.add_startOverride(start)
    return int(added.numId)
