"""The start: go on with what is there, begin anew, or try an example."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_serve.api.demo_briefs import load_demos
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.sessions import Document, new_document, new_id
from proofkit_serve.sessions.events import DemoImported
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go, page, words_of
from proofkit_ui.web.steps import Step, last_reached, path_of
from proofkit_ui.web.views.goal import one_demo
from proofkit_ui.web.views.start import start_view

router = APIRouter(include_in_schema=False)
_SHOWN = 50


@router.get("/")
async def read_start(request: Request, given: Given, owner: Owner) -> Response:
    """Show what was begun, and how to begin."""
    sessions = await given.store.sessions_of(owner, limit=_SHOWN)
    words = words_of(request)
    demos = tuple(one_demo(demo, words) for demo in load_demos().values())
    return page(request, "start.html.j2", start_view(sessions, demos))


@router.post("/start")
async def begin(request: Request, given: Given, owner: Owner) -> Response:
    """Begin something new, empty or with an example."""
    form = await read_form(request)
    wanted = form.text("demo")
    demo = load_demos().get(wanted)
    if wanted and demo is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no such example.")
    document = await _empty(request, given, owner)
    if demo is not None:
        event = DemoImported(demo=demo.id, goal=demo.brief, notices=demo.notices)
        await given.store.append(document.id, owner, event)
    return go(request, path_of(document.id, Step.GOAL))


@router.get("/s/{session_id}")
async def read_session(request: Request, document: Opened) -> Response:
    """Go to where the person was."""
    return go(request, path_of(document.id, last_reached(document)))


async def _empty(request: Request, given: Services, owner: str) -> Document:
    """Return a session with nothing in it; one that was begun before and left empty is taken again."""
    newest = await given.store.sessions_of(owner, limit=1)
    if newest and newest[0].revision == 0:
        return await given.store.load_session(newest[0].id, owner)
    document = await given.store.create_session(owner, new_document(new_id("s")))
    request.state.session_id = document.id
    return document
