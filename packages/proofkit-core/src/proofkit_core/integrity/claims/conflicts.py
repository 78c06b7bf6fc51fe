"""Finds statements about the person that say something else than what the person said."""

import re
from collections.abc import Iterator

from proofkit_core.faithfulness import is_distinctive, stem
from proofkit_core.integrity.claims.claim import Claim, Standing
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.facts.index import FactSentence
from proofkit_core.integrity.figures.numerals import SMALL_NUMBERS
from proofkit_core.integrity.figures.quantities import Quantity, UnitKind, same_quantity
from proofkit_core.integrity.reading.folding import COMPANY
from proofkit_core.integrity.reading.passages import PassageKind
from proofkit_core.integrity.records import Carrier

MIN_SHARED = 0.4
"""Share of a fact's, or of the statement's, distinctive words that both hold where they speak of the same thing."""
_SELF = re.compile(r"\b(?:i|my|me|we|our|i'm|i've)\b")
_BARE = re.compile(r"\b(?:at|in|since|from|to|until|finished|passed) (\d{2,4}|[a-z]+teen)\b")
_PLACE = re.compile(r"\b(?:in|from|at|to|near) (?:[a-z]+ )?([A-Z][\w'-]{2,})")
_SUPPOSED = re.compile(r"\b(?:assum\w+|guess\w*|suppos\w+|estimat\w+)\b")
_LABELLED = re.compile(r"[\w\s-]{0,24}\(h(?:ypothetical)?\)")
_PLANNED = re.compile(r"\b(?:if|would|could|should)\b")
_NAME = re.compile(r"(?<=[a-z'] )[A-Z][a-z]{2,}\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def read_conflicts(page: Page) -> Iterator[Claim]:
    """Yield the sentences that contradict a fact of the person: another number, another place."""
    if not page.facts.user.sentences or page.passage.kind is PassageKind.CODE or page.passage.quoted:
        return
    for start, end in page.sentences:
        sentence = page.lower[start:end]
        speaks_of_self = bool(_SELF.search(sentence))
        if "?" in sentence or _PLANNED.search(sentence) or not (speaks_of_self or _may_be_own(page, sentence)):
            continue
        words = page.stems_of(start, end)
        for fact in page.facts.user.sentences:
            place = _other_figure(page, fact, words, (start, end))
            if place is None and (speaks_of_self or page.carrier is Carrier.BULLET):
                place = _other_place(page, fact, start, end)
            if place:
                yield page.claim("fact.conflict", *place, Standing.OPEN, support=(fact.ref,))
                break


def _may_be_own(page: Page, sentence: str) -> bool:
    """Say whether a sentence without `I` may speak of the person all the same, as in a résumé."""
    return page.carrier is not Carrier.SECTION and COMPANY not in sentence


def _other_figure(page: Page, fact: FactSentence, words: set[str], place: tuple[int, int]) -> tuple[int, int] | None:
    """Return the number of a sentence that says what a fact says, but for the number.

    Args:
        page: The passage.
        fact: What the person said.
        words: Comparison forms of the sentence's words, numbers left out.
        place: Where the sentence stands.
    """
    shared = words & fact.anchors
    if not shared:
        return None
    theirs = {word for word in fact.anchors if not word[0].isdigit()}
    if len(shared) < min(2, len(theirs)):
        return None
    start, end = place
    distinctive = {stem(token.word) for token in page.tokens_in(start, end) if is_distinctive(token.word)} & words
    share = max(len(shared) / len(theirs), len(shared) / len(distinctive) if len(distinctive) > 1 else 0.0)
    if share < MIN_SHARED:
        return None
    sentence = page.lower[start:end]
    may_be_labelled = not _SELF.search(sentence) or bool(_SUPPOSED.search(sentence))
    for quantity in page.quantities_in(start, end):
        if may_be_labelled and _LABELLED.match(page.lower, quantity.end):
            continue  # it says itself that it is nothing that happened
        if _other_number(page, fact, quantity):
            return quantity.start, quantity.end
    told = _BARE.search(fact.text.lower())
    for bare in _BARE.finditer(sentence) if told else ():
        if told and told[0].split()[0] == bare[0].split()[0] and not _is_told(page, bare[1]):
            return start + bare.start(1), start + bare.end(1)
    years = [m for m in _YEAR.finditer(sentence) if m.group() not in _all_text(page)]
    return (start + years[0].start(), start + years[0].end()) if years and _YEAR.search(fact.text) else None


def _is_told(page: Page, number: str) -> bool:
    """Say whether a bare number, in digits or words, stands among the person's facts."""
    value = str(SMALL_NUMBERS.get(number, number))
    return any(value in {str(SMALL_NUMBERS.get(word, word)) for word in s.words} for s in page.facts.user.sentences)


def _all_text(page: Page) -> str:
    return " ".join(sentence.text for sentence in page.facts.user.sentences)


def _other_number(page: Page, fact: FactSentence, quantity: Quantity) -> bool:
    if quantity.kind is UnitKind.NONE or not any(quantity.values):
        return False
    if page.facts.user.carries_number(quantity) or page.facts.scenario.carries_number(quantity):
        return False
    if any(same_quantity(quantity, known) for known in fact.quantities):
        return False
    return any(
        known.kind is quantity.kind
        and (_scale(known.unit) == _scale(quantity.unit) if quantity.kind is UnitKind.TIME else True)
        and (stem(known.noun) == stem(quantity.noun) if quantity.kind is UnitKind.COUNT else True)
        for known in fact.quantities
    )


def _scale(unit: str) -> str:
    return "year" if unit == "decade" else unit


def _other_place(page: Page, fact: FactSentence, start: int, end: int) -> tuple[int, int] | None:
    whole = page.folded.text[start:end]
    for match in _PLACE.finditer(whole):
        if match[1].lower() in _all_text(page).lower() or match[1].lower() == page.lower[start : start + len(match[1])]:
            continue
        told = _PLACE.search(fact.text)
        if (
            told
            and told[1] not in page.folded.text
            and COMPANY not in page.lower[start + match.start() : start + match.end() + 1]
        ):
            mine = {stem(token.word) for token in page.tokens_in(start, end) if is_distinctive(token.word)}
            names = set(_NAME.findall(whole)) & set(_NAME.findall(fact.text))
            if fact.anchors & mine or names:
                return start + match.start(1), start + match.end(1)
    return None
