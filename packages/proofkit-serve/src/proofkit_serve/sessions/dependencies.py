"""What of a session is made from what, and so what an event clears."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from proofkit_serve.sessions.document import Document

DEPENDS_ON: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "model_choice": frozenset(),
        "language": frozenset(),
        "goal": frozenset(),
        "demo": frozenset({"goal"}),
        "notices": frozenset({"goal"}),
        "typed": frozenset({"goal"}),
        "seed": frozenset({"goal"}),
        "role": frozenset({"goal"}),
        "sample_choice": frozenset({"goal"}),
        "points": frozenset({"goal"}),
        "exercise": frozenset({"role", "seed", "sample_choice"}),
        "challenge": frozenset({"exercise"}),
        "sections": frozenset({"exercise"}),
        "proposals": frozenset({"exercise"}),
        "own_post": frozenset({"exercise"}),
        "travel": frozenset({"points", "challenge", "sections", "own_post"}),
        "packet": frozenset({"travel"}),
    }
)
"""Each part with the parts that it is made from.

`points` are the goal's notes and answers, `challenge` is the text of the exercise: parts of fields that change alone.
A section follows both but may hold what a person typed: it is marked as stale, not cleared, so it stands apart here;
and so does a post that the person changed.
"""

_FIELDS = frozenset(Document.model_fields)


@cache
def cleared_by(part: str) -> frozenset[str]:
    """Return every part that is made from `part`, directly or not.

    Args:
        part: A part of the session, as in `DEPENDS_ON`.
    """
    direct = {name for name, needs in DEPENDS_ON.items() if part in needs}
    return frozenset(direct.union(*(cleared_by(name) for name in direct)))


def cleared(document: Document, part: str, **values: Any) -> Document:  # noqa: ANN401 - the document's own fields
    """Return the document with new values, and without anything that was made from `part`.

    Args:
        document: The document before.
        part: What changes.
        **values: The document's new fields; they win over what is cleared.
    """
    empty = {name: Document.model_fields[name].default for name in cleared_by(part) & _FIELDS}
    return document.model_copy(update={**empty, **values})


def changed(document: Document, part: str, **values: Any) -> Document:  # noqa: ANN401 - the document's own fields
    """Return the same as `cleared`, or the document itself where the values are what it holds: nothing is lost then.

    Args:
        document: The document before.
        part: What changes.
        **values: The document's new fields.
    """
    if all(getattr(document, name) == value for name, value in values.items()):
        return document
    return cleared(document, part, **values)
