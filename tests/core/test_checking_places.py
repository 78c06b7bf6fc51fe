"""Where the words of a file stand: in JSON, in HTML, in Word and PDF files, and in plain text."""

import io
import json
from typing import Any

import docx  # noqa: TID253 - the reader under test loads it anyway
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter  # noqa: TID253 - the same

from proofkit_core.checking.extracted import join_blocks
from proofkit_core.checking.json_strings import encode_string, read_json_strings
from proofkit_core.checking.page_text import read_page
from proofkit_core.checking.pdf_pages import read_pages
from proofkit_core.checking.reading import Reading, read_source
from proofkit_core.checking.word_text import read_word
from proofkit_core.errors import InputError
from proofkit_core.integrity import Carrier

WHOLE = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | WHOLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WHOLE, inner, max_size=4),
    max_leaves=12,
)


def strings_in(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings_in(inner)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [text for inner in value for text in strings_in(inner)]  # pyright: ignore[reportUnknownVariableType]
    return []


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_the_strings_of_a_json_text_are_found_in_order_and_no_key_among_them(
    value: Any,  # noqa: ANN401 - any JSON
    ensure_ascii: bool,  # noqa: FBT001 - drawn by hypothesis
    indent: int | None,
) -> None:
    text = json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
    assert [found.text for found in read_json_strings(text)] == strings_in(value)


@given(WHOLE, WHOLE, st.data())
def test_a_change_inside_a_json_string_changes_nothing_else(text: str, added: str, data: st.DataObject) -> None:
    page = json.dumps({"before": text, "é": [text, 3]}, ensure_ascii=data.draw(st.booleans()))
    found = list(read_json_strings(page))[1]
    offset = data.draw(st.integers(0, len(text)))
    place = found.places[offset] if found.places else found.start + offset
    edited = page[:place] + encode_string(added, is_ascii=page.isascii()) + page[place:]
    assert json.loads(edited) == {"before": text, "é": [text[:offset] + added + text[offset:], 3]}
    assert edited.isascii() or not page.isascii()


def test_a_path_leads_to_each_string() -> None:
    page = '{"a": {"b": ["x", {"c": "y"}]}, "d": "z", "e": []}'
    assert {found.path: found.text for found in read_json_strings(page)} == {"a.b[0]": "x", "a.b[1].c": "y", "d": "z"}


def test_half_a_character_in_a_json_string_is_shown_as_such() -> None:
    source = read_source("a.json", b'{"a": "cut \\ud800 off"}', Reading(in_packet=False))
    assert source.pieces[0].text == "cut \N{REPLACEMENT CHARACTER} off"


PAGE = """<!doctype html><html><head><title>Hidden</title><style>p { color: red }</style></head>
<body><h1>My &amp; <em>your</em> plan</h1>
<p>One&nbsp;line<br>and   another.<p>No end tag
<ul><li>first<li><p>second &#8212; item</p></ul>
<table><thead><tr><th>Risk<th>Owner</tr></thead>
<tbody><tr><td>late <b>van</b></td><td><p>me | you</p></td></tr></tbody></table>
<blockquote><p>They say:<br>yes<p>and no</blockquote>
<script>alert("I led a team")</script><footer>The end</footer></body></html>"""


def test_the_words_of_a_page_are_read_in_blocks() -> None:
    text = read_page(PAGE).text
    assert text.rstrip().split("\n\n") == [
        "# My & your plan",
        "One\N{NO-BREAK SPACE}line\nand another.",
        "No end tag",
        "- first",
        "- second — item",
        "| Risk | Owner |\n| --- | --- |\n| late van | me \\| you |",
        "> They say:\n> yes",
        "> and no",
        "The end",
    ]


def test_each_word_of_a_page_knows_its_place() -> None:
    found = read_page(PAGE)
    assert len(found.places) == len(found.text) + 1
    for word in ("your", "another", "second", "van", "end"):
        assert PAGE[found.places[found.text.index(word)] :].startswith(word)
    assert PAGE[found.places[found.text.index("—")] :].startswith("&#8212;")


def test_two_line_ends_in_a_page_end_a_paragraph() -> None:
    assert read_page("<p>a</p><br>b<br> c<br><br>d<br><br><br>e").text == "a\n\nb\nc\n\nd\n\ne"


def test_a_section_that_is_passed_over_is_silent_to_its_end() -> None:
    page = '<p>one</p><section id="x"><p>two</p><section><p>three</p></section> four</section><p>five</p>'
    assert read_page(page, passed_over=("x",)).text.split() == ["one", "five"]


@given(st.text(alphabet="ab <>/&;#ptdrlih3\n\"'!-", max_size=80))
def test_no_page_is_too_broken_to_be_read(page: str) -> None:
    found = read_page(page)
    assert len(found.places) == len(found.text) + 1
    assert all(0 <= place <= len(page) for place in found.places)


def word_file() -> bytes:
    document: Any = docx.Document()
    document.add_heading("A plan", 1)
    document.add_paragraph("First paragraph.")
    document.add_paragraph("An item", style="List Bullet")
    document.add_paragraph("A quotation", style="Quote")
    table = document.add_table(rows=2, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(table._tbl.makeelement(f"{{{table._tbl.nsmap['w']}}}tblHeader", {}))
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Risk", "Owner", "late", "me"), strict=True
    ):
        cell.text = text
    paragraph = document.add_paragraph("Kept ")
    for tag, inner in (("ins", "t"), ("del", "delText"), ("moveFrom", "t")):
        change = paragraph._p.makeelement(f"{{{paragraph._p.nsmap['w']}}}{tag}", {})
        run = paragraph.add_run("")._r
        text = run.makeelement(f"{{{paragraph._p.nsmap['w']}}}{inner}", {})
        text.text = f"{tag} "
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    document.sections[0].footer.paragraphs[0].text = "Page foot"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_word_file_is_read_with_its_tables_its_footer_and_its_tracked_changes() -> None:
    blocks = {block.label: block.text for block in read_word(word_file(), "a.docx")}
    assert blocks == {
        "paragraph 1": "# A plan",
        "paragraph 2": "First paragraph.",
        "paragraph 3": "- An item",
        "paragraph 4": "> A quotation",
        "table 1, row 1": "| Risk | Owner |",
        "table 1, row 2": "| late | me |",
        "paragraph 5": "Kept ins",
        "footer, paragraph 1": "Page foot",
    }


def test_each_paragraph_and_table_row_of_a_word_file_is_a_line() -> None:
    extract = join_blocks(read_word(word_file(), "a.docx"))
    lines = [extract.text[start:].split("\n")[0] for start in extract.line_starts]
    assert lines[2:6] == ["- An item", "> A quotation", "| Risk | Owner |", "| late | me |"]
    assert "| Risk | Owner |\n| --- | --- |\n| late | me |\n\nKept" in extract.text
    assert [extract.text[mark.start :].split("\n")[0] for mark in extract.marks] == lines


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", word_file()[:2_000]], ids=["empty", "cut", "half"])
def test_a_damaged_word_file_is_told(data: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.docx cannot be read as a Word file"):
        read_word(data, "a.docx")


def test_a_pdf_of_pictures_is_no_green_result() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(InputError, match=r"holds no text that could be checked\. Perhaps it holds pictures"):
        read_source("scan.pdf", buffer.getvalue(), Reading(in_packet=False))


def test_a_locked_pdf_is_told() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(InputError, match="damaged or locked"):
        read_pages(buffer.getvalue(), "locked.pdf")


def test_a_damaged_pdf_is_told() -> None:
    with pytest.raises(InputError, match="damaged or locked"):
        read_pages(b"%PDF-1.7 nothing", "broken.pdf")


@pytest.mark.parametrize("name", ["own.rtf", "own.doc", "rows.jsonl"])
def test_a_kind_that_cannot_be_read_is_told_with_those_that_can(name: str) -> None:
    with pytest.raises(InputError, match=r"Expected \.md, \.txt, \.json, \.html, \.docx, \.pdf"):
        read_source(name, b"", Reading(in_packet=False))


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfeI\x00", b"a\0b"], ids=["empty", "blank", "UTF-16", "NUL"])
def test_what_holds_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_source("own.md", data, Reading(in_packet=False))


def test_bullets_are_read_one_by_one() -> None:
    text = "Projects\n\n- one\n  and more\n* two\n2. three\nOutside\n"
    pieces = read_source("resume-bullets.txt", text.encode(), Reading(in_packet=True)).pieces
    assert [(piece.text, piece.carrier) for piece in pieces] == [
        ("Projects", Carrier.SECTION),
        ("one\n  and more", Carrier.BULLET),
        ("two", Carrier.BULLET),
        ("three", Carrier.BULLET),
        ("Outside", Carrier.SECTION),
    ]
    assert all(text[piece.start :].startswith(piece.text) for piece in pieces)


def test_lines_without_marks_are_bullets_each() -> None:
    pieces = read_source("a.txt", b"one\r\ntwo\r\n", Reading(in_packet=False, carrier=Carrier.BULLET)).pieces
    assert [(piece.text, piece.carrier) for piece in pieces] == [("one", Carrier.BULLET), ("two", Carrier.BULLET)]
