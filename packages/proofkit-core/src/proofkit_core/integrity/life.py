"""What all claims about a person's life share: how a clause is meant, and whether the person's facts carry it."""

from typing import NamedTuple

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.claims import Claim, Standing
from proofkit_core.integrity.clauses import is_conditional, is_exercise, is_negated, is_question
from proofkit_core.integrity.folding import COMPANY
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.patterns import pattern
from proofkit_core.integrity.quantities import UnitKind, read_quantities
from proofkit_core.integrity.support import Carried, user_support

_NEAR = 24
"""A negation so many characters before a claim takes it back: `nobody asked me`, `not for a real client`."""
Changes = tuple[tuple[int, int, str], ...]


class Found(NamedTuple):
    """A pattern's hit, before anybody asked how it is meant."""

    rule: str
    start: int
    end: int
    verb: str = ""
    """Base form, where the facts have to say the same verb."""
    changes: Changes = ()
    presupposes: bool = False
    """A condition does not take it back: `I would ask my manager` still has a manager."""
    has_subject: bool = False
    """It starts at its subject, so what is said before that bears on it only in a few ways."""
    by_number: bool = False
    """The person's facts carry it where they hold its number of years."""


def settle(page: Page, found: Found) -> Claim:
    """Say what becomes of a hit: exempt by its scope, carried by the person's facts, or open."""
    clause_start, clause_end = page.clause_at(found.start)
    if _is_exempt(page, found, clause_start):
        return page.claim(found.rule, found.start, found.end, Standing.EXEMPT)
    end = max(found.end, clause_end)
    if COMPANY not in page.lower[clause_start:end]:
        carried = _carried(page, found, end)
        if carried:
            return carried
    changes = () if any(_breaks_marks(page, low, high) for low, high, _ in found.changes) else found.changes
    return page.claim(found.rule, found.start, found.end, Standing.OPEN, changes=changes)


def _carried(page: Page, found: Found, end: int) -> Claim | None:
    """Return the claim as carried or contradicted by the person's facts, or None where they say nothing of it."""
    # A remark in brackets, such as `(own experience)`, is not part of the person's words.
    bracket = page.lower.find(" (", found.end, end)
    if page.is_users_own(found.start, end if bracket < 0 else bracket):
        return page.claim(found.rule, found.start, found.end, Standing.SUPPORTED, support=("user",))
    if found.by_number:
        told = [q for q in read_quantities(page.lower[found.start : found.end]) if q.kind is UnitKind.TIME]
        refs = [page.facts.user.carries_number(q) for q in told]
        if refs and all(refs):
            return page.claim(found.rule, found.start, found.end, Standing.SUPPORTED, support=tuple(refs))
        return None
    carried, refs = user_support(page.facts, page.lower[found.start : end], found.verb)
    if carried == Carried.YES and not _names_somebody_new(page, found.start, end):
        return page.claim(found.rule, found.start, found.end, Standing.SUPPORTED, support=refs)
    if carried == Carried.CONFLICT:
        return page.claim("fact.conflict", found.start, end, Standing.OPEN, support=refs)
    return None


def _names_somebody_new(page: Page, start: int, end: int) -> bool:
    """Say whether a clause names an organisation, a place or a person that the facts do not name."""
    names = [m.group().lower() for m in pattern("name").finditer(page.folded.text, start, end)]
    return any(not any(stem(name) in s.words for s in page.facts.user.sentences) for name in names)


def _breaks_marks(page: Page, start: int, end: int) -> bool:
    """Say whether a change would tear emphasis apart or touch code."""
    low, high = page.folded.span(start, end)
    marks = (high - low) - (end - start)
    return page.folded.is_protected(start, end) or (marks > 0 and page.source_has_marks(low, high))


def _is_exempt(page: Page, found: Found, clause_start: int) -> bool:
    """Say whether nothing is claimed: quoted, set in the exercise, asked, negated or supposed."""
    lower = page.lower
    if page.passage.quoted and not found.rule.startswith("testimonial"):
        return True
    if page.is_quoted(found.start) or is_exercise(lower, found.start, page.clause_at(found.end)[1]):
        return True
    if is_question(lower, *page.sentence_at(found.start)):
        return not found.presupposes
    return _is_taken_back(page, found, clause_start)


def _is_taken_back(page: Page, found: Found, clause_start: int) -> bool:
    """Say whether the claim's own clause negates it or only supposes it."""
    lower = page.lower
    if found.has_subject:
        before = lower[clause_start : found.start]
        supposed = pattern("supposed").search(before) or is_exercise(lower, clause_start, found.start)
        return bool(supposed) or is_negated(lower, found.start, found.end)
    # The negation within `this is not an exercise` is the claim itself.
    end = found.start if found.rule == "disclosure.denied" else found.end
    if is_negated(lower, max(clause_start, found.start - _NEAR), end):
        return True
    return not found.presupposes and is_conditional(lower, clause_start, found.end)
