"""The role index: the catalogue prepared for search, with the digest of the records it was built from."""

import json
import operator
from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import StaleIndexError
from proofkit_core.generation import Embedder
from proofkit_core.provenance import digest_of
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.lexical import Weights, rate_words, title_words

_SCHEMA = "proofkit.role-vectors/1"
_REBUILD = "Build the vectors again with `add_vectors(build_index(load_catalogue()), embedder)` and save them."


class Surface(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One name of a role, prepared for comparison."""

    name: str
    words: tuple[str, ...]


class IndexedRole(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A role with its names and the words around it."""

    entry: CatalogueRole
    surfaces: tuple[Surface, ...]
    """Title first, then the aliases."""
    context: frozenset[str]
    """Words of the family, vocabulary and skills; they only break ties."""


class RoleVectors(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Sentence vectors of the catalogue, with the model they are from."""

    model_digest: str
    of_role: tuple[tuple[tuple[float, ...], ...], ...]
    """For each role of the index, in order, one unit-length vector a text of `role_texts`."""


class RoleIndex(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The catalogue prepared for search."""

    digest: str
    """SHA-256 of the catalogue's records."""
    roles: tuple[IndexedRole, ...]
    weights: Weights
    exact: dict[tuple[str, ...], int]
    """Position of the role with these words as one of its names."""
    vectors: RoleVectors | None = None


def build_index(catalogue: Sequence[CatalogueRole]) -> RoleIndex:
    """Prepare a catalogue for search by words."""
    roles = tuple(_prepare(entry) for entry in catalogue)
    exact: dict[tuple[str, ...], int] = {}
    for position, role in enumerate(roles):
        for surface in role.surfaces:
            exact.setdefault(surface.words, position)
    return RoleIndex(
        digest=digest_of([entry.model_dump(mode="json", by_alias=True) for entry in catalogue]),
        roles=roles,
        weights=rate_words([[surface.words for surface in role.surfaces] for role in roles]),
        exact=exact,
    )


def _prepare(entry: CatalogueRole) -> IndexedRole:
    names = [(name, title_words(name)) for name in (entry.role.title, *entry.role.aliases)]
    joined = [(name, title_words(name.replace("-", ""))) for name, _ in names if "-" in name]
    around = (entry.family_title, *entry.role.vocabulary, *entry.role.skills)
    return IndexedRole(
        entry=entry,
        surfaces=tuple(Surface(name=name, words=words) for name, words in (*names, *joined) if words),
        context=frozenset(word for text in around for word in title_words(text)),
    )


def role_texts(entry: CatalogueRole) -> tuple[str, ...]:
    """Return the texts of a role that are turned into vectors."""
    return (entry.role.title, *entry.role.aliases)


def add_vectors(index: RoleIndex, embedder: Embedder) -> RoleIndex:
    """Return the index with sentence vectors of its roles."""
    texts = [role_texts(role.entry) for role in index.roles]
    flat = iter(embedder.embed([text for of_role in texts for text in of_role]))
    vectors = tuple(tuple(tuple(next(flat)) for _ in of_role) for of_role in texts)
    return index.model_copy(
        update={"vectors": RoleVectors(model_digest=embedder.identity.artifact_digest, of_role=vectors)}
    )
