"""Keeps rows apart: no paragraph of a target stands in another row with other answers."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from proofkit_train.data.row import Rejected, Row

_BLOCK = re.compile(r"\n{2,}")
_WORDS = re.compile(r"\w+")
SHORTEST = 8
"""A paragraph with fewer words, such as the lead-in to a list, may stand twice."""


def paragraphs(row: Row) -> tuple[str, ...]:
    """Return the paragraphs, lists and tables of a target; a JSON target is one."""
    blocks = [row.target] if row.target.startswith("{") else _BLOCK.split(row.target)
    return tuple(block.strip() for block in blocks if len(_WORDS.findall(block)) >= SHORTEST)


def keep_distinct(rows: Iterable[Row]) -> Iterator[Row | Rejected]:
    """Yield each row, or its refusal where one of its paragraphs was met before.

    Args:
        rows: In the order in which they count; what comes first stays.
    """
    seen: dict[bytes, str] = {}
    for row in rows:
        marks = [hashlib.sha256(" ".join(_WORDS.findall(p.casefold())).encode()).digest() for p in paragraphs(row)]
        known = next((seen[mark] for mark in marks if mark in seen), None)
        if known is not None:
            yield Rejected(
                id=row.id,
                task=row.task,
                source=row.source,
                reason="paragraph",
                detail=f"as in {known}",
                target=row.target,
            )
            continue
        seen.update(dict.fromkeys(marks, row.id))
        yield row
