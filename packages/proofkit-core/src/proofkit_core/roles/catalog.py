"""Reads the role catalogue from its data files."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import DataError
from proofkit_core.roles.records import FamilyFile, RoleRecord
from proofkit_core.scenario import check_scenario


class CatalogueRole(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A role with the family it belongs to."""

    family: str
    family_title: str
    role: RoleRecord


def _data_folder() -> Traversable:
    return files("proofkit_core.roles").joinpath("data")


def read_family(source: Traversable) -> FamilyFile:
    """Read one family file.

    Raises:
        DataError: The file is not TOML or breaks the record's schema; names the file and the first place.
    """
    try:
        family = FamilyFile.model_validate(tomllib.loads(source.read_text(encoding="utf-8")), strict=False)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"role data {source.name}: {error}") from error
    for scenario in (s for role in family.roles for s in role.scenarios):
        problem = check_scenario(scenario)
        if problem:
            raise DataError(f"role data {source.name}: {problem}")
    return family


@cache
def load_catalogue() -> tuple[CatalogueRole, ...]:
    """Return all roles, in order of file name and place in the file.

    Raises:
        DataError: A file breaks its schema, or two roles share an id.
    """
    sources = sorted((s for s in _data_folder().iterdir() if s.name.endswith(".toml")), key=lambda s: s.name)
    families = [read_family(source) for source in sources]
    roles = [CatalogueRole(family=f.family, family_title=f.title, role=r) for f in families for r in f.roles]
    seen: set[str] = set()
    for entry in roles:
        if entry.role.id in seen:
            raise DataError(f"role id {entry.role.id!r} stands twice in the catalogue; ids must differ")
        seen.add(entry.role.id)
    return tuple(roles)


__all__ = ["CatalogueRole", "load_catalogue", "read_family"]
