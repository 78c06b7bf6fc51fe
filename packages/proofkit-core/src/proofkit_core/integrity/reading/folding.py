"""The folded view: text in one plain form for matching, with the way back to the original.

Only matching looks at the folded view; edits are made on the original. Folding makes case of digits, look-alike forms,
invisible characters, Markdown emphasis, line wrapping and kinds of space irrelevant.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from proofkit_core.integrity.reading.characters import skeleton
from proofkit_core.integrity.reading.json_strings import decode
from proofkit_core.integrity.reading.marks import MASK, View, fold_range, is_plain, pair_ticks
from proofkit_core.integrity.reading.offsets import OffsetMap, Span

__all__ = ["COMPANY", "MASK", "PERSON", "Folded", "fold_passage", "fold_plain"]

COMPANY = "\ue000"
"""Stands for each letter of the fictional company's name."""
PERSON = "\ue001"
"""Stands for each letter of the person's own name."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A passage in plain form."""

    text: str
    """Case kept."""
    lower: str
    """The same length as `text`."""
    offsets: OffsetMap
    """The way back to the original."""
    protected: tuple[Span, ...]
    """Folded ranges that may be read but never edited: inline code. In order, none overlapping."""

    def span(self, start: int, end: int) -> Span:
        """Return the original range of a folded one; an empty one stands right behind the character before it."""
        return self.offsets.span(start, end)

    def place_of(self, original: int) -> int:
        """Return the last folded character that begins at a place of the original or before it."""
        return self.offsets.place_of(original)

    def is_protected(self, start: int, end: int) -> bool:
        """Say whether a folded range touches inline code."""
        before = bisect_left(self.protected, end, key=lambda pair: pair[0]) - 1
        return before >= 0 and self.protected[before][1] > start


def fold_passage(
    text: str, spans: Sequence[Span], company: str = "", people: Sequence[str] = (), *, escaped: bool = False
) -> Folded:
    """Return the folded view of some ranges of a text, joined by single spaces.

    Args:
        text: The original.
        spans: Ranges of the original that make up one passage.
        company: Name whose letters are replaced by `COMPANY`, in full or by its first word.
        people: Names whose letters are replaced by `PERSON`, in the same way.
        escaped: The ranges hold the escapes of a JSON string.
    """
    inner = decode(text, spans) if escaped and any(text.find("\\", *span) >= 0 for span in spans) else None
    whole, offsets, protected = _fold(inner.text, inner.spans) if inner else _fold(text, spans)
    if inner:
        offsets = offsets.through(inner.offsets)
    if not whole and spans:
        offsets = OffsetMap((0, 0), (spans[0][0],), (spans[0][0],))
    whole = skeleton(whole)
    lower = whole.lower()
    if len(lower) != len(whole):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in whole)
    lower = _hide_name(lower, company, COMPANY)
    for name in people:
        lower = _hide_name(lower, name, PERSON)
    return Folded(whole, lower, offsets, protected)


def _fold(text: str, spans: Sequence[Span]) -> tuple[str, OffsetMap, tuple[Span, ...]]:
    if len(spans) == 1 and is_plain(text[slice(*spans[0])]):
        start, end = spans[0]
        return text[start:end], OffsetMap((0, end - start), (start,), (end,)), ()
    view = View(ticks=pair_ticks(text, spans))
    for start, end in spans:
        if view.tracing.size and end > start:
            view.put(" ", view.tracing.high[-1], start)
        fold_range(view, text, start, end)
    return view.tracing.text(), view.tracing.map(), tuple(view.code)


def _hide_name(lower: str, full_name: str, sign: str) -> str:
    """Return lower-case text with a name replaced, letter by letter, so that places stay the same."""
    name = fold_plain(full_name)
    first = name.split(" ", 1)[0]
    if not first or first not in lower:
        return lower
    pattern = rf"\b{re.escape(first)}(?:{re.escape(name[len(first) :])})?(?!\w)"
    return re.sub(pattern, lambda m: sign * len(m.group()), lower)


@lru_cache(maxsize=64)
def fold_plain(text: str) -> str:
    """Return a short text in lower-case folded form, without the way back."""
    return fold_passage(text, [(0, len(text))]).lower.strip() if text else ""
