"""How the answer for one piece of text is read and judged."""

from collections.abc import Callable
from typing import Any, NamedTuple

from proofkit_core.drafting.desk import Desk
from proofkit_core.integrity import Carrier, Outcome, reviewed
from proofkit_core.ledger import first_unsupported
from proofkit_core.packet import Fallback, FallbackReason

Check = Callable[[str], Fallback | None]
Begin = Callable[[str], str]
"""Takes a draft that dropped points, and returns how the next one has to begin so that they stand in it."""


class Reading(NamedTuple):
    """How the answer for one piece is read and judged."""

    carrier: Carrier
    texts_of: Callable[[Any], list[str]]
    """Takes the texts out of the parsed answer."""
    rebuild: Callable[[list[str]], Any]
    """Makes the result from the texts after the integrity rules edited them."""
    chain: tuple[Check, ...]
    begin: Begin | None = None


class Judged(NamedTuple):
    """An answer that may be used, or why not."""

    value: Any = None
    fallback: Fallback | None = None
    edits: tuple[str, ...] = ()


def judge(value: object, reading: Reading, desk: Desk) -> Judged:
    """Check a parsed answer, and let the integrity rules put right what they can.

    Args:
        value: What the contract made of the completion.
        reading: How to read and judge it.
        desk: What the packet's calls share.
    """
    texts = reading.texts_of(value)
    whole = "\n".join(texts)
    problem = next((found for check in reading.chain if (found := check(whole))), None)
    return Judged(fallback=problem) if problem else _review(texts, reading, desk)


def _review(texts: list[str], reading: Reading, desk: Desk) -> Judged:
    verdicts = [reviewed(text, desk.facts, reading.carrier) for text in texts]
    blocked = next((v for v in verdicts if v.outcome is Outcome.BLOCKED), None)
    if blocked:
        finding = blocked.findings[0]
        message = "the draft claimed something that is not among your facts"
        return _untrue(message, f"{finding.rule}: {finding.quote!r}")
    loose = first_unsupported([verdict.text for verdict in verdicts], desk.facts)
    if loose:
        return _untrue("the draft said something that neither you nor the exercise says", f"{loose!r}")
    edits = tuple(dict.fromkeys(edit.rule for v in verdicts for edit in v.edits))
    return Judged(reading.rebuild([v.text for v in verdicts]), edits=edits)


def _untrue(message: str, detail: str) -> Judged:
    return Judged(fallback=Fallback(reason=FallbackReason.INTEGRITY, message=message, detail=detail))
