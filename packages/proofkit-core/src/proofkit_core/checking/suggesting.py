"""Finds the safe changes of a text: all that the rules know, also where another sentence blocks them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from proofkit_core.checking.records import Piece, Suggestion
from proofkit_core.integrity import Disclosing, Edit, FactLedger, Finding, Outcome, Verdict, review_text

_BLOCK = re.compile(r"(?:[^\r\n]*\S[^\r\n]*(?:\r\n|\n|\r|\Z))+")
_FENCE = re.compile(r"[ ]{0,3}(?:```|~~~)")
_SENTENCE_END = re.compile(r"[.!?…][\"”’)]*\s+|[\r\n]+(?=[ \t]*(?:[-+*•|]|\d+[.)]))")
_EDGE = re.compile(r"[.!?…][\"”’)]*\s+|[\r\n]+|\s\|\s?|\|\s")

_MARK = re.compile(r"(?:[ \t]*(?:[-+*•]|\d{1,3}[.)]|#{1,6}|>)[ \t]+)+")
_FAR = 1_000
"""A sentence is looked for so many characters around a finding."""
_LONG = 400
"""A finding of so many characters is about the text as a whole."""


class Change(NamedTuple):
    """A change, placed in the text of its piece."""

    rule: str
    start: int
    end: int
    after: str


class Reviewed(NamedTuple):
    """What the rules say about a piece, and what can safely be changed in it."""

    verdict: Verdict
    changes: tuple[Change, ...]


def review_piece(piece: Piece, facts: FactLedger) -> Reviewed:
    """Return the verdict on a piece with its safe changes.

    Where one sentence blocks the text, the rules change nothing in it. The text without such sentences is then looked
    at again, so that one sentence does not hide what can be done about the others.
    """
    verdict = review_text(piece.text, facts=facts, carrier=piece.carrier, disclosing=piece.disclosing)
    if verdict.outcome is not Outcome.BLOCKED:
        return Reviewed(verdict, tuple(_change(edit) for edit in verdict.edits))
    changes = tuple(_around_blocked(piece, facts))
    edited = apply_changes(piece.text, changes)
    after = review_text(edited, facts=facts, carrier=piece.carrier, disclosing=piece.disclosing)
    helps = changes and len(after.findings) < len(verdict.findings)
    return Reviewed(verdict, changes if helps else ())


def apply_changes(text: str, changes: Sequence[Change]) -> str:
    """Return the text with some changes made.

    Args:
        text: The text they are placed in.
        changes: In order of place, none overlapping another.
    """
    pieces: list[str] = []
    place = 0
    for change in changes:
        pieces += [text[place : change.start], change.after]
        place = change.end
    return "".join([*pieces, text[place:]])


def _change(edit: Edit, starts: Sequence[tuple[int, int]] = ((0, 0),)) -> Change:
    """Return an edit as a change, moved to where its block stands.

    Args:
        edit: Placed in a text that was put together from blocks.
        starts: For each block, where it begins in that text and in the piece.
    """
    index = bisect_right(starts, edit.start_before, key=lambda pair: pair[0]) - 1
    shift = starts[index][1] - starts[index][0]
    return Change(edit.rule, edit.start_before + shift, edit.end_before + shift, edit.after)


def _around_blocked(piece: Piece, facts: FactLedger) -> Iterator[Change]:
    """Yield the changes of the text without the sentences that hold something no rule can put right."""
    kept = [
        span
        for block in _blocks(piece.text)
        for span in ([block] if not _is_blocked(piece, facts, block) else _sentences(piece.text, block))
        if span is block or not _is_blocked(piece, facts, span)
    ]
    starts: list[tuple[int, int]] = []
    place = 0
    for start, end in kept:
        starts.append((place, start))
        place += end - start
    rest = "".join(piece.text[start:end] for start, end in kept)
    for disclosing in dict.fromkeys((piece.disclosing, Disclosing.NEVER)):
        verdict = review_text(rest, facts=facts, carrier=piece.carrier, disclosing=disclosing)
        if verdict.outcome is Outcome.EDITED:
            yield from (_change(edit, starts) for edit in verdict.edits)
            return


def _is_blocked(piece: Piece, facts: FactLedger, span: tuple[int, int]) -> bool:
    text = piece.text[slice(*span)]
    verdict = review_text(text, facts=facts, carrier=piece.carrier, disclosing=Disclosing.NEVER)
    return verdict.outcome is Outcome.BLOCKED


def _sentences(text: str, block: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the sentences, list items and table rows of a block, each with the space behind it."""
    starts = [block[0], *(found.end() for found in _SENTENCE_END.finditer(text, *block))]
    yield from zip(starts, [*starts[1:], block[1]], strict=True)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts between empty lines, each with the empty lines behind it; fenced code is never cut."""
    starts: list[int] = []
    is_open = False
    for found in _BLOCK.finditer(text):
        if not is_open:
            starts.append(found.start())
        fences = sum(1 for line in found.group().splitlines() if _FENCE.match(line))
        is_open = is_open != bool(fences % 2)
    yield from zip(starts, [*starts[1:], len(text)], strict=True)


def suggestion_for(text: str, finding: Finding, changes: Sequence[Change]) -> Suggestion | None:
    """Return the sentence of a finding before and after the safe changes; None where none of them is about it.

    Args:
        text: The text that the finding is placed in.
        finding: What was found.
        changes: All safe changes of the text, in order of place.
    """
    start, end = _sentence(text, finding.start, finding.end)
    first = bisect_left(changes, start, key=lambda change: change.end)
    behind = bisect_right(changes, end, key=lambda change: change.start)
    near = [change for change in changes[first:behind] if _begins_in(change, end, finding.rule)]
    if not near:
        return None
    if end - start > _LONG and all(change.start == change.end for change in near):
        added = [change.after.strip() for change in near if change.rule == finding.rule]
        return Suggestion(before="", after=" ".join(added)) if added else None
    start, end = min(start, near[0].start), max(end, near[-1].end)
    moved = [change._replace(start=change.start - start, end=change.end - start) for change in near]
    return Suggestion(before=text[start:end].strip(), after=apply_changes(text[start:end], moved).strip())


def _begins_in(change: Change, end: int, rule: str) -> bool:
    """What another rule adds below the sentence, such as a disclosure at the end of a post, is not about it."""
    return change.start < end or (change.start == end and (change.rule == rule or not change.after.startswith("\n")))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the sentence, line or table cell around a place."""
    edges = [found.end() for found in _EDGE.finditer(text, max(0, start - _FAR), start)]
    first = edges[-1] if edges else max(0, start - _FAR)
    mark = _MARK.match(text, first, start)
    first = mark.end() if mark else first
    following = _EDGE.search(text, max(start, end - 1), end + _FAR)
    last = following.start() + len(following.group().rstrip(" |\r\n\t")) if following else min(len(text), end + _FAR)
    return first, max(last, end)
