"""The look of the Word document: one accent, calm sizes, real styles."""

from typing import TYPE_CHECKING, Any

from proofkit_core.export.word_xml import element

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

ACCENT = "0F5F59"
QUIET = "57606A"
LINE = "CFCBC2"
WASH = "F5F2EC"
TEXT_WIDTH_CM = 16.2
_BODY_FONT, _HEAD_FONT = "Cambria", "Calibri"
_SIZES = {"Title": 22.0, "Heading 1": 14.0, "Heading 2": 11.5, "Subtitle": 10.0, "Normal": 10.5, "Quote": 10.5}
_SPACE = {"Title": (0, 8), "Heading 1": (18, 6), "Heading 2": (12, 4), "Subtitle": (0, 8), "Normal": (0, 7)}


def restyle(word: "WordDocument", language: str) -> None:
    """Set page, fonts, sizes and language on the built-in styles, so that the person can restyle it in one place."""
    from docx.shared import Cm, Pt, RGBColor

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    styles: Any = word.styles
    for name, size in _SIZES.items():
        style = styles[name]
        head = name.startswith(("Title", "Heading", "Subtitle"))
        style.font.size = Pt(size)
        style.font.italic = False
        style.font.name = _HEAD_FONT if head else _BODY_FONT
        _drop_theme_font(style, _HEAD_FONT if head else _BODY_FONT)
        colour = {"Heading 1": ACCENT, "Subtitle": QUIET}.get(name)
        style.font.color.rgb = RGBColor.from_string(colour) if colour else RGBColor(0x1F, 0x23, 0x28)
    for name, (before, after) in _SPACE.items():
        styles[name].paragraph_format.space_before = Pt(before)
        styles[name].paragraph_format.space_after = Pt(after)
        styles[name].paragraph_format.widow_control = True
    styles["Normal"].paragraph_format.line_spacing = 1.15
    styles["Quote"].paragraph_format.left_indent = Cm(0.8)
    styles["List Paragraph"].paragraph_format.left_indent = Cm(1.3)
    styles["List Paragraph"].paragraph_format.first_line_indent = Cm(-1.3)
    styles["Footer"].font.size = Pt(8.5)
    styles["Footer"].font.color.rgb = RGBColor.from_string(QUIET)
    _right_tab(styles["Footer"])
    _drop_title_rule(styles["Title"])
    _drop_letter_spacing(styles["Subtitle"])
    _set_language(styles, language)


def _drop_theme_font(style: Any, font: str) -> None:  # noqa: ANN401 - docx is untyped here
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), font)


def _right_tab(style: Any) -> None:  # noqa: ANN401 - docx is untyped here
    """Leave one tab stop, at the right margin, so that a long line does not meet the page number."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    stops = style.paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(Cm(TEXT_WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)


def _drop_title_rule(style: Any) -> None:  # noqa: ANN401 - docx is untyped here
    from docx.oxml.ns import qn

    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _drop_letter_spacing(style: Any) -> None:  # noqa: ANN401 - docx is untyped here
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    for spacing in properties.findall(qn("w:spacing")):
        properties.remove(spacing)


def _set_language(styles: Any, language: str) -> None:  # noqa: ANN401 - docx is untyped here
    from docx.oxml.ns import qn

    tag = "en-GB" if language == "en" else language
    defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for owner in (defaults, styles["Normal"].element.get_or_add_rPr()):
        found = owner.find(qn("w:lang"))
        if found is None:
            found = element("w:lang")
            owner.append(found)
        found.set(qn("w:val"), tag)
