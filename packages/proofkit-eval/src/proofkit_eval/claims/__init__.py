"""Sentences that compare models, each tied to its comparison and worked out again from the log.

Reading marks costs nothing; evidence from a log brings numpy with it when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from proofkit_eval.claims.checking import ClaimReport, Evidence, check_claims, claims_markdown
from proofkit_eval.claims.marks import Mark
from proofkit_eval.claims.sentences import Sentence, read_sentences

if TYPE_CHECKING:
    from proofkit_eval.claims.evidence import LogEvidence
    from proofkit_eval.claims.published_evidence import PublishedEvidence

__all__ = [
    "ClaimReport",
    "Evidence",
    "LogEvidence",
    "Mark",
    "PublishedEvidence",
    "Sentence",
    "check_claims",
    "claims_markdown",
    "read_sentences",
]

_PLACES = {"LogEvidence": "evidence", "PublishedEvidence": "published_evidence"}
"""Where the evidence is defined."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
