"""Finds the role of the catalogue that a person means, and says why; or says that there is none."""

import re
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.generation import Embedder
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.index import IndexedRole, RoleIndex
from proofkit_core.roles.lexical import agree, respell, title_words

LEXICAL_THRESHOLD = 0.66
"""Below it the words agree too little to call a role found."""
_ALTERNATIVES = 3
_LEAST_ALTERNATIVE = 0.3
_CONTAINED = 0.85
_SEGMENT = 0.98
_TIE = 0.02
_SPLIT = re.compile(r"\s+[-–—|·•]\s+|[|,;:/()\[\]]+|\s+or\s+")


class RoleQuery(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What is known of the role a person means."""

    target_role: str
    skills: tuple[str, ...] = ()
    job_ad: str = ""


class RoleMatch(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The role that was found, if any."""

    role: CatalogueRole | None
    """None where no role of the catalogue is a good match."""
    score: float
    """Of the best role, from 0 to 1."""
    why: str
    """One plain sentence."""
    alternatives: tuple[CatalogueRole, ...]
    """Up to three other roles, best first."""


class _Scored(NamedTuple):
    score: float
    position: int
    name: str


def role_query(brief: Brief) -> RoleQuery:
    """Return what a brief says about the role."""
    return RoleQuery(target_role=brief.target_role, skills=brief.skills, job_ad=brief.job_ad)


def match_role(query: RoleQuery, index: RoleIndex, *, embedder: Embedder | None = None) -> RoleMatch:
    """Find the role a person means.

    Args:
        query: The role as typed; skills and job ad only break ties.
        index: The catalogue prepared for search.
        embedder: Adds the nearness in meaning.
    """
    ranked = _rank_by_words(query, index)
    best = ranked[0]
    found = best.score >= LEXICAL_THRESHOLD
    rest = [r for r in ranked if r.score >= _LEAST_ALTERNATIVE and not (found and r is best)]
    entry = index.roles[best.position].entry
    return RoleMatch(
        role=entry if found else None,
        score=round(best.score, 4),
        why=_why(query.target_role, entry, best.name) if found else _why_not(query.target_role),
        alternatives=tuple(index.roles[r.position].entry for r in rest[:_ALTERNATIVES]),
    )


def _rank_by_words(query: RoleQuery, index: RoleIndex) -> list[_Scored]:
    texts = [query.target_role, *(part for part in _SPLIT.split(query.target_role) if part and part.strip())]
    attempts = [(title_words(text), 1.0 if i == 0 else _SEGMENT) for i, text in enumerate(texts)]
    context = {word for text in (*query.skills, query.job_ad[:4_000]) for word in title_words(text)}
    known = index.weights.of
    respelt = [(tuple((w, 1.0) if w in known else respell(w, known) for w in words), factor)
               for words, factor in attempts if words]
    scored: list[_Scored] = []
    for position, role in enumerate(index.roles):
        tie = _TIE * len(context & role.context) / (len(role.context) or 1)
        best = max((_score(words, role, index, factor) for words, factor in respelt), default=(0.0, ""))
        scored.append(_Scored(min(best[0] + tie, 1.0), position, best[1]))
    return sorted(scored, key=lambda r: (-r.score, r.position))


def _score(
    words: tuple[tuple[str, float], ...], role: IndexedRole, index: RoleIndex, factor: float
) -> tuple[float, str]:
    best = (0.0, "")
    plain = tuple(word for word, _ in words)
    for surface in role.surfaces:
        score = agree(words, surface.words, index.weights).score
        if len(surface.words) > 1 and len(plain) > len(surface.words) and _holds(plain, surface.words):
            score = max(score, _CONTAINED)
        if score * factor > best[0]:
            best = (score * factor, surface.name)
    return best


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words) - len(part) + 1))


def _why(typed: str, entry: CatalogueRole, name: str) -> str:
    if name == entry.role.title:
        return f"“{typed}” matches the role {entry.role.title} by its title."
    return f"“{typed}” matches the role {entry.role.title} by its other name “{name}”."


def _why_not(typed: str) -> str:
    return f"“{typed}” is not in the catalogue, and no role in it comes close enough."
