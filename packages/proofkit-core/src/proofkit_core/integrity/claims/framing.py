"""Sets a sentence in the exercise, where no smaller change puts its claim right."""

import re
from bisect import bisect_left

from proofkit_core.faithfulness import is_common, stem
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.hits import Hit
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.reading.folding import COMPANY, PERSON
from proofkit_core.integrity.reading.passages import PassageKind

Changes = tuple[tuple[int, int, str], ...]
"""Folded start and end, and what shall stand there."""
FRAME = "In this simulated exercise, "
_PREFIX = re.compile(
    r"(?:<!\[cdata\[|<[^<>]{0,200}>|[^\w<\ue000\ue001])*"
    r"(?:(?:simulated|practice) (?:project|work sample|exercise|piece)[^:;.]{0,60}[:;] ?)?"
)
_HIDING = re.compile(r"<(?:style|script|textarea|title|template|!\[cdata)", re.IGNORECASE)
"""What such a tag opens is shown nowhere."""
_DEFINITION = re.compile(r"\s*\[[^\]\n]{1,60}\]:")
"""A link or a footnote is defined: its words are shown elsewhere, or nowhere."""
_REAL_TIME = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:ago|yesterday|at school|at university)\b"
    r"|\blast (?:week|month|year|night|spring|summer|autumn|fall|winter)\b"
)
_NAMED = re.compile(r"\b(?:at|with|for|by|of|from|to|joined) (?:the )?([A-Z][\w&-]+)")


def frame_sentence(hit: Hit) -> Changes:
    """Return the change that sets a hit's sentence in the exercise: `In this simulated exercise, …`.

    None where the sentence is about real life, or where nobody would read the frame.
    """
    page = hit.page
    start, end = page.sentence_at(hit.start)
    if _is_real(page, start, end) or _DEFINITION.match(page.source, page.passage.spans[0][0]):
        return ()
    prefix = _PREFIX.match(page.lower, start, end)
    place = prefix.end() if prefix else start
    if place >= end or _is_hidden(page, place):
        return ()
    frame = FRAME if place == start or page.folded.text[place].isupper() else FRAME[0].lower() + FRAME[1:]
    first = page.folded.text[place]
    word = re.match(r"[\w'-]+", page.lower[place:end])
    if first.isupper() and word and word.group() not in {"i", "i'm"} and _can_be_small(page, place):
        return ((place, place + 1, frame + first.lower()),)
    return ((place, place, frame),)


def _is_hidden(page: Page, place: int) -> bool:
    """Say whether a place may lie in an HTML comment or tag, where no reader would see a word."""
    original = page.folded.span(place, place + 1)[0]
    low, high = page.passage.spans[0][0], page.passage.spans[-1][1]
    return (
        page.source.rfind("<!--", 0, original) > page.source.rfind("-->", 0, original)
        or _HIDING.search(page.source, low, high) is not None
    )


def _can_be_small(page: Page, place: int) -> bool:
    """Say whether the word at the start of a sentence is no name, so that it may lose its capital."""
    number = bisect_left(page.words, place, key=lambda word: word.start)
    word, *rest = (w.text for w in page.words[number : number + 2])
    if word[0] in {COMPANY, PERSON}:
        return False
    if is_common(word) or word in load_grammar().vocabulary.signs:
        return True
    # A name is followed by another one, by 's or by what it does: `Priya asked`.
    following = page.words[number + 1] if rest else None
    if following is None or page.folded.text[following.start].isupper():
        return False
    return not load_grammar().single["does"].match(page.signs, number + 1)


def _is_real(page: Page, start: int, end: int) -> bool:
    """Say whether a sentence is so much about real life that no frame makes it part of the exercise."""
    if page.passage.is_header or page.passage.kind is PassageKind.CODE or speaks_of_real_time(page, start, end):
        return True
    return any(_is_real_name(page, match) for match in _NAMED.finditer(page.folded.text, start, end))


def _is_real_name(page: Page, match: re.Match[str]) -> bool:
    """Say whether a capitalised word names an organisation that belongs to no exercise."""
    name = match[1].lower()
    if (
        page.lower[match.start(1)] in {COMPANY, PERSON}
        or name in load_grammar().vocabulary.classes["calendar"]
        or is_common(name)
    ):
        return False
    return not any(stem(name) in sentence.words for sentence in page.facts.scenario.sentences)


def speaks_of_real_time(page: Page, start: int, end: int) -> bool:
    """Say whether a range tells when something happened in real life.

    Args:
        page: The passage.
        start: Where the range begins in it.
        end: Where it ends.
    """
    return bool(_REAL_TIME.search(page.lower, start, end))
