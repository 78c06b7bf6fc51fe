"""Finds claims of a real job that have a subject: I led, my manager, in my role, ten years of experience."""

import re
from collections.abc import Iterator

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.lexicon import base_of
from proofkit_core.integrity.life import Changes, Found
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind
from proofkit_core.integrity.patterns import claim_patterns, pattern, wanted
from proofkit_core.integrity.records import Carrier
from proofkit_core.integrity.sharing import further_verbs


def read_employment(page: Page) -> Iterator[Found]:
    """Yield every hit that sounds like a real job, whatever its clause says about it."""
    for subject in pattern("subject").finditer(page.lower):
        yield from _after_subject(page, subject.start())
    for possessive in pattern("possessive").finditer(page.lower):
        yield from _after_possessive(page, possessive)
    yield from _elsewhere(page)


def _after_subject(page: Page, start: int) -> Iterator[Found]:
    for rule, kind, _, what in claim_patterns("subject"):
        match = what.match(page.lower, start)
        if not match:
            continue
        if kind in {"past", "gerund", "present", "future"}:
            verb = base_of()[match["verb"]]
            yield Found(rule, start, match.end(), verb, changes=_would(page, match, verb), has_subject=True)
        elif kind == "responsible":
            changes = ((*_after_who(page, match), "would be responsible for"),)
            yield Found(rule, start, match.end(), changes=changes, has_subject=True)
        else:
            yield Found(rule, start, match.end(), verb="work" if kind == "worked" else "", has_subject=True)
        return


def _after_who(page: Page, match: re.Match[str]) -> tuple[int, int]:
    """Return the range behind the subject, its space left standing."""
    who = pattern("who").match(page.lower, match.start())
    return (who.end() if who else match.start()), match.end()


def _would(page: Page, match: re.Match[str], verb: str) -> Changes:
    """Turn `I led and reduced` into `I would lead and reduce`; no changes where that goes wrong."""
    start, end = page.sentence_at(match.start())
    further = further_verbs(page, match.end())
    if further is None or pattern("long_ago").search(page.lower, start, end):
        return ()
    low, high = _after_who(page, match)
    return ((low, high, f"{_spaced(page, low)}would {_original(page, match, 'adverb')}{verb}"), *further)


def _spaced(page: Page, place: int) -> str:
    return "" if page.lower[place - 1] == " " else " "


def _original(page: Page, match: re.Match[str], group: str) -> str:
    return page.folded.text[slice(*match.span(group))]


def _after_possessive(page: Page, possessive: re.Match[str]) -> Iterator[Found]:
    start = possessive.start()
    match = pattern("own_job").match(page.lower, start)
    if match:
        yield Found("employment.place", start, match.end(), changes=_in_this_exercise(page, match), presupposes=True)
        return
    article = "The" if page.folded.text[start].isupper() else "the"
    match = pattern("team_did").match(page.lower, start)
    if match:
        verb = base_of()[match["verb"]]
        further = further_verbs(page, match.end())
        words = f"{article} {_original(page, match, 'who')} would {_original(page, match, 'adverb')}{verb}"
        changes: Changes = () if further is None else ((start, match.end(), words), *further)
        yield Found("employment.verb", start, match.end(), verb, changes=changes, has_subject=True)
        return
    match = pattern("own_people").match(page.lower, start)
    if match and not _knows(page, match["who"]):
        changes = ((start, possessive.end(), article),)
        yield Found("employment.people", start, match.end(), changes=changes, presupposes=True)


def _knows(page: Page, noun: str) -> bool:
    """Say whether the person mentioned such people themselves."""
    return any({stem(word) for word in noun.split()} <= s.words for s in page.facts.user.sentences)


def _in_this_exercise(page: Page, match: re.Match[str]) -> Changes:
    """Turn `In my role at …,` into `In this exercise,`; only a phrase of its own can be replaced."""
    low = max(0, match.start() - 20)
    lead = pattern("lead_in").search(page.lower[low : match.start()])
    after = page.lower[match.end() : match.end() + 1]
    if not lead or after not in {",", ""} or any(char.isdigit() for char in match.group()):
        return ()
    start = low + lead.start()
    words = "In this exercise" if page.folded.text[start].isupper() else "in this exercise"
    return ((start, match.end(), words),)


def _elsewhere(page: Page) -> Iterator[Found]:
    for rule, _, _, what in wanted(claim_patterns("anywhere"), page.lower):
        if not rule.startswith("employment."):
            continue
        for match in what.finditer(page.lower):
            by_number = rule == "employment.experience"
            if not by_number or _speaks_of_self(page, match.start()):
                presupposes = rule == "employment.gerund"
                yield Found(rule, match.start(), match.end(), presupposes=presupposes, by_number=by_number)
    if page.carrier in {Carrier.BULLET, Carrier.EXPORT} and page.passage.kind is not PassageKind.CELL:
        match = pattern("title_line").match(page.lower)
        if match:
            yield Found("employment.role", match.start(), match.end())


def _speaks_of_self(page: Page, place: int) -> bool:
    start, end = page.sentence_at(place)
    if pattern("about_self").search(page.lower, start, end):
        return True
    opening = pattern("experience_opening").match(page.lower, start)
    return page.carrier is not Carrier.SECTION and place <= (opening.end() if opening else start)
