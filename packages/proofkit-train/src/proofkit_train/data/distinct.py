"""Keeps rows apart: no paragraph of a target stands in another row with other answers."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from proofkit_train.data.row import Rejected, Row

_BLOCK = re.compile(r"\n{2,}")
_WORDS = re.compile(r"\w+")
REASON = "paragraph"
"""Why a row is turned down here."""
SHORTEST = 8
"""A paragraph with fewer words, such as the lead-in to a list, may stand twice."""


def paragraphs(row: Row) -> tuple[str, ...]:
    """Return the paragraphs, lists and tables of a target; a JSON target is one."""
    return _paragraphs(row.target)


def _paragraphs(target: str) -> tuple[str, ...]:
    blocks = [target] if target.startswith("{") else _BLOCK.split(target)
    return tuple(block.strip() for block in blocks if len(_WORDS.findall(block)) >= SHORTEST)


def _marks(target: str) -> list[bytes]:
    """Return a digest of each paragraph's words."""
    return [hashlib.sha256(" ".join(_WORDS.findall(p.casefold())).encode()).digest() for p in _paragraphs(target)]


class Written:
    """The paragraphs of the rows of one case so far, so that a target that would be turned down is not tried at all."""

    def __init__(self) -> None:
        """Start with none."""
        self._rows: list[tuple[frozenset[bytes], str]] = []

    def add(self, row: Row) -> None:
        """Remember a row."""
        marks = frozenset(_marks(row.target))
        if marks:
            self._rows.append((marks, row.id))

    def row_of(self, target: str) -> str:
        """Return the id of a row all of whose paragraphs stand in a target too; empty if there is none.

        Whatever `keep_distinct` makes of that row, it turns down such a target: either the row stays and its paragraphs
        are met again, or one of them was met before.
        """
        marks = frozenset(_marks(target))
        return next((row for held, row in self._rows if held <= marks), "")


def as_in(row: str) -> str:
    """Say where a paragraph was met before."""
    return f"as in {row}"


def keep_distinct(rows: Iterable[Row]) -> Iterator[Row | Rejected]:
    """Yield each row, or its refusal where one of its paragraphs was met before.

    Args:
        rows: In the order in which they count; what comes first stays.
    """
    seen: dict[bytes, str] = {}
    for row in rows:
        marks = _marks(row.target)
        known = next((seen[mark] for mark in marks if mark in seen), None)
        if known is not None:
            yield Rejected(
                id=row.id,
                task=row.task,
                source=row.source,
                reason=REASON,
                detail=as_in(known),
                target=row.target,
            )
            continue
        seen.update(dict.fromkeys(marks, row.id))
        yield row
