"""All of a person's data: saved as one file, brought back, deleted."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.errors import PersonFileClashError, PersonFileError
from proofkit_serve.sessions import Document
from proofkit_serve.store.records import Counted
from proofkit_serve.wire.restoring import require_readable
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go, page, words_of
from proofkit_ui.web.restoring import fitted, session_ids
from proofkit_ui.web.views.own_data import DataView, DeletingView, SessionLine, data_view, line_of
from proofkit_ui.web.visitors import COOKIE

router = APIRouter()

_MOST = 200
"""Work samples that the page lists."""
_ALL = 100_000
BACKUP_NAME = "proofkit-backup.json"


@router.get("/data")
async def read_data(request: Request, given: Given, owner: Owner) -> Response:
    """Show what there is, and what can be done with it."""
    return _shown(request, data_view(await given.store.sessions_of(owner, limit=_MOST)))


@router.get("/data/backup")
async def download_backup(given: Given, owner: Owner) -> Response:
    """Hand out all of the person's data as one file, as it stands at one moment."""
    pieces = given.store.export_person(owner)
    first = await anext(pieces)  # a store that is away is told before the answer has begun
    headers = {"Content-Disposition": f'attachment; filename="{BACKUP_NAME}"'}
    return StreamingResponse(_all(first, pieces), headers=headers, media_type="application/json")


@router.post("/data/restore")
async def restore_backup(request: Request, given: Given, owner: Owner) -> Response:
    """Bring back what a file holds: all of it, or nothing. What is here already stays as it is."""
    form = await read_form(request)
    file = await form.file("backup")
    if not file:
        return await _refused(request, given, owner, words_of(request)("data.restored.no_file"))
    try:
        restored, left_out = await _restored(given, owner, file)
    except PersonFileError as error:
        return await _refused(request, given, owner, str(error))
    view = data_view(await given.store.sessions_of(owner, limit=_MOST))
    return _shown(request, view.model_copy(update={"restored": restored, "already_here": left_out}))


@router.get("/data/delete")
async def ask_delete_all(request: Request, given: Given, owner: Owner) -> Response:
    """Ask before everything is deleted."""
    sessions = await given.store.sessions_of(owner, limit=_MOST)
    return page(request, "deleting.html.j2", DeletingView(count=len(sessions), action="/data/delete"))


@router.post("/data/delete")
async def delete_all(request: Request, given: Given, owner: Owner) -> Response:
    """Delete everything for good. What is being made is stopped, and the browser is no longer known."""
    form = await read_form(request)
    if form.text("sure") != "yes":
        return go(request, "/data/delete")
    await given.jobs.stop_all_of(owner)
    await given.audit.forget(owner)
    deleted = await given.store.delete_person(owner)
    given.renderer.forget()
    answer = _shown(request, DataView(sessions=(), deleted=deleted.counted, is_swept=deleted.swept))
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


@router.get("/data/sessions/{session_id}/delete")
async def ask_delete_one(request: Request, given: Given, owner: Owner, document: Opened) -> Response:
    """Ask before one work sample is deleted."""
    line = await _line(given, owner, document)
    return page(request, "deleting.html.j2", DeletingView(session=line, count=1, action=line.delete_url))


@router.post("/data/sessions/{session_id}/delete")
async def delete_one(request: Request, given: Given, owner: Owner, document: Opened) -> Response:
    """Delete one work sample for good. What is being made for it is stopped."""
    request.state.session_id = None
    form = await read_form(request)
    if form.text("sure") != "yes":
        return go(request, f"/data/sessions/{document.id}/delete")
    await given.jobs.stop_of(document.id)
    await given.store.delete_session(document.id, owner)
    given.renderer.forget()
    return go(request, "/data", note="deleted_one")


async def _restored(given: Services, owner: str, file: bytes) -> tuple[Counted, int]:
    """Bring a file back; where its ids are taken, as copies."""
    own = await _own(given, owner, await asyncio.to_thread(session_ids, file))
    for all_new in (False, True):
        fresh = await asyncio.to_thread(fitted, file, own, all_new=all_new)
        if fresh.left_out and not fresh.left:
            return Counted(sessions=0, events=0, generations=0), fresh.left_out
        try:
            return await given.store.restore_person(owner, fresh.file, check=require_readable), fresh.left_out
        except PersonFileClashError:
            if all_new:
                raise
    raise PersonFileError("The backup could not be brought back. Nothing was restored; use another copy of the file.")


async def _own(given: Services, owner: str, ids: tuple[str, ...]) -> dict[str, Document]:
    """Return the person's own sessions among some ids."""
    own = {each.id for each in await given.store.sessions_of(owner, limit=_ALL)}
    return {name: await given.store.load_session(name, owner) for name in ids if name in own}


async def _line(given: Services, owner: str, document: Document) -> SessionLine:
    sessions = await given.store.sessions_of(owner, limit=_ALL)
    return next(line_of(each) for each in sessions if each.id == document.id)


async def _refused(request: Request, given: Services, owner: str, problem: str) -> Response:
    view = data_view(await given.store.sessions_of(owner, limit=_MOST))
    return _shown(request, view.model_copy(update={"problem": problem}), status=422)


def _shown(request: Request, view: DataView, *, status: int = 200) -> Response:
    return page(request, "data.html.j2", view, status=status)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
