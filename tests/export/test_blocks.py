"""Markdown in, blocks out; and blocks written as Markdown read back as the same blocks."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.blocks import (
    BulletList,
    CodeBlock,
    Heading,
    NumberedList,
    Paragraph,
    Quote,
    Run,
    Table,
    parse_markdown,
    plain_text,
    starts_rtl,
)
from proofkit_core.export.markdown import blocks_to_markdown
from proofkit_core.wording import escaped

TYPED = st.text(
    alphabet=st.one_of(
        st.sampled_from("abc XYZ 12.)(|*_`#<>[]!~&;=+-\\/:\"'{}$@^%"),
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cf")),
    ),
    max_size=60,
)


def words(text: str) -> str:
    return " ".join(text.split())


def test_styles_are_kept() -> None:
    (paragraph,) = parse_markdown("a **b *c*** `d` e")
    assert isinstance(paragraph, Paragraph)
    assert paragraph.runs == (
        Run(text="a "),
        Run(text="b ", strong=True),
        Run(text="c", strong=True, emphasis=True),
        Run(text=" "),
        Run(text="d", code=True),
        Run(text=" e"),
    )


def test_a_citation_is_a_run_of_its_own() -> None:
    (paragraph,) = parse_markdown("4 bays [S12], `[S1]` in code stays code")
    assert isinstance(paragraph, Paragraph)
    assert [run.cite for run in paragraph.runs if run.cite] == ["S12"]


def test_raw_html_is_text() -> None:
    blocks = parse_markdown("<script>alert(1)</script>\n\na <b>b</b> <!-- c -->")
    assert [plain_text(b.runs) for b in blocks if isinstance(b, Paragraph)] == [
        "<script>alert(1)</script>",
        "a <b>b</b> <!-- c -->",
    ]


def test_a_reference_definition_does_not_vanish() -> None:
    (paragraph,) = parse_markdown("[S1]: https://example.org")
    assert isinstance(paragraph, Paragraph)
    assert plain_text(paragraph.runs) == "[S1]: https://example.org"


def test_a_link_shows_its_address() -> None:
    (paragraph,) = parse_markdown("see [the page](https://example.org/a)")
    assert isinstance(paragraph, Paragraph)
    assert plain_text(paragraph.runs) == "see the page (https://example.org/a)"


def test_blocks_nest() -> None:
    text = "1. one\n   - two\n\n> three\n>\n> - four\n\n    five\n\n# six\n\n| a |\n| --- |\n| b |"
    kinds = [type(block) for block in parse_markdown(text)]
    assert kinds == [NumberedList, Quote, CodeBlock, Heading, Table]
    numbered = parse_markdown(text)[0]
    assert isinstance(numbered, NumberedList)
    assert isinstance(numbered.items[0][1], BulletList)


def test_a_heading_in_a_body_stays_below_its_section() -> None:
    assert {block.level for block in parse_markdown("# a\n\n##### b\n\nc\n===") if isinstance(block, Heading)} == {3}


def test_a_pipe_in_a_cell_stays_in_its_cell() -> None:
    (table,) = parse_markdown("| a | b |\n| --- | --- |\n| c \\| d | e |")
    assert isinstance(table, Table)
    assert [plain_text(cell) for cell in table.rows[0]] == ["c | d", "e"]


@pytest.mark.parametrize(
    ("text", "language"), [("abc", ""), ("12 שלום", "he"), ("«مرحبا»", "ar"), ("", ""), ("A ש", "")]
)
def test_the_first_letter_gives_the_direction(text: str, language: str) -> None:
    assert starts_rtl(text) == language


@given(st.lists(TYPED.filter(lambda text: bool(words(text))), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_text_survives_writing_and_reading_back(texts: list[str]) -> None:
    blocks = tuple(Paragraph(runs=(Run(text=words(text)),)) for text in texts)
    again = parse_markdown(blocks_to_markdown(blocks))
    assert [plain_text(b.runs) for b in again if isinstance(b, Paragraph)] == [words(text) for text in texts]


@given(st.lists(st.lists(TYPED, min_size=2, max_size=2), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_table_survives_writing_and_reading_back(rows: list[list[str]]) -> None:
    cells = tuple(tuple((Run(text=words(text)),) if words(text) else () for text in row) for row in rows)
    table = Table(head=((Run(text="a"),), (Run(text="b"),)), rows=cells)
    (again,) = parse_markdown(blocks_to_markdown((table,)))
    assert isinstance(again, Table)
    assert [[plain_text(cell) for cell in row] for row in again.rows] == [[words(t) for t in row] for row in rows]


@given(TYPED.filter(lambda text: bool(words(text))))
@settings(max_examples=200, deadline=None)
def test_lists_and_quotes_survive_writing_and_reading_back(text: str) -> None:
    inner = (Paragraph(runs=(Run(text=words(text)),)),)
    blocks = (BulletList(items=(inner, inner)), Quote(blocks=inner), NumberedList(start=3, items=(inner,)))
    again = parse_markdown(blocks_to_markdown(blocks))
    assert [type(block) for block in again] == [BulletList, Quote, NumberedList]
    dump = "".join(block.model_dump_json() for block in again)
    assert len(re.findall('"kind":"paragraph"', dump)) == 4


@given(TYPED.filter(lambda text: bool(words(text))))
@settings(max_examples=200, deadline=None)
def test_what_the_composer_escapes_is_shown_as_typed(text: str) -> None:
    (paragraph,) = parse_markdown(f"Note: {escaped(words(text))}")
    assert isinstance(paragraph, Paragraph)
    assert plain_text(paragraph.runs) == f"Note: {words(text)}"
