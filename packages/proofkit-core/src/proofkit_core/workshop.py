"""What making a packet needs besides the brief."""

from dataclasses import dataclass

from proofkit_core.generation import Candidate, Embedder
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.roles.index import RoleIndex
from proofkit_prompts import Contract

NO_MODEL = Fallback(reason=FallbackReason.NO_MODEL, message="no model was asked")
"""The reason given where the person chose to work without a model."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What making a packet needs besides the brief."""

    contract: Contract
    index: RoleIndex
    product_version: str
    candidates: tuple[Candidate, ...] = ()
    """The models to ask for each piece of text, in turn; behind them stands the composer."""
    why_no_model: Fallback = NO_MODEL
    """Told in the packet where there are no candidates."""
    embedder: Embedder | None = None
    time_limit_s: float = 45.0
    """Seconds for one piece of text: all tries of all candidates together."""
