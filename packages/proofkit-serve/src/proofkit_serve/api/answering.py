"""How answers are written, and documented: the problems of an address, and sessions with their entity tag."""

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from proofkit_serve.api.etags import etag_of
from proofkit_serve.api.problems import MEDIA_TYPE
from proofkit_serve.sessions import Document, document_json
from proofkit_serve.store.records import Generation
from proofkit_serve.wire.answers import GenerationView
from proofkit_serve.wire.events import GenerationOutcome
from proofkit_serve.wire.kinds import TABLE, Kind
from proofkit_serve.wire.problem import PROBLEM_TYPE

EVERYWHERE = (Kind.UNAUTHORIZED, Kind.FOREIGN_PAGE, Kind.INVALID_REQUEST, Kind.RATE_LIMITED, Kind.INTERNAL)
STORED = (Kind.STORE_UNAVAILABLE, Kind.STORE_FULL)
WITH_BODY = (Kind.MALFORMED_JSON, Kind.REQUEST_TIMEOUT, Kind.TOO_LARGE, Kind.UNSUPPORTED_TYPE)
UNSAFE = (Kind.MALFORMED_HEADER, Kind.IDEMPOTENCY_IN_PROGRESS, Kind.IDEMPOTENCY_MISMATCH)


def documented(*kinds: Kind | Iterable[Kind]) -> dict[int | str, dict[str, Any]]:
    """Return the problems of an address, as the framework documents them.

    Args:
        *kinds: Kinds of problems; those that every address can answer with are added.
    """
    wanted: list[Kind] = list(EVERYWHERE)
    for kind in kinds:
        wanted.extend([kind] if isinstance(kind, Kind) else kind)
    by_status: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys(wanted):
        by_status.setdefault(TABLE[kind].status, []).append(kind)
    return {status: _documented(found) for status, found in sorted(by_status.items())}


def _documented(kinds: list[Kind]) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {kind.value: {"$ref": f"#/components/examples/{kind.value}"} for kind in kinds},
    }
    return {"description": "; ".join(TABLE[kind].title for kind in kinds), "content": {MEDIA_TYPE: content}}


def problem_examples() -> dict[str, Any]:
    """Return an example of each problem, for the answers to refer to."""
    return {
        kind.value: {
            "summary": entry.title,
            "value": {
                "type": f"{PROBLEM_TYPE}{kind}",
                "title": entry.title,
                "status": entry.status,
                "detail": "What was got, what was expected and what to do next.",
                "instance": "urn:proofkit:request:0f8c6f1d2b7e4a51",
            },
        }
        for kind, entry in TABLE.items()
    }


ETAG_HEADER = {"ETag": {"description": "The session's revision.", "schema": {"type": "string"}, "example": '"4"'}}


def session_answer(document: Document, status: int = 200, *, location: str = "") -> Response:
    """Return a session as an answer.

    Args:
        document: The session.
        status: The answer's status.
        location: Where a new session is found.
    """
    headers = {"ETag": etag_of(document.revision)} | ({"Location": location} if location else {})
    return Response(document_json(document), status_code=status, headers=headers, media_type="application/json")


def generation_view(generation: Generation) -> GenerationView:
    """Return a generation as it is answered."""
    kept = generation.result_json
    url = f"/v1/generations/{generation.id}"
    return GenerationView(
        id=generation.id,
        session_id=generation.session_id,
        kind=generation.kind,
        status=generation.status,
        created_at=generation.created_at,
        updated_at=generation.updated_at,
        url=url,
        events_url=f"{url}/events",
        outcome=GenerationOutcome.model_validate_json(kept) if kept else None,
    )
