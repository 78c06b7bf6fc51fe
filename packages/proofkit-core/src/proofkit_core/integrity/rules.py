"""Reads the decision table: which rule asks for which action, in which carriers, for which reason."""

from functools import cache
from typing import Any, NamedTuple

from proofkit_core.integrity.records import Action, Carrier, ClaimType


class Rule(NamedTuple):
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
    import tomllib  # noqa: PLC0415 - with the next one a hundredth of a second, only when something is checked
    from importlib.resources import files  # noqa: PLC0415

    source = files("proofkit_core.integrity").joinpath("data", "rules.toml").read_text(encoding="utf-8")
    rows = [_rule(row) for row in tomllib.loads(source)["rules"]]
    return {rule.id: rule for rule in rows}


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(
        id=row["id"],
        version=row["version"],
        claim=ClaimType(row["claim"]),
        carriers=tuple(map(Carrier, row["carriers"])),
        action=Action(row["action"]),
        reason=row["reason"],
    )
