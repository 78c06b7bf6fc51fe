"""The integrity rules: text that breaks them does not leave the program, in any format."""

from proofkit_core.integrity.edits import undo
from proofkit_core.integrity.facts import fact_ledger
from proofkit_core.integrity.records import (
    Action,
    Carrier,
    ClaimType,
    Disclosing,
    Edit,
    Fact,
    FactLedger,
    Finding,
    Outcome,
    Verdict,
)
from proofkit_core.integrity.review import review_text

__all__ = [
    "Action",
    "Carrier",
    "ClaimType",
    "Disclosing",
    "Edit",
    "Fact",
    "FactLedger",
    "Finding",
    "Outcome",
    "Verdict",
    "fact_ledger",
    "review_text",
    "undo",
]
