"""Scores every role of an index for a typed title: once by its words, once by its meaning."""

import re
from typing import NamedTuple

from proofkit_core.errors import StaleIndexError
from proofkit_core.generation import Embedder
from proofkit_core.roles.index import RoleIndex, Surface, names_of
from proofkit_core.roles.lexical import (
    Term,
    agreement,
    compound_readings,
    is_rank,
    names_nothing,
    query_terms,
    title_words,
)
from proofkit_core.roles.vectors import embed_names, nearness

_CONTAINED = 0.85
"""Score of a title of two or more words that stands whole in the query, such as `care home manager` in an ad's line."""
_PART = 0.98
"""Factor of a match with a part of the query."""
_VAGUE = 0.6
"""Factor where the query is a word that many roles share: too little to be taken, enough to order alternatives."""
_SPLIT = re.compile(r"\s+[-\u2013\u2014|·•]\s+|[|,;:/]+|\s+or\s+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


class NamedScore(NamedTuple):
    """How near a role is, and by which of its names."""

    score: float
    name: str


def rank_by_words(typed: str, index: RoleIndex) -> list[NamedScore]:
    """Return the score of each role of the index, in its order, by the words of its names."""
    best = [NamedScore(0.0, "")] * len(index.entries)
    for terms, factor in _attempts(typed, index):
        near = {s for root in dict.fromkeys(term.root for term in terms) for s in index.by_root.get(root, ())}
        is_vague = names_nothing((term.word for term in terms), index.weights)
        for surface in (index.surfaces[s] for s in sorted(near)):
            score = factor * _score(terms, surface, is_vague=is_vague)
            if score > best[surface.role].score:
                best[surface.role] = NamedScore(score, surface.name)
    return best


def rank_by_meaning(typed: str, index: RoleIndex, embedder: Embedder) -> list[NamedScore]:
    """Return the score of each role of the index, in its order, by the name nearest in meaning.

    Raises:
        StaleIndexError: The vectors of the index are from another encoder.
    """
    names = [names_of(entry) for entry in index.entries]
    vectors = index.vectors or embed_names([name for of_role in names for name in of_role], embedder)
    if vectors.model_digest != embedder.identity.artifact_digest:
        raise StaleIndexError(
            f"The role vectors were made by the encoder {vectors.model_digest!r}, expected "
            f"{embedder.identity.artifact_digest!r} ({embedder.identity.name}). Make them again with "
            f"`add_vectors(build_index(load_catalogue()), embedder)`, and `save_index` to keep them."
        )
    (asked,) = embedder.embed([" ".join(typed.split())])
    return [max(NamedScore(nearness(asked, vectors.of_name[name]), name) for name in of_role) for of_role in names]


def _attempts(typed: str, index: RoleIndex) -> list[tuple[tuple[Term, ...], float]]:
    """Return the words of the whole title and of its parts: an ad often adds the place or the hours."""
    outside = _BRACKETED.sub(" ", typed)
    parts = [outside, *_SPLIT.split(outside)]
    worded = [(title_words(typed), 1.0), *((title_words(part), _PART) for part in parts)]
    known = index.weights.of
    compounds = [(reading, factor) for words, factor in worded for reading in compound_readings(words, known)]
    factors = {words: factor for words, factor in reversed([*worded, *compounds]) if words}
    return [(query_terms(words, index.weights), factor) for words, factor in factors.items()]


def _score(query: tuple[Term, ...], surface: Surface, *, is_vague: bool) -> float:
    words = tuple(term.word for term in query)
    overlap = agreement(query, surface.terms)
    if words == surface.words:
        return overlap
    if 1 < len(surface.terms) < len(words) and _holds(words, surface.words):
        return max(overlap, _CONTAINED)
    # `chief of staff` is made of rank words alone, which say nothing unless they stand together.
    if all(is_rank(word) for word in surface.words):
        return 0.0
    return _VAGUE * overlap if is_vague else overlap


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words) - len(part) + 1))
