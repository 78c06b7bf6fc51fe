"""Makes edits and takes them back."""

from collections.abc import Iterable, Sequence

from proofkit_core.integrity.claims.claim import Change
from proofkit_core.integrity.records import Edit
from proofkit_core.integrity.rules import load_rules


def make_edits(text: str, changes: Sequence[tuple[str, Change]]) -> tuple[str, tuple[Edit, ...]]:
    """Return the changed text and the record of each change.

    Args:
        text: The original.
        changes: Rule id and change; in order of place, none overlapping.
    """
    pieces: list[str] = []
    edits: list[Edit] = []
    place, shift = 0, 0
    for rule, change in changes:
        pieces += [text[place : change.start], change.after]
        start = change.start + shift
        edits.append(
            Edit(
                rule=rule,
                version=load_rules()[rule].version,
                start_before=change.start,
                end_before=change.end,
                start_after=start,
                end_after=start + len(change.after),
                before=text[change.start : change.end],
                after=change.after,
            )
        )
        shift += len(change.after) - (change.end - change.start)
        place = change.end
    return "".join([*pieces, text[place:]]), tuple(edits)


def undo(verdict_text: str, edits: Iterable[Edit]) -> str:
    """Return the text as it was before the edits.

    Args:
        verdict_text: The edited text.
        edits: The edits of the same verdict.
    """
    for edit in sorted(edits, key=lambda e: e.start_after, reverse=True):
        verdict_text = verdict_text[: edit.start_after] + edit.before + verdict_text[edit.end_after :]
    return verdict_text
