"""Starting over and importing a demo: both are asked about, clear what was made, and can be undone."""

import re
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_serve.api.changing import apply
from proofkit_serve.api.demo_briefs import Demo, load_demos
from proofkit_serve.api.services import Given, Services
from proofkit_serve.sessions import Document, SessionEvent
from proofkit_serve.sessions.events import DemoImported, StartedOver, Undone
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_ui.web.drafts.asking import local_path
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go, page
from proofkit_ui.web.steps import Step, path_of
from proofkit_ui.web.views.clearing import clearing_view, holds_work

router = APIRouter()

_NUMBER = re.compile(r"[0-9]{1,9}")


@router.get("/s/{session_id}/start-over")
async def ask_start_over(request: Request, document: Opened) -> Response:
    """Ask before everything is cleared."""
    back = _back(request.query_params.get("back", ""), document)
    return page(request, "clearing.html.j2", clearing_view(document, back_url=back), document=document)


@router.post("/s/{session_id}/start-over")
async def start_over(request: Request, given: Given, document: Opened) -> Response:
    """Clear everything, save the choice of model and the language."""
    form = await read_form(request)
    back = _back(form.text("back"), document)
    if not holds_work(document):
        return go(request, path_of(document.id, Step.GOAL))
    if form.text("sure") != str(document.revision):
        view = clearing_view(document, back_url=back, has_changed=form.has("sure"))
        return page(request, "clearing.html.j2", view, document=document)
    return await _cleared(request, given, document, StartedOver(), note="started_over")


@router.get("/s/{session_id}/demo/{demo_id}")
async def ask_demo(request: Request, document: Opened, demo_id: str) -> Response:
    """Ask before an example takes the place of the person's own."""
    demo = _demo(demo_id)
    back = _back(request.query_params.get("back", ""), document)
    view = clearing_view(document, back_url=back, demo=demo.id, demo_role=demo.brief.target_role)
    return page(request, "clearing.html.j2", view, document=document)


@router.post("/s/{session_id}/demo")
async def import_demo(request: Request, given: Given, document: Opened) -> Response:
    """Put an example in place; where there is something to lose, only after having asked."""
    form = await read_form(request)
    demo = _demo(form.text("demo"))
    if holds_work(document) and form.text("sure") != str(document.revision):
        back = _back(form.text("back"), document)
        view = clearing_view(
            document, back_url=back, demo=demo.id, demo_role=demo.brief.target_role, has_changed=form.has("sure")
        )
        return page(request, "clearing.html.j2", view, document=document)
    event = DemoImported(demo=demo.id, goal=demo.brief, notices=demo.notices)
    return await _cleared(request, given, document, event, note="demo_imported")


@router.post("/s/{session_id}/undo")
async def undo(request: Request, given: Given, document: Opened) -> Response:
    """Go back to an earlier revision. That is a revision of its own, so it can be undone too."""
    form = await read_form(request)
    wanted = form.text("to")
    if not (_NUMBER.fullmatch(wanted) and int(wanted) <= document.revision):
        raise ProblemError(Kind.REVISION_NOT_FOUND, "There is no such revision to go back to. Nothing was changed.")
    await given.jobs.stop_of(document.id)
    await apply(given.store, document, request.state.owner, Undone(to_revision=int(wanted)), None)
    back = _back(form.text("back"), document)
    return go(request, _with_undo(back, document.revision), note="undone")


async def _cleared(
    request: Request, given: Services, document: Document, event: SessionEvent, *, note: str
) -> Response:
    """Add an event that clears; what is being written would have no place any more, so it is stopped."""
    await given.jobs.stop_of(document.id)
    # What was finished between the question and here is one revision more, and is kept by the undo.
    now = await given.store.load_session(document.id, request.state.owner)
    await apply(given.store, now, request.state.owner, event, None)
    return go(request, _with_undo(path_of(document.id, Step.GOAL), now.revision), note=note)


def _demo(demo_id: str) -> Demo:
    demo = load_demos().get(demo_id)
    if demo is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no such example.")
    return demo


def _with_undo(path: str, revision: int) -> str:
    return f"{path}?{urlencode({'undo': revision})}"


def _back(wanted: str, document: Document) -> str:
    """Return the page that was asked from, without its query; the goal where none was named."""
    return local_path(wanted, path_of(document.id, Step.GOAL)).partition("#")[0].partition("?")[0]
