"""Finds the role of the catalogue that a person means, and says why; or says that there is none."""

from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.generation import Embedder
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.lexical import names_nothing, title_words
from proofkit_core.roles.ranking import NamedScore, rank_by_meaning, rank_by_words

WORDS_THRESHOLD = 0.62
"""Below it the words agree too little to call a role found. Set on the tuned part of `tests/roles/queries.jsonl`."""
FUSED_THRESHOLD = 0.64
"""The same for words and meaning together."""
WORDS_SHARE = 0.6
"""How much the words count beside the meaning."""
MEANING_THRESHOLD = 0.66
"""The same for meaning alone, which is measured and not used: it takes an estate agent for an estate officer."""
_ALTERNATIVES = 3
_LEAST_ALTERNATIVE = 0.25
_EXACT = 0.999
_SURE = 0.9
_NEAR_EQUAL = 0.08
"""Below a sure match, skills and job ad decide between roles whose scores differ by no more than this."""
_AD_CAP = 4_000


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


class _Ranked(NamedTuple):
    score: float
    position: int
    name: str
    by_meaning: bool


def role_query(brief: Brief) -> RoleQuery:
    """Return what a brief says about the role."""
    return RoleQuery(target_role=brief.target_role, skills=brief.skills, job_ad=brief.job_ad)


def match_role(query: RoleQuery, index: RoleIndex, *, embedder: Embedder | None = None) -> RoleMatch:
    """Find the role a person means.

    Args:
        query: The role as typed; skills and job ad only break ties.
        index: The catalogue prepared for search.
        embedder: Adds the nearness in meaning. The vectors of the catalogue are taken from the index; without them
            all names are encoded at each call, which takes seconds, so use `add_vectors` or `load_index` once.

    Raises:
        StaleIndexError: The vectors of the index are from another encoder.
    """
    by_words = rank_by_words(query.target_role, index)
    if embedder is None:
        ranked, threshold = (
            [_Ranked(s.score, p, s.name, by_meaning=False) for p, s in enumerate(by_words)],
            WORDS_THRESHOLD,
        )
    else:
        by_meaning = rank_by_meaning(query.target_role, index, embedder)
        ranked, threshold = _fuse(by_words, by_meaning), FUSED_THRESHOLD
    ranked = _in_order(ranked, query, index)
    if not ranked:
        return RoleMatch(role=None, score=0.0, why=_why_not(query.target_role, "", is_vague=False), alternatives=())
    return _decide(query.target_role, ranked, threshold, index)


def _fuse(by_words: list[NamedScore], by_meaning: list[NamedScore]) -> list[_Ranked]:
    pairs = enumerate(zip(by_words, by_meaning, strict=True))
    fused: list[_Ranked] = []
    for position, (words, meaning) in pairs:
        score = WORDS_SHARE * words.score + (1 - WORDS_SHARE) * max(meaning.score, 0.0)
        told_by_words = words.score >= WORDS_THRESHOLD
        name = words.name if told_by_words else meaning.name
        fused.append(_Ranked(score, position, name, by_meaning=not told_by_words))
    return fused


def _in_order(ranked: list[_Ranked], query: RoleQuery, index: RoleIndex) -> list[_Ranked]:
    """Put the best first; among near equals decides what skills and job ad share with the role's own vocabulary."""
    ordered = sorted(ranked, key=lambda r: (-r.score, r.position))
    if not ordered or ordered[0].score >= _SURE:
        return ordered
    around = {word for text in (*query.skills, query.job_ad[:_AD_CAP]) for word in title_words(text)}
    near = [r for r in ordered if ordered[0].score - r.score <= _NEAR_EQUAL]
    near.sort(key=lambda r: (-len(around & index.context[r.position]), -r.score, r.position))
    return near + ordered[len(near) :]


def _decide(typed: str, ranked: list[_Ranked], threshold: float, index: RoleIndex) -> RoleMatch:
    best = ranked[0]
    found = max(r.score for r in ranked) >= threshold
    entry = index.entries[best.position]
    others = [r for r in ranked if r.score >= _LEAST_ALTERNATIVE and not (found and r is best)]
    is_vague = names_nothing(title_words(typed), index.weights)
    nearest = entry.role.title if best.score >= _LEAST_ALTERNATIVE else ""
    return RoleMatch(
        role=entry if found else None,
        score=round(best.score, 4),
        why=_why(typed, entry, best) if found else _why_not(typed, nearest, is_vague=is_vague),
        alternatives=tuple(index.entries[r.position] for r in others[:_ALTERNATIVES]),
    )


def _why(typed: str, entry: CatalogueRole, best: _Ranked) -> str:
    """Say what matched."""
    shown = _quoted(typed)
    title = entry.role.title
    by_title = best.name == title
    if best.by_meaning:
        tail = "." if by_title else f", another name of the role {title}."
        return f"{shown} is close in meaning to “{best.name}”{tail}"
    if best.score >= _EXACT:
        return (
            f"{shown} is in the catalogue as {title}." if by_title else f"{shown} is another name of the role {title}."
        )
    tail = f"the role {title}." if by_title else f"“{best.name}”, another name of the role {title}."
    return f"{shown} reads like {tail}"


def _why_not(typed: str, nearest: str, *, is_vague: bool) -> str:
    if is_vague and nearest:
        return (
            f"{_quoted(typed)} could be one of many roles, such as {nearest}; say which kind to get its own exercise."
        )
    tail = (
        f"; the nearest role in it, {nearest}, was not close enough to use."
        if nearest
        else ", and no role in it is near."
    )
    return f"{_quoted(typed)} is not in the catalogue{tail}"


def _quoted(typed: str) -> str:
    return f"“{' '.join(typed.split())}”"
