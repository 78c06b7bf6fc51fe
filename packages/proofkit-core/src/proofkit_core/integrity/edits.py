"""Makes edits and takes them back."""

from collections.abc import Iterable

from proofkit_core.integrity.records import Edit


def undo(verdict_text: str, edits: Iterable[Edit]) -> str:
    """Return the text as it was before the edits.

    Args:
        verdict_text: The edited text.
        edits: The edits of the same verdict.
    """
    for edit in sorted(edits, key=lambda e: e.start_after, reverse=True):
        verdict_text = verdict_text[: edit.start_after] + edit.before + verdict_text[edit.end_after :]
    return verdict_text
