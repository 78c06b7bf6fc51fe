"""Makes a role record for a job that the catalogue lacks, from what the person typed; ties matching to it."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from proofkit_core.brief import Brief
from proofkit_core.errors import DataError
from proofkit_core.generation import Embedder
from proofkit_core.packet import RoleChoice
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.match import RoleMatch, match_role, role_query
from proofkit_core.roles.records import Line, RoleRecord, TradeoffRecord
from proofkit_core.scenario import ScenarioRecord, check_scenario

_TITLE_CAP = 60
_FALLBACK_TITLE = "specialist"


class GenericRole(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What holds for nearly any job; `{role}` stands for the role as typed."""

    family: str
    title: str
    summary: Line
    decides: tuple[Line, ...]
    constraints: tuple[Line, ...]
    tradeoffs: tuple[TradeoffRecord, ...]
    vocabulary: tuple[str, ...]
    skills: tuple[str, ...]
    work_samples: tuple[str, str, str]
    scenarios: tuple[ScenarioRecord, ...]


class ChosenRole(NamedTuple):
    """The role to write for, and how it was found."""

    entry: CatalogueRole
    choice: RoleChoice


@cache
def load_generic_role() -> GenericRole:
    """Return the skeleton of a role outside the catalogue.

    Raises:
        DataError: The file breaks its schema.
    """
    source = files("proofkit_core.roles").joinpath("generic.toml")
    try:
        generic = GenericRole.model_validate(tomllib.loads(source.read_text(encoding="utf-8")), strict=False)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"role data {source.name}: {error}") from error
    for scenario in generic.scenarios:
        problem = check_scenario(scenario)
        if problem:
            raise DataError(f"role data {source.name}: {problem}")
    return generic


def choose_role(
    brief: Brief, index: RoleIndex, *, embedder: Embedder | None = None, profile: Mapping[str, object] | None = None
) -> ChosenRole:
    """Return the catalogue role a brief means, or one made for it where the catalogue lacks it."""
    match = match_role(role_query(brief), index, embedder=embedder)
    alternatives = tuple(entry.role.title for entry in match.alternatives)
    if match.role is None:
        return _uncovered(brief, match, alternatives, profile)
    entry = match.role
    choice = RoleChoice(
        title=entry.role.title,
        role_id=entry.role.id,
        family=entry.family,
        covered=True,
        why=match.why,
        score=match.score,
        alternatives=alternatives,
    )
    return ChosenRole(entry, choice)


def _uncovered(
    brief: Brief, match: RoleMatch, alternatives: tuple[str, ...], profile: Mapping[str, object] | None
) -> ChosenRole:
    entry = synthesise_role(brief, profile=profile)
    choice = RoleChoice(
        title=entry.role.title,
        role_id="",
        family=entry.family,
        covered=False,
        synthesised_by="model" if profile else "template",
        why=f"{match.why} A general exercise that fits any job is used instead.",
        score=match.score,
        alternatives=alternatives,
    )
    return ChosenRole(entry, choice)


def synthesise_role(brief: Brief, *, profile: Mapping[str, object] | None = None) -> CatalogueRole:
    """Make a role record from a brief.

    Args:
        brief: What the person typed.
        profile: A model's description of the role; each item is checked.
    """
    _ = profile
    generic = load_generic_role()
    title = tidy_title(brief.target_role)
    spoken = title[:1].lower() + title[1:]
    skills = tuple(dict.fromkeys((*brief.skills, *generic.skills)))[:10]
    role = RoleRecord(
        id=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "role",
        title=title,
        aliases=(title,) * 5,
        summary=generic.summary.replace("{role}", spoken),
        decides=generic.decides,
        constraints=generic.constraints,
        tradeoffs=generic.tradeoffs,
        vocabulary=generic.vocabulary,
        skills=skills,
        work_samples=generic.work_samples,
        scenarios=generic.scenarios,
    )
    return CatalogueRole(family=generic.family, family_title=generic.title, role=role)


def tidy_title(typed: str) -> str:
    """Return a role as typed, without brackets and spare space, with a capital first."""
    text = " ".join(re.sub(r"[\[\]{}<>|`*_#\"]", " ", typed).split())[:_TITLE_CAP].strip(" .,;:-")
    return (text or _FALLBACK_TITLE)[:1].upper() + (text or _FALLBACK_TITLE)[1:]
