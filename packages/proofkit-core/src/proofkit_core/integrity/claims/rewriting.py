"""Turns a claim into what may be said: the smallest change that a careful writer would make."""

import re
from bisect import bisect_left
from collections.abc import Callable

from proofkit_core.integrity.claims.framing import FRAME, Changes, frame_sentence, speaks_of_real_time
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.hits import Hit
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.reading.folding import PERSON
from proofkit_core.integrity.reading.words import Word

_WHO = re.compile(rf"(?:i|we|{PERSON}+)\b|{PERSON}+")
_LEAD_IN = re.compile(r"\b(?:in|during|throughout|as part of|within|over|through) $")


def change(hit: Hit) -> Changes:
    """Return the changes that put a claim right; none where no safe ones are known.

    Args:
        hit: The claim's words and the edit its pattern asks for.
    """
    made = _EDITS.get(hit.row.edit, _none)(hit)
    if made and any(_breaks_marks(hit.page, low, high) for low, high, _ in made):
        made = frame_sentence(hit)
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
    if further is None or speaks_of_real_time(page, start, end):
        return frame_sentence(hit)
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
        return frame_sentence(hit)
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
        return frame_sentence(hit)
    words = FRAME.rstrip(", ")
    return ((start, hit.end, words if page.folded.text[start].isupper() else words[0].lower() + words[1:]),)


def _planned(hit: Hit, plan: str = "planned") -> Changes:
    """Turn `Led a team` into `Planned how to lead a team`."""
    page, (low, high) = hit.page, hit.parts["verb"]
    further = _further(page, high)
    if further is None:
        return frame_sentence(hit)
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
    "exercise": frame_sentence,
}
