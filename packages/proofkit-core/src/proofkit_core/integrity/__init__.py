"""The integrity rules: text that breaks them does not leave the program, in any format.

A name is loaded when it is first used, so a module that only needs a carrier does not wait for the rules.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofkit_core.integrity.edits import undo
    from proofkit_core.integrity.facts.gather import fact_ledger
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
    from proofkit_core.integrity.review import review_text, reviewed

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
    "reviewed",
    "undo",
]
_PLACES = {"fact_ledger": "facts.gather", "review_text": "review", "reviewed": "review", "undo": "edits"}
"""Where a name is defined; the others are `records`."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES.get(name, 'records')}"), name)
