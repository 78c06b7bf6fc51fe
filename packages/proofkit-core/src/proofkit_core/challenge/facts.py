"""The challenge as data: company, facts with ids, and the scenario's texts with their numbers filled in."""

from pydantic import BaseModel

from proofkit_core.scenario import ScenarioRecord


class ScenarioFact(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One fact of the fiction."""

    id: str
    """`S1`, `S2` …"""
    key: str
    """Its key in the scenario record."""
    text: str
    """The fact as a phrase, such as `4 loading bays`."""
    value: str
    """The drawn value alone; empty for a fixed fact."""


class Challenge(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A fictional company and its problem."""

    scenario_id: str
    company: str
    """Two or three words, such as `Marramkeld Supply`."""
    business: str
    """Noun phrase with article that describes the company."""
    project: str
    """Short noun phrase for titles."""
    situation: str
    """A paragraph."""
    facts: tuple[ScenarioFact, ...]
    decision: str
    """A question."""
    material: ScenarioRecord
    """All texts of the scenario with values and citations filled in."""
