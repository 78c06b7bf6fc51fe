"""Makes the XML elements of a Word document that the library has no words for."""

from typing import Any, cast


def element(tag: str, **attributes: str) -> Any:  # noqa: ANN401 - docx is untyped here
    """Return an XML element such as `w:shd` with `w:` attributes."""
    from docx.oxml import parser
    from docx.oxml.ns import qn

    made = cast("Any", parser.OxmlElement)(tag)  # pyright: ignore[reportUnknownMemberType] - docx is untyped here
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made
