"""The claim ledger: every statement of a text with the source it rests on."""

from proofkit_core.composer.wording import sentences
from proofkit_core.integrity import FactLedger
from proofkit_core.packet import LedgerEntry, SourceKind, Support


def trace(carrier: str, text: str, *, facts: FactLedger) -> tuple[LedgerEntry, ...]:
    """Return the statements of a text, each with its source.

    Args:
        carrier: `work_sample.<section>`, `post`, `bullets` or `talking_points`.
        text: Rendered Markdown.
        facts: What statements may rest on.
    """
    del facts
    support = (Support(kind=SourceKind.HYPOTHETICAL, ref="exercise", quote=""),)
    return tuple(
        LedgerEntry(id=f"{carrier}#{n}", carrier=carrier, text=line, kind=SourceKind.HYPOTHETICAL, support=support)
        for n, line in enumerate(sentences(text), 1)
    )
