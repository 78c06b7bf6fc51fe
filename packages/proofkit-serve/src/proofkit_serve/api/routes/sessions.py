"""Sessions: made, read, listed, changed, undone, deleted."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from proofkit_serve.api.answering import ETAG_HEADER, STORED, UNSAFE, WITH_BODY, documented, session_answer
from proofkit_serve.api.changing import apply, changed_event, goal_event
from proofkit_serve.api.demo_briefs import load_demos
from proofkit_serve.api.etags import IfMatch, IfNoneMatch, etag_of, is_known, require_tag
from proofkit_serve.api.examples import CHANGE_EXAMPLES, SESSION_EXAMPLE, SESSION_INPUT_EXAMPLES
from proofkit_serve.api.routes.paths import ProposalId, SessionId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.api.strict import strict_json
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.sessions import Document, SessionEvent, new_document, new_id
from proofkit_serve.sessions.events import (
    DemoImported,
    RevisionAccepted,
    RevisionRejected,
    SeedChosen,
    StartedOver,
    Undone,
)
from proofkit_serve.store.records import Deleted
from proofkit_serve.wire.answers import History, HistoryEntry, SessionList
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import DemoInput, SessionChange, SessionInput, UndoInput

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

_SESSION = {
    "description": "The session.",
    "headers": ETAG_HEADER,
    "content": {"application/json": {"example": SESSION_EXAMPLE}},
}
_FOUND = (Kind.NOT_FOUND, Kind.SESSION_NOT_FOUND, *STORED)
_CHANGED = (*_FOUND, *WITH_BODY, *UNSAFE, Kind.NOT_READY, Kind.CONFLICT, Kind.REVISION_MISMATCH)
_CHANGE_RESPONSES = {200: _SESSION, **documented(_CHANGED)}


@router.post(
    "",
    status_code=201,
    response_model=Document,
    responses={201: _SESSION, **documented(STORED, WITH_BODY, UNSAFE, Kind.INVALID_BRIEF, Kind.NOT_READY)},
)
async def create_session(
    request: Request,
    given: Given,
    owner: Owner,
    wanted: Annotated[SessionInput, Body(openapi_examples=SESSION_INPUT_EXAMPLES), strict_json(SessionInput)],
) -> Response:
    """Make a session, empty or with a goal."""
    if wanted.model and wanted.model not in given.registry.ids:
        raise _unknown_model(given.registry.ids)
    events: list[SessionEvent] = [goal_event(wanted.goal)] if wanted.goal else []
    if wanted.seed:
        events.append(SeedChosen(seed=wanted.seed))
    empty = new_document(new_id("s"), language=wanted.language, model_choice=wanted.model)
    document = await given.store.create_session(owner, empty, events)
    request.state.session_id = document.id
    return session_answer(document, 201, location=f"/v1/sessions/{document.id}")


@router.get("", responses=documented(STORED))
async def list_sessions(
    given: Given,
    owner: Owner,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many to leave out.")] = 0,
) -> SessionList:
    """List your sessions, last changed first."""
    return SessionList(sessions=await given.store.sessions_of(owner, limit=limit, offset=offset))


@router.get(
    "/{session_id}",
    response_model=Document,
    responses={
        200: _SESSION,
        304: {"description": "You have this revision."},
        **documented(_FOUND, Kind.MALFORMED_HEADER, Kind.REVISION_NOT_FOUND),
    },
)
async def read_session(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    if_none_match: IfNoneMatch = None,
    revision: Annotated[
        int | None, Query(ge=0, lt=2**31, description="As it stood at this revision; without it, as it stands.")
    ] = None,
) -> Response:
    """Read a session."""
    if revision is None:
        document = await given.store.load_session(session_id, owner)
    else:
        document = await given.store.document_at(session_id, owner, revision)
    if is_known(if_none_match, document.revision):
        return Response(status_code=304, headers={"ETag": etag_of(document.revision)})
    return session_answer(document)


@router.patch(
    "/{session_id}",
    response_model=Document,
    responses={
        200: _SESSION,
        **documented(_CHANGED, Kind.INVALID_BRIEF, Kind.EXPORT_REFUSED, Kind.REVISION_REQUIRED),
    },
)
async def change_session(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    change: Annotated[SessionChange, Body(openapi_examples=CHANGE_EXAMPLES), strict_json(SessionChange)],
    if_match: IfMatch = None,
) -> Response:
    """Change one thing: goal, model, seed, role, sample, challenge, notes, an answer, a section or the post.

    Needs `If-Match`. What is made from the thing is cleared or marked as stale; a text is never taken away.
    """
    tag = require_tag(if_match)
    document = await given.store.load_session(session_id, owner)
    event = await changed_event(change, document, given)
    return session_answer(await apply(given.store, document, owner, event, tag))


@router.delete(
    "/{session_id}",
    responses=documented(_FOUND, UNSAFE),
)
async def delete_session(request: Request, given: Given, owner: Owner, session_id: SessionId) -> Deleted:
    """Delete a session with all that was made in it, for good. What is being made for it is stopped."""
    request.state.session_id = None  # the answer holds numbers alone, and is kept where the session is not
    await given.store.load_session(session_id, owner)
    await given.jobs.stop_of(session_id)
    deleted = await given.store.delete_session(session_id, owner)
    given.renderer.forget()
    return deleted


@router.get("/{session_id}/history", responses=documented(_FOUND))
async def read_history(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    after: Annotated[int, Query(ge=0, lt=2**31, description="Only what led to higher revisions.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> History:
    """Read what happened in a session, page by page; undo can go back to any revision.

    Where there is more, `next_after` is the `after` of the next page.
    """
    found = await given.store.events(session_id, owner, after=after, limit=limit + 1)
    page = tuple(HistoryEntry(revision=e.revision, at=e.at, type=e.event.type) for e in found[:limit])
    return History(events=page, next_after=page[-1].revision if len(found) > limit else None)


@router.post(
    "/{session_id}/import-demo",
    response_model=Document,
    responses=_CHANGE_RESPONSES,
)
async def import_demo(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    wanted: Annotated[DemoInput, Body(), strict_json(DemoInput)],
    if_match: IfMatch = None,
) -> Response:
    """Put the goal of a demo in place of your own; everything that was made before is cleared."""
    demo = load_demos().get(wanted.demo)
    if demo is None:
        known = ", ".join(load_demos())
        raise ProblemError(Kind.INVALID_REQUEST, f"There is no such demo; there are {known}. Use one of these.")
    event = DemoImported(demo=demo.id, goal=demo.brief, notices=demo.notices)
    document = await given.store.load_session(session_id, owner)
    return session_answer(await apply(given.store, document, owner, event, if_match))


@router.post("/{session_id}/reset", response_model=Document, responses=_CHANGE_RESPONSES)
async def reset_session(given: Given, owner: Owner, session_id: SessionId, if_match: IfMatch = None) -> Response:
    """Start over: everything is cleared, save the choice of model and the language. It can be undone."""
    document = await given.store.load_session(session_id, owner)
    return session_answer(await apply(given.store, document, owner, StartedOver(), if_match))


@router.post(
    "/{session_id}/undo",
    response_model=Document,
    responses={**_CHANGE_RESPONSES, **documented(_CHANGED, Kind.REVISION_NOT_FOUND)},
)
async def undo(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    wanted: Annotated[UndoInput, Body(), strict_json(UndoInput)],
    if_match: IfMatch = None,
) -> Response:
    """Go back to an earlier revision. That is a revision of its own, so it can be undone too."""
    document = await given.store.load_session(session_id, owner)
    event = Undone(to_revision=wanted.to_revision)
    return session_answer(await apply(given.store, document, owner, event, if_match))


@router.post("/{session_id}/proposals/{proposal_id}/accept", response_model=Document, responses=_CHANGE_RESPONSES)
async def accept_proposal(
    given: Given, owner: Owner, session_id: SessionId, proposal_id: ProposalId, if_match: IfMatch = None
) -> Response:
    """Put a proposed text in the place of the section's."""
    document = await given.store.load_session(session_id, owner)
    event = RevisionAccepted(proposal_id=proposal_id)
    return session_answer(await apply(given.store, document, owner, event, if_match))


@router.post("/{session_id}/proposals/{proposal_id}/reject", response_model=Document, responses=_CHANGE_RESPONSES)
async def reject_proposal(
    given: Given, owner: Owner, session_id: SessionId, proposal_id: ProposalId, if_match: IfMatch = None
) -> Response:
    """Put a proposed text away."""
    document = await given.store.load_session(session_id, owner)
    event = RevisionRejected(proposal_id=proposal_id)
    return session_answer(await apply(given.store, document, owner, event, if_match))


def _unknown_model(known: tuple[str, ...]) -> EventRefusedError:
    return EventRefusedError(f"There is no such model here; there are {', '.join(known)}. Use one of these.")
