"""Turns a claim into what may be said: the smallest change that a careful writer would make."""

import re
from bisect import bisect_left
from collections.abc import Callable

from proofkit_core.faithfulness import is_common, stem
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.hits import Hit
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.reading.folding import COMPANY, PERSON
from proofkit_core.integrity.reading.passages import PassageKind
from proofkit_core.integrity.reading.words import Word

Changes = tuple[tuple[int, int, str], ...]
"""Folded start and end, and what shall stand there."""
FRAME = "In this simulated exercise, "
_WHO = re.compile(rf"(?:i|we|{PERSON}+)\b|{PERSON}+")
_LEAD_IN = re.compile(r"\b(?:in|during|throughout|as part of|within|over|through) $")
_PREFIX = re.compile(
    r"[^\w\ue000\ue001]*(?:(?:simulated|practice) (?:project|work sample|exercise|piece)[^:;.]{0,60}[:;] ?)?"
)
_REAL_TIME = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:ago|yesterday|at school|at university)\b"
    r"|\blast (?:week|month|year|night|spring|summer|autumn|fall|winter)\b"
)
_NAMED = re.compile(r"\b(?:at|with|for|by|of|from|to|joined) (?:the )?([A-Z][\w&-]+)")


def change(hit: Hit) -> Changes:
    """Return the changes that put a claim right; none where no safe ones are known.

    Args:
        hit: The claim's words and the edit its pattern asks for.
    """
    made = _EDITS.get(hit.row.edit, _none)(hit)
    if made and any(_breaks_marks(hit.page, low, high) for low, high, _ in made):
        made = _exercise(hit)
        if any(_breaks_marks(hit.page, low, high) for low, high, _ in made):
            return ()
    return made


def _none(_: Hit) -> Changes:
    return ()


def _would(hit: Hit) -> Changes:
    """Turn `I have quickly led and reduced` into `I would quickly lead and reduce`."""
    page, (verb_start, verb_end) = hit.page, hit.parts["verb"]
    start, end = page.sentence_at(hit.start)
    further = _further(page, verb_end)
    if further is None or _REAL_TIME.search(page.lower, start, end):
        return _exercise(hit)
    who = _WHO.match(page.lower, hit.start)
    low = who.end() if who else hit.start
    between = [
        word
        for word in page.lower[low:verb_start].replace("'", " '").split()
        if word not in load_grammar().vocabulary.classes["auxiliary"]
    ]
    words = " ".join(["would", *between, _base(hit.word("verb"))])
    if page.lower[low : low + 1] == " ":
        low += 1
    else:
        words = f" {words}"
    return ((low, verb_end, words), *further)


def _begins(word: Word) -> int:
    return word.start


def _base(verb: str) -> str:
    return load_grammar().vocabulary.bases.get(verb, verb)


def _further(page: Page, place: int) -> Changes | None:
    """Return changes for the verbs that share a rewritten one's subject, or None where one would be left behind."""
    _, end = page.sentence_at(place)
    grammar = load_grammar()
    first = bisect_left(page.words, place, key=_begins)
    last = bisect_left(page.words, end, key=_begins)
    if grammar.single["told_of_it"].search(page.signs, first, last):
        return None
    changes: list[tuple[int, int, str]] = []
    for match in grammar.single["further"].finditer(page.signs, first, last):
        word = page.words[match.start("verb")]
        base = grammar.vocabulary.bases.get(word.text)
        if base is None:
            return None
        if base != word.text:
            changes.append((word.start, word.end, base))
    return tuple(changes)


def _responsible(hit: Hit) -> Changes:
    low, high = hit.parts["be"]
    if hit.page.lower[low] == "'":
        return ((low, high, " would be"),)
    return ((low, high, "would be"),)


def _would_be(hit: Hit) -> Changes:
    low, high = hit.parts["be"]
    return ((low, high, "would be"),)


def _could(hit: Hit) -> Changes:
    verb_start, verb_end = hit.parts["verb"]
    low = verb_start
    first = bisect_left(hit.page.words, hit.start, key=_begins)
    words = hit.page.words[first : bisect_left(hit.page.words, verb_start, key=_begins)]
    while words and words[-1].text in {"has", "have", "had", "'s", "'ve", "since", "now", "already"}:
        low = words.pop().start
    spaced = "" if hit.page.lower[low - 1 : low] == " " else " "
    return ((low, verb_end, f"{spaced}could {_base(hit.word('verb'))}"),)


def _article(hit: Hit) -> Changes:
    low, high = hit.parts["own"]
    return ((low, high, "The" if hit.page.folded.text[low].isupper() else "the"),)


def _team_would(hit: Hit) -> Changes:
    """Turn `Our team has delivered it` into `The team would deliver it`."""
    low, high = hit.parts["verb"]
    further = _further(hit.page, high)
    if further is None:
        return _exercise(hit)
    start = hit.parts["have"][0] if "have" in hit.parts else low
    between = " ".join(hit.page.lower[start:low].replace("'", " '").split()[1 if "have" in hit.parts else 0 :])
    spaced = "" if hit.page.lower[start - 1] == " " else " "
    verb = f"{spaced}would {between + ' ' if between else ''}{_base(hit.word('verb'))}"
    return (*_article(hit), (start, high, verb), *further)


def _fictional_client(hit: Hit) -> Changes:
    low, high = hit.parts["own"]
    the = "The" if hit.page.folded.text[low].isupper() else "the"
    return ((low, high, f"{the} fictional"),)


def _lead_in(hit: Hit) -> Changes:
    """Turn `In my role at …,` into `In this simulated exercise,` where the phrase stands by itself."""
    page = hit.page
    low = max(0, hit.start - 20)
    lead = _LEAD_IN.search(page.lower[low : hit.start])
    start = low + lead.start() if lead else hit.start
    begins = start == page.sentence_at(hit.start)[0]
    after = page.lower[hit.end : hit.end + 1]
    if not (lead or begins) or after not in {",", ""} or any(c.isdigit() for c in page.lower[start : hit.end]):
        return _exercise(hit)
    words = FRAME.rstrip(", ")
    return ((start, hit.end, words if page.folded.text[start].isupper() else words[0].lower() + words[1:]),)


def _planned(hit: Hit, plan: str = "planned") -> Changes:
    """Turn `Led a team` into `Planned how to lead a team`."""
    page, (low, high) = hit.page, hit.parts["verb"]
    further = _further(page, high)
    if further is None:
        return _exercise(hit)
    first = bisect_left(page.words, hit.start, key=_begins)
    start = next((word.start for word in page.words[first : first + 5] if word.text[0].isalnum()), low)
    words = page.lower[start:low]
    if any(mark in words for mark in ":;\u2013\u2014"):
        start, words = low, ""
    shown = plan.capitalize() if page.folded.text[start].isupper() else plan
    return ((start, high, f"{shown} how to {words}{_base(hit.word('verb'))}"), *further)


def _planned_joined(hit: Hit) -> Changes:
    low, high = hit.parts["verb"]
    return ((low, high, f"planned how to {_base(hit.word('verb'))}"),)


def _exercise(hit: Hit) -> Changes:
    """Set the sentence in the exercise: `In this simulated exercise, …`."""
    page = hit.page
    start, end = page.sentence_at(hit.start)
    if _is_real(page, start, end):
        return ()
    prefix = _PREFIX.match(page.lower, start, end)
    place = prefix.end() if prefix else start
    if place >= end:
        return ()
    frame = FRAME if place == start or page.folded.text[place].isupper() else FRAME[0].lower() + FRAME[1:]
    first = page.folded.text[place]
    word = re.match(r"[\w'-]+", page.lower[place:end])
    if first.isupper() and word and word.group() not in {"i", "i'm"} and _can_be_small(page, place):
        return ((place, place + 1, frame + first.lower()),)
    return ((place, place, frame),)


def _can_be_small(page: Page, place: int) -> bool:
    """Say whether the word at the start of a sentence is no name, so that it may lose its capital."""
    number = bisect_left(page.words, place, key=_begins)
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
    if page.passage.is_header or page.passage.kind is PassageKind.CODE or _REAL_TIME.search(page.lower, start, end):
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


def _breaks_marks(page: Page, start: int, end: int) -> bool:
    """Say whether a change would tear emphasis apart or touch code."""
    low, high = page.folded.span(start, end)
    marks = (high - low) - (end - start)
    return page.folded.is_protected(start, end) or (marks > 0 and page.source_has_marks(low, high))


_EDITS: dict[str, Callable[[Hit], Changes]] = {
    "would": _would,
    "would_be": _would_be,
    "could": _could,
    "article": _article,
    "team_would": _team_would,
    "fictional_client": _fictional_client,
    "lead_in": _lead_in,
    "responsible": _responsible,
    "planned": _planned,
    "planning": lambda hit: _planned(hit, "planning"),
    "planned_joined": _planned_joined,
    "exercise": _exercise,
}
