"""The folded view: one plain form for what looks the same, and a way back that never loses its place."""

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofkit_core.integrity.reading.folding import COMPANY, MASK, PERSON, Folded, fold_passage
from proofkit_core.integrity.reading.passages import read_passages

FUZZ = settings(max_examples=300, deadline=None)
_HOSTILE = st.text(
    alphabet="[]()<>|`~*_#-+> \t\n\r\\&;:1.ab/@!^S\u2028\u0301\u0435\u00bd\u200b\u00a0\u2019\ue000", max_size=80
)


def _folded(text: str) -> str:
    return fold_passage(text, [(0, len(text))]).text


@pytest.mark.parametrize(
    "text",
    [
        "I l\u0435d a team",  # Cyrillic e
        "I led \u0430 team",  # Cyrillic a, alone between Latin words
        "\u0406 led a team",  # Ukrainian I at the start
        "I led a \u03c4e\u03b1m",  # Greek tau and alpha
        "\uff29 \uff4c\uff45\uff44 a team",  # full width
        "\U0001d408 \U0001d425\U0001d41e\U0001d41d a team",  # mathematical bold
        "\u026a \u029f\u1d07\u1d05 a team",  # phonetic small capitals, where only the size differs
        "I l\u00e9d a team",
        "I le\u0301d a team",
        "I l\u00aded a te\u200bam",
        "I \u202eled\u202c a\u2060 team",
        "I l\bed a team",
        "I\u00a0led\u2003a\tteam",
        "I  led   a team",
        "I \u200b led a team",
        "I&nbsp; l&#101;d a te&#x61;m",
        "I l&shy;ed a team",
        "I **led** a _team_",
        "I ** led** a team",
        'I <b>led</b> a <SPAN CLASS="x">team</SPAN>',
        "I<br>led<br/>a team",
        "I <!-- -->led a team",
        "I [led](https://x.example/a_(b)) a team",
        "I [led](<y>) a team",
        "I led[^1] a team",
        "I `led` a team",
        "![I led](x.png) a team",
    ],
)
def test_what_looks_alike_folds_alike(text: str) -> None:
    assert _folded(text).lower() == "i led a team"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("\u041c\u0430\u043c\u0430 \u043c\u044b\u043b\u0430 \u0440\u0430\u043c\u0443", None),
        ("\u043e\u043d \u0441\u043a\u0430\u0437\u0430\u043b \u0430 \u043e\u0441\u0430", None),
        ("\u03bf \u03bb\u03cc\u03b3\u03bf\u03c2", "\u03bf \u03bb\u03bf\u03b3\u03bf\u03c2"),
        ("said \u043a\u0430\u043a \u0434\u0435\u043b\u0430 today", None),
        ("\ud55c\uad6d\uc5b4 \u732b \u3044", None),
        ("20\u066a of \u0661\u0662\u066b\u0665", "20% of 12.5"),
        ("2\u00bd or \u00bd", "2.5 or 0.5"),
        ("3\u00b2", "3 "),
        ("2 * 3 and snake_case", None),
        ("a \\* b \\[x\\]", "a * b [x]"),
        ("x < y & z; <led a team>", None),
        ("AT&T &unknown; &amp;", "AT&T &unknown; &"),
        ("[S1] and [text][1] and queue[1]", "[S1] and text 1 and queue 1"),
        ('a ](x "I led") b', "a I led b"),
        ("see https://x.example/a?b=1. Led", f"see {MASK}. Led"),
        ("see <https://x.example> or a.b@c.example, or www.x.example!", f"see {MASK} or {MASK}, or {MASK}!"),
        ("x \ue000\ue001\ufffc y", "x y"),
        ("\u2018a\u2019 \u201cb\u201d \u2212 \u2010 \u2026", "'a' \"b\" - - ..."),
    ],
)
def test_what_means_something_stays(text: str, folded: str | None) -> None:
    assert _folded(text) == (text if folded is None else folded)


def test_names_are_hidden_letter_by_letter() -> None:
    text = "At **Marram Supply**, Ann\u00a0Lee and Marram; marrams"
    lower = fold_passage(text, [(0, len(text))], "Marram Supply", ["Ann Lee"]).lower
    assert lower == f"at {COMPANY * 13}, {PERSON * 7} and {COMPANY * 6}; marrams"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a `b c` d `e` f", ["b c", "e"]),
        ("a ``b ` c`` d", ["b c"]),
        ("a ` b", []),
        ("a `` b ` c", []),
        ("a \\`b` c", []),
        ("a `b\\` c", ["b\\"]),
    ],
)
def test_inline_code_is_what_markdown_says(text: str, code: list[str]) -> None:
    folded = fold_passage(text, [(0, len(text))])
    assert [folded.text[low:high] for low, high in folded.protected] == code
    assert all(folded.is_protected(low, high) for low, high in folded.protected)
    assert not folded.is_protected(0, 1)


def _check(folded: Folded, size: int) -> None:
    assert len(folded.lower) == len(folded.text)
    assert "  " not in folded.text
    last = 0
    for place in range(len(folded.text)):
        start, end = folded.span(place, place + 1)
        assert last <= start <= end <= size
        assert folded.span(place, place) == (folded.span(place - 1, place)[1] if place else start,) * 2
        assert folded.span(0, place + 1)[1] == end
        last = start


@given(text=st.text(max_size=60) | _HOSTILE, cut=st.integers(0, 60))
@example(text="`a` `", cut=3)
@example(text="&#0;&#xD800;&NotEqualTilde;", cut=0)
@FUZZ
def test_the_way_back_is_monotone_and_within_the_text(text: str, cut: int) -> None:
    cut = min(cut, len(text))
    _check(fold_passage(text, [(0, cut), (cut, len(text))]), len(text))
    _check(fold_passage(text, [(0, len(text))], "a b", ["b"]), len(text))


@given(text=st.text(max_size=60) | _HOSTILE)
@FUZZ
def test_folding_twice_changes_nothing_more(text: str) -> None:
    words = "".join(char for char in text if char.isalnum() or char == " ")
    once = _folded(words)
    assert _folded(once) == once


@given(text=st.text(max_size=40))
@FUZZ
def test_composed_and_decomposed_letters_fold_alike(text: str) -> None:
    letters = "".join(char for char in text if char.isalpha())
    assert _folded(unicodedata.normalize("NFC", letters)) == _folded(unicodedata.normalize("NFKC", letters))


@given(text=_HOSTILE | st.text(max_size=40), ascii_only=st.booleans())
@FUZZ
def test_an_edit_in_a_json_string_keeps_the_json(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    source = json.dumps({"k": [text, "x"]}, ensure_ascii=ascii_only)
    for passage in read_passages(source):
        folded = fold_passage(source, passage.spans, escaped=passage.escaped)
        _check(folded, len(source))
        for place in range(len(folded.text) + 1):
            start, end = folded.span(place, min(place + 1, len(folded.text)))
            json.loads(f"{source[:end]} (h){source[end:]}")
            json.loads(f"{source[:start]}would{source[end:]}")
