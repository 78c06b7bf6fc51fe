"""Reads the work-sample types from their data files."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError
from rapidfuzz import process

from proofkit_core.errors import DataError
from proofkit_core.samples.records import SamplesFile, SampleType


def _data_folder() -> Traversable:
    return files("proofkit_core.samples").joinpath("data")


def read_samples(source: Traversable) -> SamplesFile:
    """Read one file of work-sample types.

    Raises:
        DataError: The file is not TOML or breaks the record's schema; names the file and the first place.
    """
    try:
        return SamplesFile.model_validate(tomllib.loads(source.read_text(encoding="utf-8")), strict=False)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"sample data {source.name}: {error}") from error


@cache
def load_sample_types() -> tuple[SampleType, ...]:
    """Return all work-sample types, in order of file name and place in the file.

    Raises:
        DataError: A file breaks its schema, or two types share an id.
    """
    sources = sorted((s for s in _data_folder().iterdir() if s.name.endswith(".toml")), key=lambda s: s.name)
    types = [sample for source in sources for sample in read_samples(source).samples]
    seen: set[str] = set()
    for sample in types:
        if sample.id in seen:
            raise DataError(f"sample type id {sample.id!r} stands twice in the data; ids must differ")
        seen.add(sample.id)
    return tuple(types)


def sample_type(type_id: str) -> SampleType:
    """Return the work-sample type with this id.

    Raises:
        DataError: No type has this id; names the nearest one.
    """
    known = {sample.id: sample for sample in load_sample_types()}
    if type_id in known:
        return known[type_id]
    nearest = process.extractOne(type_id, list(known))
    hint = f"the nearest id is {nearest[0]!r}" if nearest else "the data folder holds no types"
    raise DataError(f"no sample type has the id {type_id!r}; {hint}")


__all__ = ["load_sample_types", "read_samples", "sample_type"]
