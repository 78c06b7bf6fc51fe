"""The desk: what every call to a model for one packet shares."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from proofkit_core.brief import Brief
from proofkit_core.drafting.events import OnDraftEvent
from proofkit_core.generation import CancelSignal, Candidate, Decoding, PromptKind
from proofkit_core.integrity import FactLedger
from proofkit_core.packet import Fallback, Origin, Writer
from proofkit_prompts import Contract

DECODING = Decoding(repeat_penalty=1.1)
"""Greedy, with a light brake on repetition: the same prompt gives the same draft."""

RETRIES = tuple(Decoding(temperature=0.6, repeat_penalty=1.1, seed=seed) for seed in (1, 2))
"""How a draft is asked for again where the first one may not be used: with a little chance, but always the same one."""

REPAIRS = 1
"""How often a model with editable prompts is asked again, told what was wrong with its draft."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every call of one packet shares."""

    contract: Contract
    candidates: tuple[Candidate, ...]
    """The models to ask, in turn; behind the last one stands the composer, or whatever else there is."""
    facts: FactLedger
    typed: str
    """Everything the person typed, to tell their alphabets from strange ones."""
    why_no_model: Fallback
    """The reason given where there are no candidates."""
    time_limit_s: float = 45.0
    """Seconds for one piece of text: all tries of all candidates together."""
    decoding: Decoding = DECODING
    retries: tuple[Decoding, ...] = RETRIES
    """How to ask the same candidate again, in turn, while its draft may not be used; empty to ask once. A model with
    editable prompts takes only the first `REPAIRS` of them."""
    cancel: CancelSignal | None = None
    on_event: OnDraftEvent | None = None
    """Called with each `DraftEvent`, never from two threads at once."""
    clock: Callable[[], float] = time.monotonic
    """Tells the seconds that the time limit is measured with."""

    def decodings(self, prompts: PromptKind) -> tuple[Decoding, ...]:
        """Return how a candidate with such prompts is asked, first and again."""
        again = self.retries if prompts is PromptKind.FROZEN else self.retries[:REPAIRS]
        return (self.decoding, *again)


@dataclass(frozen=True, slots=True)
class StandIn:
    """What is used where no candidate's draft may be."""

    name: str
    then: str
    """What happens then, as a clause."""
    writer: Writer


TEMPLATE = StandIn(name="the template", then="the template writes this text", writer=Writer.TEMPLATE)


class Draft(NamedTuple):
    """A model's answer, checked; `value` is None where the composer has to step in."""

    value: Any
    origin: Origin


def typed_text(brief: Brief) -> str:
    """Return everything that the person typed, one entry a line."""
    typed = [brief.target_role, brief.background, *brief.skills, *brief.weak_spots, *brief.notes]
    return "\n".join([*typed, *brief.answers.values()])
