"""Chooses which changes are made: none overlap, the strongest claim goes first, the smallest change is tried first."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence

from proofkit_core.integrity.claims.claim import Change, Claim
from proofkit_core.integrity.claims.disclosing import BULLET_PREFIX
from proofkit_core.integrity.claims.framing import FRAME
from proofkit_core.integrity.records import Action
from proofkit_core.integrity.rules import load_rules

_ORDER = tuple(Action)
_REWRITES = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT})
_STOP = re.compile(r"[.!?]\s|\n")

Edits = tuple[tuple[str, Change], ...]
"""Rule id and change, none overlapping another, in order of place."""


def plan_changes(text: str, wanted: Sequence[Claim]) -> Iterator[Edits]:
    """Yield plans of changes, the smallest first; a second look at the edited text says which is enough.

    Args:
        text: The original.
        wanted: Open claims that can be put right.
    """
    every = _choose(wanted)
    plans = (_without_frames(text, every), every, _framed(text, wanted))
    yield from dict.fromkeys(_said_once(plan) for plan in plans)


def _said_once(changes: Edits) -> Edits:
    """Leave out the label of a bullet whose first words are set in the exercise: these say the same."""
    first = next((change for _, change in changes if change.after != BULLET_PREFIX), None)
    if first is None or not _is_frame(first):
        return changes
    return tuple(
        (rule, change) for rule, change in changes if change.after != BULLET_PREFIX or change.end < first.start
    )


def _without_frames(text: str, changes: Edits) -> Edits:
    """Leave out a frame around a sentence whose words are changed as well; the second look says if that is enough."""
    kept: list[tuple[str, Change]] = []
    for number, (rule, change) in enumerate(changes):
        following = changes[number + 1][1] if number + 1 < len(changes) else None
        alone = (
            following is None
            or bool(_STOP.search(text, change.end, following.start))
            or following.start == following.end
        )
        if alone or not _is_frame(change):
            kept.append((rule, change))
    return tuple(kept)


def _framed(text: str, wanted: Sequence[Claim]) -> Edits:
    """Return the changes with nothing but the frame where a sentence can have one."""
    frames = sorted({(c.start, c.end) for claim in wanted for c in claim.changes if _is_frame(c)})
    kept: list[Claim] = []
    for claim in wanted:
        place = bisect_right(frames, (claim.start, len(text))) - 1
        covered = place >= 0 and not _STOP.search(text, frames[place][1], claim.start)
        has_frame = any(_is_frame(change) for change in claim.changes)
        if has_frame or not covered or load_rules()[claim.rule].action not in _REWRITES:
            kept.append(claim)
    return _choose(kept)


def _is_frame(change: Change) -> bool:
    return FRAME.lower() in change.after.lower()


def _choose(claims: Sequence[Claim]) -> Edits:
    """Return the changes of the strongest claims; a weaker one that overlaps them waits for the second look."""
    ranked = sorted(claims, key=lambda c: (_ORDER.index(load_rules()[c.rule].action), c.start, -c.end))
    chosen: list[tuple[str, Change]] = []
    for claim in ranked:
        places = [bisect_left(chosen, _place(change), key=lambda pair: _place(pair[1])) for change in claim.changes]
        near = [chosen[i][1] for place in places for i in range(max(0, place - 1), min(place + 1, len(chosen)))]
        if not any(_overlap(change, other) for change in claim.changes for other in near):
            for change in claim.changes:
                insort(chosen, (claim.rule, change), key=lambda pair: _place(pair[1]))
    return tuple(chosen)


def _place(change: Change) -> tuple[int, int]:
    return change.start, change.end


def _overlap(one: Change, other: Change) -> bool:
    if one.start == one.end or other.start == other.end:
        return other.start < one.start < other.end or one.start < other.start < one.end or one == other
    return one.start < other.end and other.start < one.end
