"""How many independent judges a panel is worth: judges who err on the same steps of the ladder count once."""

from collections.abc import Sequence

from proofkit_eval.board.records import JudgeCard, PanelWorth
from proofkit_eval.ladder import LadderCard
from proofkit_eval.statistics import effective_judges

__all__ = ["worth_of"]

_LEAST = 2
_COUNTING, _TRIED = "judges that count", "all judges that were tried"


def worth_of(cards: Sequence[JudgeCard]) -> tuple[PanelWorth, ...]:
    """Return what the panel is worth, and beside it all judges that climbed the ladder, where those are others.

    Args:
        cards: What is known of the judges.
    """
    counting = [card for card in cards if card.counts]
    tried = [card for card in cards if card.ladder is not None]
    worth = [_worth(_COUNTING, counting)]
    if [card.ref.id for card in tried] != [card.ref.id for card in counting]:
        worth.append(_worth(_TRIED, tried))
    return tuple(worth)


def _worth(panel: str, cards: Sequence[JudgeCard]) -> PanelWorth:
    names = tuple(card.ref.id for card in cards)
    ladders = [card.ladder for card in cards if card.ladder is not None]
    note = _why_not(cards, ladders)
    if note:
        return PanelWorth(panel=panel, judges=names, steps=0, effective=None, note=note)
    rows = list(zip(*(ladder.errors for ladder in ladders), strict=True))
    effective = effective_judges(rows)
    if effective is None:
        note = "One of them errs on every step alike, or on none, so nothing can be said."
    steps = sum(None not in row for row in rows)
    return PanelWorth(panel=panel, judges=names, steps=steps, effective=effective, note=note)


def _why_not(cards: Sequence[JudgeCard], ladders: Sequence[LadderCard]) -> str:
    if len(cards) < _LEAST:
        return f"{'One judge' if cards else 'No judge'}: there are no two whose errors could be compared."
    if absent := [card.ref.id for card in cards if card.ladder is None]:
        return f"Not on the ladder, so that nobody knows where they err: {', '.join(absent)}."
    if not all(ladder.errors for ladder in ladders):
        return "A card is from before errors were kept. Give `proofkit-eval ladder` again for all of them."
    if len({(ladder.steps_digest, len(ladder.errors)) for ladder in ladders}) > 1:
        return "They did not climb the same ladder. Give `proofkit-eval ladder` again for all of them."
    return ""
