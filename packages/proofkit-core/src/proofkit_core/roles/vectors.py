"""Sentence vectors of the roles' names: made once, kept in a file with the digests of what they were made from."""

import operator
import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from proofkit_core.errors import DataError
from proofkit_core.generation import Embedder

Vector = tuple[float, ...]


class RoleVectors(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Sentence vectors of names, with the model they are from."""

    model_digest: str
    """Digest of the encoder's weights; vectors of two encoders cannot be compared."""
    of_name: dict[str, Vector]


def embed_names(names: Sequence[str], embedder: Embedder) -> RoleVectors:
    """Return one vector for each name."""
    distinct = list(dict.fromkeys(names))
    vectors = embedder.embed(distinct)
    return RoleVectors(
        model_digest=embedder.identity.artifact_digest,
        of_name={name: tuple(vector) for name, vector in zip(distinct, vectors, strict=True)},
    )


def nearness(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two unit-length vectors."""
    return sum(map(operator.mul, one, other))


class VectorFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How the vectors stand on disk."""

    schema_id: Literal["proofkit.role-vectors/1"] = Field(alias="schema", serialization_alias="schema")
    catalogue_digest: str
    model_digest: str
    dimension: int = Field(ge=1)
    names: tuple[str, ...]
    data: str
    """Little-endian 32-bit floats of all vectors in order, in base64."""


class SavedVectors(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Vectors read from a file, with the catalogue they were made for."""

    catalogue_digest: str
    vectors: RoleVectors


def write_vectors(vectors: RoleVectors, *, catalogue_digest: str, path: Path) -> None:
    """Write vectors to a file, the same bytes for the same vectors."""
    flat = [number for vector in vectors.of_name.values() for number in vector]
    record = VectorFile(
        schema="proofkit.role-vectors/1",
        catalogue_digest=catalogue_digest,
        model_digest=vectors.model_digest,
        dimension=len(flat) // len(vectors.of_name),
        names=tuple(vectors.of_name),
        data=b64encode(struct.pack(f"<{len(flat)}f", *flat)).decode(),
    )
    path.write_text(record.model_dump_json(by_alias=True) + "\n", encoding="utf-8")


def read_vectors(path: Path) -> SavedVectors:
    """Read vectors from a file.

    Raises:
        DataError: The file is missing or is not what `write_vectors` writes.
    """
    try:
        record = VectorFile.model_validate_json(path.read_text(encoding="utf-8"))
        numbers = struct.unpack(f"<{record.dimension * len(record.names)}f", b64decode(record.data))
    except (OSError, ValidationError, ValueError, struct.error) as error:
        raise DataError(
            f"The role vectors in {str(path)!r} cannot be read: {error}. Expected a file written by `save_index`. "
            f"Write it again."
        ) from error
    size = record.dimension
    of_name = {name: numbers[i * size : (i + 1) * size] for i, name in enumerate(record.names)}
    return SavedVectors(
        catalogue_digest=record.catalogue_digest,
        vectors=RoleVectors(model_digest=record.model_digest, of_name=of_name),
    )
