"""Finds claims of a real job whose subject is left out, as résumé bullets do: `Led a team of eight`."""

import re
from collections.abc import Iterator

from proofkit_core.integrity.lexicon import base_of
from proofkit_core.integrity.life import Changes, Found
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind
from proofkit_core.integrity.patterns import pattern
from proofkit_core.integrity.records import Carrier
from proofkit_core.integrity.sharing import further_verbs

_RULE = "employment.dropped_subject"


def read_dropped_subjects(page: Page) -> Iterator[Found]:
    """Yield sentences that start with a verb of delivery; in a bullet also the second verb of an honest sentence."""
    if page.passage.kind in {PassageKind.HEADING, PassageKind.CODE} or page.passage.is_header:
        return
    is_bullet = page.carrier is Carrier.BULLET
    opening = pattern("dropped_in_bullet" if is_bullet else "dropped")
    for start, _ in page.sentences:
        place = _after_prefix(page, start)
        match = opening.match(page.lower, place)
        if match:
            yield _planned(page, match, "planned")
        elif is_bullet and (match := pattern("dropped_gerund").match(page.lower, place)):
            yield _planned(page, match, "planning")
    if is_bullet:
        yield from _joined(page)


def _after_prefix(page: Page, start: int) -> int:
    prefix = pattern("simulated_prefix").match(page.lower, start)
    return prefix.end() if prefix else start


def _planned(page: Page, match: re.Match[str], word: str) -> Found:
    """Turn `Led a team` into `Planned how to lead a team`."""
    verb = base_of()[match["verb"]]
    shown = word.capitalize() if page.folded.text[match.start()].isupper() else word
    adverb = page.folded.text[slice(*match.span("adverb"))].lower()
    further = further_verbs(page, match.end())
    words = f"{shown} how to {adverb}{verb}"
    changes: Changes = () if further is None else ((*match.span(), words), *further)
    return Found(_RULE, match.start(), match.end(), verb, changes=changes)


def _joined(page: Page) -> Iterator[Found]:
    """Yield the second verb of `Wrote a plan and led a team`, where the first one is honest."""
    for match in pattern("joined_in_bullet").finditer(page.lower):
        start, _ = page.sentence_at(match.start())
        if pattern("dropped_in_bullet").match(page.lower, _after_prefix(page, start)):
            continue
        verb = base_of()[match["verb"]]
        adverb = page.folded.text[slice(*match.span("adverb"))]
        changes = ((match.start("adverb"), match.end(), f"planned how to {adverb}{verb}"),)
        yield Found(_RULE, match.start("adverb"), match.end(), verb, changes=changes)
