"""Step 7: what the person takes along. Files are rendered in this process, and only when they are asked for."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from proofkit_core.errors import ExportRefusedError
from proofkit_core.packet import Packet
from proofkit_serve.api.rendering import Files, media_type_of
from proofkit_serve.api.services import Given, Services
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.sessions import Document
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_ui.web.drafts.showing import with_draft
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.file_names import disposition, saved_name
from proofkit_ui.web.views.packet import download_names, downloads_view, packet_view, rehearsal_view

router = APIRouter()


@router.get("/s/{session_id}/packet")
async def read_packet(request: Request, document: Opened) -> Response:
    """Show the packet, or the button that finishes it."""
    possible = first_possible(document, Step.PACKET)
    if possible is not Step.PACKET:
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    document, draft = await with_draft(request, document, on="packet", back=path_of(document.id, Step.PACKET))
    return page(request, "packet.html.j2", packet_view(document, draft), document=document, step=Step.PACKET)


@router.get("/s/{session_id}/packet/rehearsal/{number}")
async def read_rehearsal(request: Request, document: Opened, number: Annotated[int, Path(ge=1, le=1000)]) -> Response:
    """Show one question to rehearse."""
    if document.packet is None:
        return go(request, path_of(document.id, Step.PACKET))
    view = rehearsal_view(document, document.packet, number)
    if view is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no question of that number.")
    return page(request, "rehearsal.html.j2", view, document=document, step=Step.PACKET)


@router.get("/s/{session_id}/packet/files")
async def read_files(request: Request, given: Given, document: Opened) -> Response:
    """Show the files with their sizes, after having looked whether they may leave."""
    if document.packet is None:
        return go(request, path_of(document.id, Step.PACKET))
    packet = document.packet
    try:
        files = await given.renderer.files_of(packet, sources=False)
    except ExportRefusedError as error:
        view = downloads_view(document.id, packet, refused=str(error))
    else:
        view = downloads_view(document.id, packet, files)
    return fragment(request, "downloads.html.j2", view)


@router.get("/s/{session_id}/packet/files/{name}")
async def download_file(
    given: Given, document: Opened, name: Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,60}$")]
) -> Response:
    """Hand out one file, or all of them as a zip."""
    if name not in download_names():
        raise ProblemError(Kind.NOT_FOUND, "The packet has no such file.")
    packet = _packet(document)
    files = await _files(given, packet)
    headers = {"Content-Disposition": disposition(saved_name(packet, name))}
    return Response(files.files[name], media_type=media_type_of(name), headers=headers)


def _packet(document: Document) -> Packet:
    if document.packet is None:
        raise EventRefusedError("The packet is not finished yet. Finish it on the page “Your packet”.")
    return document.packet


async def _files(given: Services, packet: Packet) -> Files:
    return await given.renderer.files_of(packet, sources=False)
