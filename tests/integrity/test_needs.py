"""What a pattern is said to need, it needs: no pattern fits a text that lacks one of its sets of signs."""

import json
import re
from pathlib import Path

import pytest

from proofkit_core.integrity.claims import grammar, needs
from proofkit_core.integrity.claims.needs import mask_of
from proofkit_core.integrity.reading.words import BREAK, sign_words, split_words

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))


def _signs(text: str) -> str:
    lower = text.lower()
    return f"{BREAK}{sign_words(split_words(lower), text, grammar.load_grammar().vocabulary)}{BREAK}"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_no_pattern_fits_a_text_that_lacks_what_it_needs(path: Path) -> None:
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    for signs in map(_signs, texts):
        held = mask_of(signs)
        lacking = [p for p in grammar.load_grammar().patterns if not all(held & need for need in p.needs)]
        assert not [pattern.row.pattern for pattern in lacking if pattern.search.search(signs)]


def test_every_pattern_needs_something() -> None:
    assert not [pattern.row.pattern for pattern in grammar.load_grammar().patterns if not pattern.needs]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("a b", ["a", "b"]),
        ("a? b{0,2} c{1,2}? d*", ["c"]),
        ("(?:a|b c)", ["ab"]),
        ("(?:a|b?)", []),
        ("(?:a b)? c", ["c"]),
        ("(?<=a) b (?!c)", ["b"]),
        ("(?P<own>a) (?P=own)", ["a"]),
        ("a|b", ["ab"]),
    ],
)
def test_the_needs_of_a_pattern_are_read_from_its_notation(pattern: str, needed: list[str]) -> None:
    parts = re.finditer(
        r"(?P<group>\(\?P<\w+>|\(\?P=\w+\)|\(\?<?[=!:])|(?P<word>\w)|(?P<other>\{[\d,]+\}|[^\s])", pattern
    )
    found, _ = needs.all_needs(list(parts), lambda part: [1 << ord(part.group())])
    assert sorted(found) == sorted(sum(1 << ord(letter) for letter in letters) for letters in needed)
