"""All of a person's data: exported, restored, deleted."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from proofkit_serve.api.answering import STORED, UNSAFE, WITH_BODY, documented
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.store.records import Counted, Deleted
from proofkit_serve.wire.answers import Me
from proofkit_serve.wire.kinds import Kind
from proofkit_serve.wire.restoring import require_readable

router = APIRouter(prefix="/v1/me", tags=["me"])

_ANY_JSON: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
_FILE = {"description": "One JSON file with all of your data.", "content": _ANY_JSON}
_FILE_BODY = {"requestBody": {"required": True, "description": "What `GET /v1/me/export` gave.", "content": _ANY_JSON}}


@router.get("", responses=documented())
async def read_me(owner: Owner) -> Me:
    """Read whose data you see."""
    return Me(owner=owner)


@router.get("/export", response_class=Response, responses={200: _FILE, **documented(STORED)})
async def export_me(given: Given, owner: Owner) -> Response:
    """Download all of your data as one file, as it stands at one moment."""
    headers = {"Content-Disposition": 'attachment; filename="proofkit-export.json"'}
    pieces = given.store.export_person(owner)
    first = await anext(pieces)  # a store that is away is told as a problem, before the answer has begun
    return StreamingResponse(_all(first, pieces), headers=headers, media_type="application/json")


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


@router.post(
    "/restore",
    openapi_extra=_FILE_BODY,
    responses=documented(STORED, UNSAFE, WITH_BODY, Kind.UNREADABLE_FILE),
)
async def restore_me(request: Request, given: Given, owner: Owner) -> Counted:
    """Bring back what was exported: all of it, or nothing."""
    return await given.store.restore_person(owner, await request.body(), check=require_readable)


@router.delete("", responses=documented(STORED, UNSAFE))
async def delete_me(given: Given, owner: Owner) -> Deleted:
    """Delete all of your data, for good. What is being made for you is stopped."""
    await given.jobs.stop_all_of(owner)
    await given.audit.forget(owner)
    deleted = await given.store.delete_person(owner)
    given.renderer.forget()
    return deleted
