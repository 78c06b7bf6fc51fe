"""Finds sentences and clauses in a folded passage, and says how a clause is meant."""

import re
from bisect import bisect_right
from collections.abc import Sequence

LONGEST = 600
"""Characters; real sentences are shorter."""
_SENTENCE_END = re.compile(
    r"[。！？]+|[.!?…](?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<!\bdr\.)(?<!\bst\.)"
    r"[.!?\"')\]]*(?=\s|$)"
)
_CLAUSE_END = re.compile(
    r"[;:](?=\s|$)|\s[-\u2013\u2014]\s|\u2014|[.!?\u2026](?=\s|$)"
    r"|,? (?:but|so that|whereas|while|because|which)(?= )|, (?:and|so|yet|where|who|or)(?= )"
)
_NEGATED = re.compile(r"\b(?:not|never|nobody|no one|none|nor|neither|cannot|without|hardly|no longer)\b|n't\b")
_CONDITIONAL = re.compile(
    r"\b(?:would|could|might|should|if|unless|imagine|imagined|imagining|suppose|supposing|pretend|hypothetically|"
    r"as though|were to|wish|hope|hoping|want to|aim to|plan to)\b|\b(?:i|we|you|they|he|she|it)'d\b"
)
_EXERCISE = re.compile(
    r"\b(?:in|for|of|within|during) (?:this|the|an) (?:(?:simulated|imagined|fictional|invented|practice) )?"
    r"(?:exercise|simulation|scenario)\b|\b(?:hypothetical|imaginary|role-?play)\w*"
)
_QUESTION = re.compile(
    r"(?:and |but |so |or )?(?:was|were|is|are|am|did|do|does|have|has|had|can|could|would|should|will|what|which|who|"
    r"how|why|when|where|\"|')"
)


def sentence_bounds(lower: str) -> list[tuple[int, int]]:
    """Return the ranges of the sentences of a passage, in order.

    A sentence of more than `LONGEST` characters is cut at a space, so that looking around in one stays cheap.
    """
    bounds: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(lower):
        _add_sentence(bounds, lower, start, match.end())
        start = match.end() + (lower[match.end() : match.end() + 1] == " ")
    _add_sentence(bounds, lower, start, len(lower))
    return bounds


def _add_sentence(bounds: list[tuple[int, int]], lower: str, start: int, end: int) -> None:
    while end - start > LONGEST:
        cut = lower.rfind(" ", start, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        bounds.append((start, cut))
        start = cut + (lower[cut : cut + 1] == " ")
    if start < end:
        bounds.append((start, end))


def clause_bounds(lower: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of the clauses in a sentence."""
    bounds: list[tuple[int, int]] = []
    place = start
    for match in _CLAUSE_END.finditer(lower, start, end):
        if match.start() > place:
            bounds.append((place, match.start()))
            place = match.end()
    if place < end:
        bounds.append((place, end))
    return bounds


def bounds_around(bounds: Sequence[tuple[int, int]], place: int) -> tuple[int, int]:
    """Return the last range that starts at or before a place."""
    if not bounds:
        return 0, 0
    return bounds[max(0, bisect_right(bounds, place, key=lambda pair: pair[0]) - 1)]


def is_negated(lower: str, start: int, end: int) -> bool:
    """Say whether a range of text says that something is not so."""
    return bool(_NEGATED.search(lower, start, end))


def is_exercise(lower: str, start: int, end: int) -> bool:
    """Say whether a range of text says that it is part of an exercise."""
    return bool(_EXERCISE.search(lower, start, end))


def is_conditional(lower: str, start: int, end: int) -> bool:
    """Say whether a range of text speaks of what would be, or says that it is an exercise."""
    return bool(_CONDITIONAL.search(lower, start, end)) or is_exercise(lower, start, end)


def is_question(lower: str, start: int, end: int) -> bool:
    """Say whether a sentence asks."""
    body = lower[start:end].rstrip(" \"')]")
    return body.endswith("?") and bool(_QUESTION.match(lower, start, end))
