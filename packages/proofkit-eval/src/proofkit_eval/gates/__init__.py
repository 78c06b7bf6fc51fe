"""The house rules as gates: each kept, broken, or not asked of this kind of text."""

from proofkit_eval.gates.check import GATES, HARD, check_gates
from proofkit_eval.gates.facts import carrier_of, quoted_in, sources_of
from proofkit_eval.gates.integrity import Claims, quotes, read_claims
from proofkit_eval.gates.reading import Answer, read_answer, view_of

__all__ = [
    "GATES",
    "HARD",
    "Answer",
    "Claims",
    "carrier_of",
    "check_gates",
    "quoted_in",
    "quotes",
    "read_answer",
    "read_claims",
    "sources_of",
    "view_of",
]
