"""Exports: the files of a finished packet."""

import hashlib
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from proofkit_serve.api.answering import STORED, documented
from proofkit_serve.api.rendering import MEDIA_TYPES, ZIP_FILE, Files, media_type_of
from proofkit_serve.api.routes.paths import SessionId
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.wire.answers import ExportFile, ExportList
from proofkit_serve.wire.kinds import Kind, ProblemError

router = APIRouter(prefix="/v1/sessions/{session_id}/exports", tags=["exports"])

_PIECE = 65_536
_FOUND = (Kind.NOT_FOUND, Kind.SESSION_NOT_FOUND, Kind.NOT_READY, Kind.EXPORT_REFUSED, *STORED)
_FILE = {
    "description": "The file.",
    "content": {
        kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for kind in dict.fromkeys(MEDIA_TYPES.values())
        if not kind.startswith("application/json")
    }
    | {"application/json": {"schema": {"type": "object"}}},
}
Sources = Annotated[bool, Query(description="Add to `work-sample.md` where each statement comes from.")]


@router.get("", responses=documented(_FOUND))
async def list_exports(given: Given, owner: Owner, session_id: SessionId, *, sources: Sources = False) -> ExportList:
    """List the files of the packet; each was read back and holds its disclosure."""
    rendered = await _files(given, owner, session_id, sources=sources)
    base = f"/v1/sessions/{session_id}/exports"
    query = "?sources=true" if sources else ""
    files = tuple(
        ExportFile(
            name=name,
            media_type=media_type_of(name),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            url=f"{base}/{name}{query}",
        )
        for name, data in rendered.files.items()
    )
    return ExportList(files=files, notices=rendered.notices)


@router.get("/{name}", response_class=Response, responses={200: _FILE, **documented(_FOUND)})
async def read_export(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    name: Annotated[
        str,
        Path(
            pattern=r"^[a-z0-9.-]{1,60}$",
            description=f"The file's name, or `{ZIP_FILE}` for all.",
            examples=["work-sample.pdf"],
        ),
    ],
    *,
    sources: Sources = False,
) -> Response:
    """Download one file of the packet, or all of them as a zip."""
    rendered = await _files(given, owner, session_id, sources=sources)
    data = rendered.files.get(name)
    if data is None:
        raise ProblemError(Kind.NOT_FOUND, f"The packet has no such file; it has {', '.join(rendered.files)}.")
    saved_as = rendered.zip_name if name == ZIP_FILE else name
    headers = {
        # Whatever it is, a browser saves it: a page of a packet must not run beside the API.
        "Content-Disposition": f'attachment; filename="{saved_as}"',
        "Content-Length": str(len(data)),
        "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"',
    }
    return StreamingResponse(_pieces(data), headers=headers, media_type=media_type_of(name))


async def _files(given: Services, owner: str, session_id: str, *, sources: bool) -> Files:
    document = await given.store.load_session(session_id, owner)
    if document.packet is None:
        raise EventRefusedError("The session has no finished packet. Have one made: a generation of the kind `packet`.")
    return await given.renderer.files_of(document.packet, sources=sources)


def _pieces(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        yield bytes(view[start : start + _PIECE])
