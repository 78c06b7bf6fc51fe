"""The counterfactual swap: one thing the person said is another; the answer has to change there, and only there."""

from typing import NamedTuple

from proofkit_core import counterfactual
from proofkit_core.faithfulness import Anchor, read_anchors, words_kept
from proofkit_core.ledger import CarrierText
from proofkit_core.ledger.carriers import DRAFT_CARRIER
from proofkit_eval.records import Swap

__all__ = ["SwapReading", "read_swap"]


class SwapReading(NamedTuple):
    """What a swap did to an answer."""

    followed: bool
    """The twin's answer holds every new word, and the old ones no longer together."""
    unchanged: bool
    """Both answers are the same, word for word: the fact was not read at all."""
    strays: float
    """Share of the differing sentences that have nothing to do with the fact."""


def read_swap(before: str, after: str, swap: Swap, *, must_follow: bool = True) -> SwapReading | None:
    """Return what a swap did to an answer, or None where nothing can be said.

    That is so where old and new differ in no distinctive word, and where an answer that was free to leave the fact out
    did so.

    Args:
        before: The answer to the prompt.
        after: The answer to its twin.
        swap: What was swapped.
        must_follow: Whether the fact is one that every good answer holds.
    """
    old, new = _only(swap.old, swap.new), _only(swap.new, swap.old)
    if not old or not new or not (must_follow or words_kept(old, before).kept):
        return None
    lost = words_kept(new, after).missing
    # One word of the old fact may stand there in another sense; all of them together may not.
    is_left = not words_kept(old, after).missing
    compared = counterfactual.compare_texts(
        [CarrierText(DRAFT_CARRIER, before)],
        [CarrierText(DRAFT_CARRIER, after)],
        counterfactual.Swap(field="notes[0]", old=swap.old, new=swap.new),
    )
    differences = len(compared.differences)
    return SwapReading(
        followed=not lost and not is_left,
        unchanged=not differences,
        strays=len(compared.strays) / differences if differences else 0.0,
    )


def _only(words: str, others: str) -> str:
    """Return the distinctive words of one side that the other lacks, a line each so that no two read as one."""
    known = frozenset[str]().union(*(anchor.keys for anchor in read_anchors(others)))
    return "\n".join(anchor.typed for anchor in read_anchors(words) if not _known(anchor, known))


def _known(anchor: Anchor, known: frozenset[str]) -> bool:
    return bool(anchor.keys & known)
