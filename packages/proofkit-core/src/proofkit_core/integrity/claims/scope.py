"""Says how a clause is meant: negated, supposed, asked, quoted, set in the exercise. Then nothing is claimed."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from proofkit_core.integrity.claims.hits import Hit
from proofkit_core.integrity.reading.clauses import is_question

_NEAR = 40
"""A negation so many characters before a claim takes it back: `nobody asked me`, `not for a real client`."""
_REPORTED = ("testimonial.", "award.", "credential.", "client.endorsed", "disclosure.")
"""What stands in a block quotation or between quotation marks still counts for these."""
_OWN_LIFE = (
    "employment.experience",
    "employment.people",
    "employment.place",
    "employment.role",
    "client.own",
    "client.served",
)
"""What an adjective such as `simulated` elsewhere in the clause does not take back."""


@cache
def scope_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of the scopes.

    Args:
        name: Its key in `scopes.toml`.
    """
    return re.compile("|".join(_scopes()[name]))


@cache
def _scopes() -> dict[str, list[str]]:
    source = files("proofkit_core.integrity").joinpath("data", "scopes.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def is_exempt(hit: Hit) -> bool:
    """Say whether the clause of a hit claims nothing."""
    page, rule = hit.page, hit.row.rule
    start, end = page.sentence_at(hit.start)
    if rule == "disclosure.denied":
        return _is_conditional(hit, start) or is_question(page.lower, start, end)
    if rule.startswith(_REPORTED):
        # Somebody's words in quotation marks are theirs; in a block quotation only what it opens with endorses.
        within = page.passage.quoted and rule.startswith("client.") and hit.start > start
        told = within or (page.is_quoted(hit.start) and not rule.startswith("testimonial."))
        return told or bool(scope_pattern("exercise").search(page.lower, start, hit.start)) or _is_taken_back(hit)
    if page.passage.quoted or page.is_quoted(hit.start) or page.is_quoted(hit.end - 1):
        return True
    if _is_exercise(hit, start):
        return True
    if page.lower[start:end].rstrip(" \"')]").endswith("?"):
        return not hit.row.presupposes or is_question(page.lower, start, end)
    return _is_taken_back(hit)


def _is_exercise(hit: Hit, start: int) -> bool:
    """Say whether a sentence is set in the exercise, or calls what it speaks of invented."""
    page, own_life = hit.page, hit.row.rule.startswith(_OWN_LIFE)
    clause_end = max(hit.end, page.clause_at(hit.end - 1)[1])
    if not own_life and scope_pattern("label").match(page.lower, start, hit.start + 1):
        return True
    if scope_pattern("exercise").search(page.lower, start, clause_end):
        return True
    return bool(scope_pattern("made_up").search(page.lower, hit.start, hit.end if own_life else clause_end))


def _is_taken_back(hit: Hit) -> bool:
    """Say whether the claim's own clause negates it or only supposes it."""
    lower = hit.page.lower
    clause_start = hit.page.clause_at(hit.start)[0]
    before = lower[clause_start : hit.start]
    supposed = scope_pattern("supposed")
    if supposed.search(before) or supposed.search(lower, hit.start, hit.end):
        return True
    if hit.has_subject:
        return _is_subject_taken_back(hit)
    if hit.row.presupposes:
        taken = "not_yet", "none_of"
        return any(scope_pattern(name).search(lower, clause_start, hit.start) for name in taken)
    # A certificate is often named before it is said that nobody holds it.
    named = hit.row.rule.startswith(("credential.", "award."))
    end = hit.page.clause_at(hit.end - 1)[1] if named else hit.end
    if scope_pattern("not_yet").search(before) or (named and _is_modal(hit, hit.end, end)):
        return True
    negated = scope_pattern("negated").search(lower, max(clause_start, hit.start - _NEAR), end)
    return bool(negated) or _is_conditional(hit, clause_start)


def _is_subject_taken_back(hit: Hit) -> bool:
    """Say the same of a claim that starts at its subject: what stands before that bears on it only in a few ways."""
    lower = hit.page.lower
    start, _ = hit.page.sentence_at(hit.start)
    if scope_pattern("behind_would").search(lower[start : hit.start]):
        return True
    negated = scope_pattern("negated").search(lower, hit.start, hit.end)
    return bool(negated or scope_pattern("nothing").match(lower, hit.end))


def _is_conditional(hit: Hit, start: int) -> bool:
    return _is_modal(hit, start, hit.end) or bool(scope_pattern("supposed").search(hit.page.lower, start, hit.start))


def _is_modal(hit: Hit, start: int, end: int) -> bool:
    return bool(scope_pattern("conditional").search(hit.page.lower, start, end))
