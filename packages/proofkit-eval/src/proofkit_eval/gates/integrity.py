"""What the product's own integrity rules say of an answer, sorted by what the program would do about it."""

from typing import NamedTuple

from proofkit_core.faithfulness import numbers_told
from proofkit_core.integrity import Action, Carrier, FactLedger, Finding, Outcome, reviewed
from proofkit_core.ledger import first_unsupported

__all__ = ["Claims", "quotes", "read_claims"]

_REAL_LIFE = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG})
_COVERAGE = "coverage."


class Claims(NamedTuple):
    """The claims of an answer that no fact carries."""

    real_life: tuple[Finding, ...]
    """Jobs, clients, credentials, conflicts: what must not be said at all."""
    unlabelled: tuple[Finding, ...]
    """Figures without their label; the program would add it."""
    undisclosed: tuple[Finding, ...]
    """A text that travels and does not say what it is; the program would add it."""
    blocked: tuple[str, ...]
    """What else kept the rules from leaving the text in order."""
    loose: str
    """The first statement that neither the person nor the exercise carries; empty where there is none."""
    found: int
    """Claims found at all."""
    unsupported: int

    @property
    def are_honest(self) -> bool:
        """Say whether nothing is claimed that the program could not let out after its own small repairs."""
        return not (self.real_life or self.blocked or self.loose)


def read_claims(texts: tuple[str, ...], facts: FactLedger, carrier: Carrier, *, quoted: str = "") -> Claims:
    """Return the claims of an answer that nothing carries.

    Args:
        texts: Its texts, each reviewed alone as in the program.
        facts: What they may rest on.
        carrier: What kind of text they are.
        quoted: What they speak about, such as the draft under review; its figures are nobody's claims here.
    """
    verdicts = [reviewed(text, facts, carrier) for text in texts]
    found = [finding for verdict in verdicts for finding in verdict.findings]
    told = [each for each in found if not each.rule.startswith(_COVERAGE)]
    blocked = [
        "the rules found no safe change"
        for verdict in verdicts
        if verdict.outcome is Outcome.BLOCKED and not any(each.action in _REAL_LIFE for each in verdict.findings)
    ]
    return Claims(
        real_life=tuple(each for each in told if each.action in _REAL_LIFE),
        unlabelled=tuple(
            each for each in told if each.action is Action.LABEL_HYPOTHETICAL and not quotes(each.quote, quoted)
        ),
        undisclosed=tuple(each for each in told if each.action is Action.DISCLOSE),
        blocked=tuple(dict.fromkeys(blocked)),
        loose=first_unsupported([verdict.text for verdict in verdicts], facts),
        found=sum(verdict.claims_found for verdict in verdicts),
        unsupported=sum(verdict.claims_unsupported for verdict in verdicts),
    )


def quotes(text: str, quoted: str) -> bool:
    """Say whether all numbers of a text stand in another one that it speaks about."""
    if not quoted:
        return False
    known = frozenset[str]().union(*(number.keys for number in numbers_told(quoted)))
    told = numbers_told(text) if text else ()
    return bool(told) and all(number.keys & known for number in told)
