"""An edit is one that a careful writer would make: whole words, one label, the right article."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Carrier, Disclosing, Edit, FactLedger, review_text

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
MORE = settings(PROFILE, max_examples=PROFILE.max_examples * 5)
ROWS = [
    Row.model_validate_json(line)
    for path in sorted((Path(__file__).parent / "corpus").glob("*.jsonl"))
    if path.stem != "held_out"
    for line in path.read_text(encoding="utf-8").splitlines()
    if line
]


def _in_lines(before: str) -> Callable[[str], str]:
    return lambda text: "\n".join(f"{before}{line}" if line.strip() else line for line in text.splitlines())


FORMS: dict[str, Callable[[str], str]] = {
    "as written": lambda text: text,
    "a list": _in_lines("- "),
    "a quotation": _in_lines("> "),
    "a cell": lambda text: f"| A | B |\n| - | - |\n| next | {' '.join(text.replace('|', '/').split())} |",
    "behind a sentence": lambda text: f"I would start at the gate. {text}",
    "behind a colon": lambda text: f"What I did: {text}",
    "with a bold start": lambda text: re.sub(r"\A(\w+ \w+)", r"**\1**", text),
    "in lines": lambda text: re.sub(r"(?<=[\w,]) (?=[a-z])", "\n", text, count=3),
}


class Edited(NamedTuple):
    """A text before and after its review."""

    before: str
    after: str
    edits: tuple[Edit, ...]


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    row, form = draw(st.sampled_from(ROWS)), draw(st.sampled_from(sorted(FORMS)))
    text = FORMS[form](row.text)
    carrier, disclosing = draw(st.sampled_from(Carrier)), draw(st.sampled_from(Disclosing))
    verdict = review_text(text, facts=row_ledger(row.context), carrier=carrier, disclosing=disclosing)
    return Edited(text, verdict.text, verdict.edits)


class Seam(NamedTuple):
    """A place in an edited text where an edit begins or ends, and the same place in the text as it was."""

    after: int
    before: int


def _seams(made: Edited) -> Iterator[Seam]:
    for edit in made.edits:
        yield Seam(edit.start_after, edit.start_before)
        yield Seam(edit.end_after, edit.end_before)


def _word_across(text: str, place: int) -> str:
    """Return the word that goes on over a place, such as `our_client`; empty where none does."""
    before, after = re.search(r"\w*\Z", text[:place]), re.match(r"\w*", text[place:])
    head, tail = before[0].lstrip("_") if before else "", after[0].rstrip("_") if after else ""
    return f"{head}{tail}".lower() if head and tail else ""


@given(made=edited())
@MORE
def test_an_edit_never_lies_inside_a_word(made: Edited) -> None:
    for seam in _seams(made):
        word = _word_across(made.after, seam.after)
        # Only a capital may be made small: `The desk` becomes `In this simulated exercise, the desk`.
        nearby = made.before[max(0, seam.before - len(word)) : seam.before + len(word)].lower()
        assert word in nearby, (word, made.after)


_LABELS = re.compile(
    r"(\(h\)|\(hypothetical\)|hypothetical|simulated exercise|simulated project)(?:[\s*_,:]|in this|the)*\1",
    re.IGNORECASE,
)
_TWICE = re.compile(r"\b(would|could|the|an?|to|in|this|be|how|planned|fictional) \1\b", re.IGNORECASE)


@given(made=edited())
@MORE
def test_an_edit_never_doubles_a_label_or_a_word(made: Edited) -> None:
    for pattern in (_LABELS, _TWICE):
        assert len(pattern.findall(made.after)) <= len(pattern.findall(made.before)), made.after


_ARTICLE = re.compile(r"\b(an?)[\s*_]+([a-z][\w-]*)", re.IGNORECASE)
_SAID_OTHERWISE = re.compile(r"eu|ubi|uni|us[aeu]|uti|one|once|h(?:our|onest|onou?r|eir)|[a-z]\b")


def _articles(text: str) -> set[tuple[str, str]]:
    return {(match[1].lower(), match[2].lower()) for match in _ARTICLE.finditer(text)}


@given(made=edited())
@MORE
def test_an_edit_never_breaks_an_article(made: Edited) -> None:
    for article, word in _articles(made.after) - _articles(made.before):
        if not _SAID_OTHERWISE.match(word):
            assert (article == "an") == (word[0] in "aeiou"), (article, word, made.after)


@given(made=edited())
@MORE
def test_an_edit_leaves_no_loose_spaces_and_no_torn_marks(made: Edited) -> None:
    for edit in made.edits:
        around = made.after[max(0, edit.start_after - 2) : edit.end_after + 2]
        was = made.before[max(0, edit.start_before - 2) : edit.end_before + 2]
        for wrong in ("  ", " ,", " .", ",,", "( ", " )"):
            assert around.count(wrong) <= was.count(wrong), (around, made.after)
    for mark in ("**", "`", "(", ")", '"', "“", "”"):
        added = sum(edit.after.count(mark) - edit.before.count(mark) for edit in made.edits)
        assert made.after.count(mark) == made.before.count(mark) + added
        assert mark in "()" or not added, made.after


@pytest.mark.parametrize(
    "text",
    ["The script calls our_client() twice.", "Set the limit with my_manager = 3.", "The field i_led_a_team is empty."],
)
def test_a_name_with_underscores_is_one_word(text: str, facts: FactLedger) -> None:
    assert review_text(text, facts=facts, carrier=Carrier.SECTION).text == text


@pytest.mark.parametrize("hidden", ["<script>", "<style>a</style>", "<textarea>", "<!-- x -->", "<![CDATA[", "<?x ?>"])
def test_an_edit_stays_out_of_what_no_page_shows(hidden: str, facts: FactLedger) -> None:
    verdict = review_text(f"{hidden} Our client was delighted.", facts=facts, carrier=Carrier.SECTION)
    assert verdict.text.startswith(hidden)
