"""Reads the decision table: which rule asks for which action, in which carriers, for which reason."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

from proofkit_core.integrity.records import Action, Carrier, ClaimType


class Rule(BaseModel, frozen=True, extra="forbid"):
    """One row of the decision table."""

    id: str
    version: int
    claim: ClaimType
    carriers: tuple[Carrier, ...]
    action: Action
    reason: str
    """Completes "…: {reason}"; `{company}` is the fictional company."""


@cache
def load_rules() -> dict[str, Rule]:
    """Return the decision table by rule id."""
    source = files("proofkit_core.integrity").joinpath("data", "rules.toml").read_text(encoding="utf-8")
    rows = [Rule.model_validate(row) for row in tomllib.loads(source)["rules"]]
    return {rule.id: rule for rule in rows}
