"""The role index: the catalogue prepared for search, with the digest of the records it was built from."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import DataError, StaleIndexError
from proofkit_core.generation import Embedder
from proofkit_core.provenance import digest_of
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.lexical import Term, Weights, rate_words, title_terms, title_words
from proofkit_core.roles.vectors import RoleVectors, embed_names, read_vectors, write_vectors

_REMEDY = "Make them with `add_vectors(build_index(load_catalogue()), embedder)`, then call `save_index`."


class Surface(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One name of a role, prepared for comparison."""

    name: str
    role: int
    """Position of its role in the index."""
    terms: tuple[Term, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the comparable words in order."""
        return tuple(term.word for term in self.terms)


class RoleIndex(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The catalogue prepared for search."""

    digest: str
    """SHA-256 of the catalogue's records."""
    entries: tuple[CatalogueRole, ...]
    surfaces: tuple[Surface, ...]
    """Of each role its title, then its aliases."""
    by_root: dict[str, tuple[int, ...]]
    """Positions of the surfaces that hold a word with this root."""
    context: tuple[frozenset[str], ...]
    """For each role the words of its family, vocabulary and skills; they only break ties."""
    weights: Weights
    vectors: RoleVectors | None = None
    """Sentence vectors of the names, where an encoder was at hand."""

    def __repr__(self) -> str:
        """Return a short form; the whole one takes a megabyte."""
        return f"RoleIndex({len(self.entries)} roles, digest={self.digest[:12]!r})"


def build_index(catalogue: Sequence[CatalogueRole]) -> RoleIndex:
    """Prepare a catalogue for search by words; `add_vectors` adds the search by meaning."""
    names = [(position, name) for position, entry in enumerate(catalogue) for name in names_of(entry)]
    worded = [(position, name, words) for position, name in names for words in _readings(name)]
    words_of: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for position, _, words in worded:
        words_of[position].append(words)
    weights = rate_words(words_of.values())
    surfaces = tuple(
        Surface(name=name, role=position, terms=title_terms(words, weights)) for position, name, words in worded
    )
    by_root: dict[str, list[int]] = defaultdict(list)
    for position, surface in enumerate(surfaces):
        for root in dict.fromkeys(term.root for term in surface.terms):
            by_root[root].append(position)
    return RoleIndex(
        digest=digest_of([entry.model_dump(mode="json", by_alias=True) for entry in catalogue]),
        entries=tuple(catalogue),
        surfaces=surfaces,
        by_root={root: tuple(positions) for root, positions in by_root.items()},
        context=tuple(_context(entry) for entry in catalogue),
        weights=weights,
    )


def names_of(entry: CatalogueRole) -> tuple[str, ...]:
    """Return a role's title and other names."""
    return (entry.role.title, *entry.role.aliases)


def _readings(name: str) -> list[tuple[str, ...]]:
    """Return a name's words, and once more with its hyphens closed up: people type `back-end` and `backend`."""
    readings = [title_words(name)]
    if "-" in name:
        readings.append(title_words(name.replace("-", "")))
    return [words for words in readings if words]


def _context(entry: CatalogueRole) -> frozenset[str]:
    around = (entry.family_title, *entry.role.vocabulary, *entry.role.skills)
    return frozenset(word for text in around for word in title_words(text))


def add_vectors(index: RoleIndex, embedder: Embedder) -> RoleIndex:
    """Return the index with sentence vectors of all names, for the search by meaning."""
    names = [name for entry in index.entries for name in names_of(entry)]
    return index.model_copy(update={"vectors": embed_names(names, embedder)})


def save_index(index: RoleIndex, path: Path) -> None:
    """Write the index's vectors with the digests of catalogue and encoder; the search by words is built in no time.

    Raises:
        DataError: The index holds no vectors.
    """
    if index.vectors is None:
        raise DataError(f"The role index holds no vectors, so there is nothing to write to {str(path)!r}. {_REMEDY}")
    write_vectors(index.vectors, catalogue_digest=index.digest, path=path)


def load_index(path: Path, catalogue: Sequence[CatalogueRole]) -> RoleIndex:
    """Build an index with vectors from a file.

    Raises:
        DataError: The file is missing or broken.
        StaleIndexError: The vectors were made for another catalogue.
    """
    index = build_index(catalogue)
    saved = read_vectors(path)
    if saved.catalogue_digest != index.digest:
        raise StaleIndexError(
            f"The role vectors in {str(path)!r} were made for the catalogue {saved.catalogue_digest[:12]!r}, expected "
            f"{index.digest[:12]!r}. {_REMEDY}"
        )
    return index.model_copy(update={"vectors": saved.vectors})
