"""Checks that a text that travels says what it is."""

import re
from collections.abc import Iterator

from proofkit_core.integrity.claims.claim import Change, Claim, Standing
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.claims.scope import scope_pattern
from proofkit_core.integrity.reading.clauses import is_negated
from proofkit_core.integrity.reading.folding import COMPANY
from proofkit_core.integrity.records import Carrier, Disclosing

BULLET_PREFIX = "Simulated project: "
_MARKER = re.compile(r"\s*(?:[-+*•‣]\s+)?")
_DENIERS = 12


def read_disclosure(
    text: str, pages: tuple[Page, ...], carrier: Carrier, company: str, disclosing: Disclosing
) -> Iterator[Claim]:
    """Yield the disclosure that a travelling text carries or lacks.

    Args:
        text: The original.
        pages: Its passages.
        carrier: Only bullets, posts and exports travel.
        company: The fictional company.
        disclosing: Whether it always has to, or only where it speaks of the exercise.
    """
    if carrier not in {Carrier.BULLET, Carrier.POST, Carrier.EXPORT} or not (text.strip() or carrier is Carrier.EXPORT):
        return
    strict = carrier is Carrier.BULLET and disclosing is Disclosing.ALWAYS
    wanted = scope_pattern("simulated" if strict else "disclosed")
    rule = "disclosure.missing"
    for page in pages:
        for match in wanted.finditer(page.lower):
            if not _is_denied(page, match):
                yield page.claim(rule, match.start(), match.end(), Standing.SUPPORTED, support=("exercise",))
                return
    if disclosing is Disclosing.ALWAYS or any(_speaks_of_it(page) for page in pages):
        yield Claim(rule, 0, len(text), Standing.OPEN, _missing(text, carrier, company))


def _speaks_of_it(page: Page) -> bool:
    """Say whether a passage names the fictional company or repeats a fact of the exercise."""
    return COMPANY in page.lower or any(page.facts.scenario.covered(page.tokens))


def _is_denied(page: Page, match: re.Match[str]) -> bool:
    word = match.group()
    return (
        " not " not in f" {word} "
        and "n't" not in word
        and is_negated(page.lower, max(0, match.start() - _DENIERS), match.start())
    )


def _missing(text: str, carrier: Carrier, company: str) -> tuple[Change, ...]:
    if carrier is Carrier.BULLET:
        marker = _MARKER.match(text)
        place = marker.end() if marker else 0
        return (Change(place, place, BULLET_PREFIX),)
    if carrier is Carrier.POST:
        end = len(text.rstrip())
        named = f"{company} is a fictional company." if company else "the company is fictional."
        return (Change(end, end, f"\n\nThis is a practice piece: {named}"),)
    return ()
