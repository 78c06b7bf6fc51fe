"""The role record as it stands in the data files."""

from pydantic import BaseModel, Field

from proofkit_core.scenario import Line, ScenarioRecord


class TradeoffRecord(
    BaseModel, frozen=True, strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True
):
    """A real tension of the job."""

    between: Line
    """Noun phrase."""
    and_: Line = Field(alias="and")
    """Noun phrase."""
    turns_on: Line
    """Noun phrase: what decides it."""


class RoleRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One role: what it decides, under what constraints, in what words."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    aliases: tuple[str, ...] = Field(min_length=5)
    """Other names of the role that people type, synonyms and seniority forms included."""
    summary: Line
    """One sentence on what the role is there for."""
    decides: tuple[Line, ...] = Field(min_length=3, max_length=5)
    """Clauses that start with `whether`, `which`, `when`, `how` or `who`."""
    constraints: tuple[Line, ...] = Field(min_length=3, max_length=5)
    """What limits the role in real life; sentences."""
    tradeoffs: tuple[TradeoffRecord, ...] = Field(min_length=2, max_length=3)
    vocabulary: tuple[str, ...] = Field(min_length=10, max_length=20)
    skills: tuple[str, ...] = Field(min_length=5, max_length=10)
    work_samples: tuple[str, str, str]
    """Ids of three fitting work-sample types, best first."""
    scenarios: tuple[ScenarioRecord, ...] = Field(min_length=1)


class FamilyFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One data file: a family of roles."""

    family: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    roles: tuple[RoleRecord, ...] = Field(min_length=1)
