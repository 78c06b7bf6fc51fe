"""How a text is cut into passages, and that no word of it is out of a rule's sight."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from proofkit_core.integrity.reading.folding import fold_passage
from proofkit_core.integrity.reading.passages import Passage, PassageKind, read_passages

_REFERENCE = MarkdownIt("commonmark").enable("table")
_WORD = re.compile(r"w\d{3}")
FUZZ = settings(max_examples=300, deadline=None)


def _read(text: str) -> list[tuple[str, str]]:
    """Return kind and folded text of each passage."""
    return [(p.kind.value, fold_passage(text, p.spans, escaped=p.escaped).text.strip()) for p in read_passages(text)]


# One document of each kind of block, and what is read of it.
@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("# A title #\ntext\nmore", [("heading", "A title"), ("text", "text more")]),
        ("A title\n=======\ntext", [("heading", "A title"), ("text", "text")]),
        ("I led a crew.\n---\nAnn", [("text", "I led a crew."), ("text", "Ann")]),
        ("I led a crew,\nthen a team\n---", [("text", "I led a crew, then a team")]),
        ("- one\n- two\n  more\n\n  three", [("item", "one"), ("item", "two more"), ("text", "three")]),
        ("1. one\n   - two", [("item", "one"), ("item", "two")]),
        ("* [ ] open\n* [x] done", [("item", "open"), ("item", "done")]),
        ("\u2022 one\n\u2022 two", [("item", "one"), ("item", "two")]),
        ("\u2013 one\n\u2013 two", [("item", "one"), ("item", "two")]),
        ("the plan\n\u2013 a good one \u2013\nholds", [("text", "the plan \u2013 a good one \u2013 holds")]),
        ("Lead \u2022 Led a team \u2022 Hull", [("text", "Lead"), ("text", "Led a team"), ("text", "Hull")]),
        (
            "Intro:\n    - Led a team\n    - Ran a desk",
            [("text", "Intro:"), ("item", "Led a team"), ("item", "Ran a desk")],
        ),
        ("a\n\u00a0\nb", [("text", "a"), ("text", "b")]),
        ("a\u2029b\u2028c", [("text", "a"), ("text", "b c")]),
        ("a\rb\r\n\r\nc", [("text", "a b"), ("text", "c")]),
        ("[a]: https://x.example 'I led'", [("text", "a: \ufffc 'I led'")]),
        ("a\\\nb  \nc", [("text", "a b c")]),
    ],
)
def test_blocks_are_read_as_they_look(text: str, passages: list[tuple[str, str]]) -> None:
    assert _read(text) == passages


# What Markdown would hide, or shows as something else, is text to a rule.
@pytest.mark.parametrize(
    ("text", "passages"),
    [
        (
            "Dear Ann,\n\n    I led a crew.\n\n    - Led a team",
            [("text", "Dear Ann,"), ("text", "I led a crew."), ("item", "Led a team")],
        ),
        ("para\n    ```\nI led a crew.\n    ```", [("text", "para I led a crew.")]),
        ("    > I led", [("text", "I led")]),
        ("```\nI led a crew.", [("text", "I led a crew.")]),
        ("```\nI led a crew.\n\n~~~\n\nMore.", [("text", "I led a crew."), ("text", "More.")]),
        ("- ```\n  I led\n\nI ran", [("text", "I led"), ("text", "I ran")]),
        ("```markdown\n# A title\n\nI led\n```\nafter", [("heading", "A title"), ("text", "I led"), ("text", "after")]),
        ("```\ncode\n```\nafter", [("code", "code"), ("text", "after")]),
        ("``` py I led a crew\ncode\n```", [("text", "py I led a crew"), ("code", "code")]),
        ("<div>\n```\nI led\n```\n</div>", [("text", "I led")]),
        ("<!--\n\nI led", [("text", "<!--"), ("text", "I led")]),
        ("<ul><li>Led a team</li><li>Ran</li></ul>", [("text", "Led a team"), ("text", "Ran")]),
        ("a < b and I led", [("text", "a < b and I led")]),
        ("<p title='I led'>x", [("text", "<p title='I led'>x")]),
        ("> " * 40 + "I led\n\nafter", [("text", "I led"), ("text", "after")]),
        ("- " * 40 + "Led a team\n\nafter", [("item", "Led a team"), ("text", "after")]),
        ("| Led a team | 9 |\n| Ran | 5 |", [("text", "Led a team"), ("text", "9"), ("text", "Ran"), ("text", "5")]),
    ],
)
def test_nothing_hides_words_from_the_rules(text: str, passages: list[tuple[str, str]]) -> None:
    assert _read(text) == passages


def test_cells_stay_apart_and_know_their_header() -> None:
    text = "| A | B |\n|---|---|\n| `x|y` | c\\|d | beyond |\nlast\n\nafter"
    cells = read_passages(text)[:-1]
    assert _read(text) == [
        *(("cell", cell) for cell in ("A", "B", "x", "y", "c|d", "beyond", "last")),
        ("text", "after"),
    ]
    assert [text[slice(*p.header)] if p.header else None for p in cells] == [None, None, "A", "B", None, None, "A"]
    assert [(p.row, p.is_header) for p in cells] == [(0, True)] * 2 + [(1, False)] * 4 + [(2, False)]


def test_rows_are_counted_over_all_tables() -> None:
    table = "| A |\n|---|\n| b |\n"
    assert [p.row for p in read_passages(f"{table}\ntext\n\n> {table.replace(chr(10), chr(10) + '> ')}")] == [
        0,
        1,
        -1,
        2,
        3,
    ]


def test_quotations_are_told_even_nested_in_a_list() -> None:
    text = "- a\n\n  > b\n  lazy\n\nc"
    assert [(p.quoted, text[slice(*p.spans[0])]) for p in read_passages(text)] == [
        (False, "a"),
        (True, "b"),
        (False, "c"),
    ]


def test_json_strings_are_read_and_keys_are_not() -> None:
    text = '{"I led": "- Ran a desk", "b": ["I\\u0020led\\n\\n- a\\n- b\\"", "", 12, "# x"]}'
    assert _read(text) == [
        ("string", "Ran a desk"),
        ("string", "I led"),
        ("item", "a"),
        ("item", 'b"'),
        ("string", "x"),
    ]


def test_broken_json_is_text() -> None:
    assert _read('{"a": "I led",}') == [("text", '{"a": "I led",}')]
    assert _read("[S1] is a fact") == [("text", "[S1] is a fact")]


_LEADS = (
    *("", "", "", "> ", ">", "- ", "* ", "1. ", "2) ", "# ", "##", "    ", "\t", "  ", "```", "~~~", "````", "| "),
    *("|---|---|", "| a | b |", "---", "===", "<div>", "<!--", "<p>", "[x]: /u ", "\u2022 ", "\u2013 ", "\\", "``` py"),
    *("```markdown", "- [ ] ", "-\t", ">\t", "> > ", "- - ", "     "),
)
_ENDS = (
    *("\n",) * 6,
    "\n\n",
    "\n\n",
    "\r\n",
    "\r",
    "\r\n\r\n",
    "  \n",
    "\\\n",
    "\u2028",
    "\u2029",
    "\v",
    "\n\u00a0\n",
    "\0",
)
_INLINE = (
    *("", "", "", "*", "**", "`", "``", "_", "[", "](x)", "&amp;", "|", " | ", "\\|", "<b>", "</b>", "<br>", "  "),
    *("\u200b", "\u00a0", '"', "https://a.example/", "&#109;", "`|`", " \u2022 ", "</li><li>", "<", "&", "\\"),
)


@st.composite
def _documents(draw: st.DrawFn) -> str:
    """Draw a hostile document whose words are all different."""
    pieces: list[str] = []
    words = iter(range(1000))
    for _ in range(draw(st.integers(1, 10))):
        pieces += draw(st.lists(st.sampled_from(_LEADS), max_size=3))
        for inline in draw(st.lists(st.sampled_from(_INLINE), max_size=4)):
            pieces.append(f" w{next(words):03} {inline}")
        pieces.append(draw(st.sampled_from(_ENDS)))
    return "".join(pieces)


def _places(passages: tuple[Passage, ...], text: str) -> Iterator[tuple[str, Passage]]:
    for passage in passages:
        for span in passage.spans:
            for word in _WORD.findall(text[slice(*span)]):
                yield word, passage


@given(text=st.text(max_size=200) | st.text(alphabet="[]()<>|`~*_#-+> \t\n\r\\&;:1.\u2028\u0301", max_size=200))
@example("[" + "1" * 5000 + "]")
@example("[" * 100_000)
@FUZZ
def test_no_text_breaks_the_reader_and_spans_are_in_order(text: str) -> None:
    place = 0
    for passage in read_passages(text):
        assert passage.spans
        for start, end in passage.spans:
            assert place <= start < end <= len(text)
            place = end


@given(text=_documents())
@example("<div>\r~~~\n# w001\n~~~\n\n~~~ w002\n")
@example("<p>a\n``` w003\n\n~~~> w004\n")
@FUZZ
def test_each_word_belongs_to_one_passage(text: str) -> None:
    passages = read_passages(text)
    found = [word for word, _ in _places(passages, text)]
    # The language of a fence is no part of what is said.
    languages = {
        word for line in re.split(r"[\r\n]", text) for word in _WORD.findall(line) if "```" in line or "~~~" in line
    }
    assert len(found) == len(set(found))
    assert set(_WORD.findall(text)) - set(found) <= languages


@given(text=_documents())
@FUZZ
def test_what_markdown_shows_as_text_is_never_code(text: str) -> None:
    code = {word for word, passage in _places(read_passages(text), text) if passage.kind is PassageKind.CODE}
    shown = {
        word for token in _REFERENCE.parse(text) if token.type == "inline" for word in _WORD.findall(token.content)
    }
    assert not code & shown


_PLAIN_LEADS = ("", "", "> ", "- ", "1. ", "# ", "- > ", "> - ")


@given(
    lines=st.lists(st.tuples(st.sampled_from(_PLAIN_LEADS), st.sampled_from(("\n", "\n\n", "\r\n\r\n"))), max_size=12),
)
@FUZZ
def test_paragraphs_are_those_of_markdown(lines: list[tuple[str, str]]) -> None:
    text = "".join(f"{lead}w{number:03}{end}" for number, (lead, end) in enumerate(lines))
    passages = [_WORD.findall(" ".join(text[slice(*span)] for span in p.spans)) for p in read_passages(text)]
    assert passages == [_WORD.findall(t.content) for t in _REFERENCE.parse(text) if t.type == "inline"]


@given(
    value=st.recursive(
        st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    )
)
@FUZZ
def test_json_passages_lie_within_strings(value: object) -> None:
    text = json.dumps([value], indent=1)
    for passage in read_passages(text):
        for start, end in passage.spans:
            # Cutting an escape in two, or taking in a quotation mark, would leave no string behind.
            assert isinstance(json.loads(f'"{text[start:end]}"'), str)
