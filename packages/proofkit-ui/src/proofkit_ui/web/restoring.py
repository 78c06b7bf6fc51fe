"""Makes a backup fit what is here: what is here already is left out, and what would clash gets new ids."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from proofkit_serve.sessions import Document, document_json, new_id

__all__ = ["Fitted", "fitted", "session_ids"]


class Fitted(NamedTuple):
    """A backup as it can be brought back here."""

    file: bytes
    left_out: int
    """How many of its sessions are here already, just as they are in the file."""
    left: int
    """How many are still in it."""


def session_ids(file: bytes) -> tuple[str, ...]:
    """Return the ids of the sessions in a backup; none where it is no backup that can be read.

    Args:
        file: What was uploaded.
    """
    return tuple(found for session in _sessions(_read(file)) if (found := _id_of(session)))


def fitted(file: bytes, here: Mapping[str, Document], *, all_new: bool) -> Fitted:
    """Return a backup without what is here already. What cannot be read is passed on for the store to refuse.

    Args:
        file: What was uploaded.
        here: The person's own sessions with ids of the file, by id.
        all_new: Whether every session gets a new id: the ids are taken by somebody else, who must not be named.
    """
    data = _read(file)
    sessions = _sessions(data)
    if not sessions:
        return Fitted(file, 0, 0)
    left: list[dict[str, Any]] = []
    for session in sessions:
        own = here.get(_id_of(session))
        if own is not None and session.get("document") == json.loads(document_json(own)):
            continue
        left.append(_under_new_ids(session) if all_new or own is not None else session)
    content = json.dumps({**data, "sessions": left}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Fitted(content, len(sessions) - len(left), len(left))


def _read(file: bytes) -> dict[str, Any]:
    try:
        data = json.loads(file)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def _sessions(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sessions of a file; none where one of them has another shape than a session's."""
    sessions: object = data.get("sessions")
    if not isinstance(sessions, list):
        return []
    found = cast("list[object]", sessions)
    records = [cast("dict[str, Any]", each) for each in found if isinstance(each, dict)]
    shaped = [each for each in records if _id_of(each)]
    return shaped if len(shaped) == len(found) else []


def _id_of(session: dict[Any, Any]) -> str:
    document: object = session.get("document")
    found = cast("dict[str, object]", document).get("id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""


def _under_new_ids(session: dict[str, Any]) -> dict[str, Any]:
    """Return a session as a copy of its own, with copies of what was generated for it."""
    name = new_id("s")
    start: object = session.get("start")
    generations: object = session.get("generations")
    return {
        **session,
        "start": {**cast("dict[str, Any]", start), "id": name} if isinstance(start, dict) else start,
        "document": {**session["document"], "id": name},
        "generations": [
            {**cast("dict[str, Any]", each), "id": new_id("gen")} if isinstance(each, dict) else each
            for each in cast("list[object]", generations)
        ]
        if isinstance(generations, list)
        else generations,
    }
