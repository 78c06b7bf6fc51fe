"""Step 7: what the person takes along, and the post as they want it. Files are rendered when they are asked for."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from proofkit_core.errors import ExportRefusedError, InputError
from proofkit_core.packet import Packet
from proofkit_core.steps.posting import DISCLOSURE_RULE, POST_CAP
from proofkit_serve.api.changing import changed_event
from proofkit_serve.api.rendering import Files, media_type_of
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.errors import EventRefusedError, SessionError
from proofkit_serve.sessions import Document, post_of
from proofkit_serve.sessions.events import Typed
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import PostChange, PostInput
from proofkit_ui.web.drafts.showing import with_draft
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, words_of
from proofkit_ui.web.saving import saved_now
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.file_names import disposition, saved_name
from proofkit_ui.web.views.packet import (
    POST_PLACE,
    PostView,
    download_names,
    downloads_view,
    packet_view,
    post_view,
    rehearsal_view,
)
from proofkit_ui.web.views.saved import SavedView
from proofkit_ui.web.views.texts import mark_of, typed_text
from proofkit_ui.web.words import Words
from proofkit_ui.web.writing import keep_typed

router = APIRouter()
_ON_POST = "#post"


@router.get("/s/{session_id}/packet")
async def read_packet(request: Request, document: Opened) -> Response:
    """Show the packet, or the button that finishes it."""
    possible = first_possible(document, Step.PACKET)
    if possible is not Step.PACKET:
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    return await _packet_page(request, document)


@router.post("/s/{session_id}/packet/post/typed")
async def keep_post_text(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Keep the post while it is typed; it goes into the packet when the person says so."""
    text = (await read_form(request)).text("post")
    await keep_typed(given, document, owner, POST_PLACE, text, _stored(document))
    return fragment(request, "answer_saved.html.j2", SavedView(time=saved_now().time))


@router.post("/s/{session_id}/packet/post/drop")
async def drop_post_text(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put away what was typed; the post stays as it is."""
    await _forget(given, document, owner)
    return go(request, f"{path_of(document.id, Step.PACKET)}{_ON_POST}")


@router.post("/s/{session_id}/packet/post/anew")
async def have_post_written(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put the person's own post away, so that finishing the packet writes a new one; it can be undone."""
    before = document.revision
    if document.own_post is None:
        return go(request, path_of(document.id, Step.PACKET))
    event = await changed_event(PostChange(post=PostInput(text="")), document, given)
    await given.store.append(document.id, owner, event)
    return go(request, f"{path_of(document.id, Step.PACKET)}?undo={before}", note="post_away")


@router.post("/s/{session_id}/packet/post")
async def change_post(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put a text in the place of the post; the packet stays finished."""
    form = await read_form(request)
    text, stored = form.text("post"), _stored(document)
    if not stored:
        return go(request, path_of(document.id, Step.PACKET), note="no_post")
    before = document.revision
    problem = _problem(form, stored, words_of(request))
    if not problem:
        try:
            event = await changed_event(PostChange(post=PostInput(text=text)), document, given)
            document = await given.store.append(document.id, owner, event)
        except (InputError, ExportRefusedError, SessionError) as error:
            problem = str(error)
    if problem:
        document = await keep_typed(given, document, owner, POST_PLACE, text, stored)
        return await _packet_page(request, document, post_view(document, edit=text, edit_error=problem))
    document = await _forget(given, document, owner)
    note = _told(document, stored)
    here = path_of(document.id, Step.PACKET)
    return go(request, f"{here}?undo={before}" if note else f"{here}{_ON_POST}", note=note)


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


async def _packet_page(request: Request, document: Document, post: PostView | None = None) -> Response:
    document, draft = await with_draft(request, document, on="packet", back=path_of(document.id, Step.PACKET))
    view = packet_view(document, draft, post)
    return page(request, "packet.html.j2", view, document=document, step=Step.PACKET)


def _problem(form: Form, stored: str, words: Words) -> str:
    """Return why a post cannot even be looked at; empty where it can."""
    length = len(form.text("post").strip())
    if form.text("seen") != mark_of(stored):  # changed in another tab since this page was made
        return words("packet.post.elsewhere")
    if not 0 < length <= POST_CAP:
        return words("packet.post.edit_length", n=length, most=POST_CAP)
    return ""


async def _forget(given: Services, document: Document, owner: str) -> Document:
    if not typed_text(document, POST_PLACE):
        return document
    return await given.store.append(document.id, owner, Typed(forgotten=(POST_PLACE,)))


def _stored(document: Document) -> str:
    post = post_of(document)
    return post.text if post else ""


def _told(document: Document, before: str) -> str:
    """Return what to tell about a post that was put in: what the rules changed in it comes first."""
    own = document.own_post
    if own is None or own.post.text == before:
        return ""
    rules = set(own.post.origin.edits)
    if rules - {DISCLOSURE_RULE}:
        return "post_adjusted"
    return "post_disclosed" if rules else "post_changed"


def _packet(document: Document) -> Packet:
    if document.packet is None:
        raise EventRefusedError("The packet is not finished yet. Finish it on the page “Your packet”.")
    return document.packet


async def _files(given: Services, packet: Packet) -> Files:
    return await given.renderer.files_of(packet, sources=False)
