"""Generations: asked for, followed, cancelled."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from proofkit_serve.api.answering import STORED, UNSAFE, WITH_BODY, documented, generation_view
from proofkit_serve.api.examples import GENERATION_EXAMPLES, GENERATION_LIST_EXAMPLES, STREAM_EXAMPLE
from proofkit_serve.api.model_token import ModelToken, secret
from proofkit_serve.api.routes.paths import AfterGeneration, GenerationId, SessionId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.api.streaming import (
    STREAM_HEADERS,
    STREAM_TYPE,
    AttachedStream,
    documented_stream,
    event_list,
    streamed,
    wants_stream,
)
from proofkit_serve.api.strict import strict_json
from proofkit_serve.api.submitting import submit
from proofkit_serve.wire.answers import EventList, GenerationList, GenerationView
from proofkit_serve.wire.kinds import Kind
from proofkit_serve.wire.requests import GenerationInput

router = APIRouter(prefix="/v1", tags=["generations"])

_BUSY = (Kind.SESSION_BUSY, Kind.TOKENS_SPENT, Kind.BUSY, Kind.STOPPING)
_STREAM = documented_stream("The events as they come, where `Accept` is `text/event-stream`.", STREAM_EXAMPLE)
_FOUND = (Kind.NOT_FOUND, Kind.GENERATION_NOT_FOUND, *STORED)
_LAST = r"^[0-9]{1,9}$"


@router.post(
    "/sessions/{session_id}/generations",
    status_code=202,
    response_model=GenerationView,
    responses={
        200: _STREAM,
        202: {"description": "The generation was taken; follow its events, or read it until it has ended."},
        **documented(STORED, WITH_BODY, UNSAFE, _BUSY, Kind.NOT_FOUND, Kind.SESSION_NOT_FOUND, Kind.NOT_READY),
    },
)
async def create_generation(
    request: Request,
    given: Given,
    owner: Owner,
    session_id: SessionId,
    wanted: Annotated[GenerationInput, Body(openapi_examples=GENERATION_EXAMPLES), strict_json(GenerationInput)],
    model_token: ModelToken = None,
) -> Response:
    """Have something made: the role, the exercise, sections, a revision, what travels, or the whole packet.

    With `Accept: text/event-stream` the events come as they happen, and the work stops when you hang up. Otherwise the
    answer is 202 with the address of a generation that goes on without you.
    """
    document = await given.store.load_session(session_id, owner)
    job = await submit(given, document, owner, wanted, token=secret(model_token))
    view = generation_view(await given.jobs.generation(job.id, owner)).model_dump_json()
    headers = {"Location": f"/v1/generations/{job.id}"}
    if not wants_stream(request):
        return Response(view, status_code=202, headers=headers, media_type="application/json")
    request.state.instead_of_stream = (202, {"content-type": "application/json", **headers}, view.encode())
    events = streamed(given.jobs.follow(job.id, owner, 0))
    return AttachedStream(events, headers=headers, on_gone=lambda: given.jobs.abandon(job.id))


@router.get(
    "/sessions/{session_id}/generations",
    responses={
        200: {
            "description": "A page of the session's generations.",
            "content": {"application/json": {"examples": GENERATION_LIST_EXAMPLES}},
        },
        **documented(STORED, Kind.NOT_FOUND, Kind.SESSION_NOT_FOUND, Kind.GENERATION_NOT_FOUND),
    },
)
async def list_generations(
    given: Given,
    owner: Owner,
    session_id: SessionId,
    after: AfterGeneration = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> GenerationList:
    """List a session's generations, oldest first, page by page.

    Where there is more, `next_after` is the `after` of the next page.
    """
    found = await given.store.generations_of(session_id, owner, after=after or "", limit=limit + 1)
    page = tuple(generation_view(each) for each in found[:limit])
    return GenerationList(generations=page, next_after=page[-1].id if len(found) > limit else None)


@router.get("/generations/{generation_id}", responses=documented(_FOUND))
async def read_generation(given: Given, owner: Owner, generation_id: GenerationId) -> GenerationView:
    """Read how far a generation is, and what came of it."""
    return generation_view(await given.jobs.generation(generation_id, owner))


@router.get(
    "/generations/{generation_id}/events",
    response_model=EventList,
    responses={200: _STREAM, **documented(_FOUND, Kind.MALFORMED_HEADER)},
)
async def read_events(
    request: Request,
    given: Given,
    owner: Owner,
    generation_id: GenerationId,
    after: Annotated[int, Query(ge=0, lt=10**9, description="Number of the last event that you have.")] = 0,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", pattern=_LAST, description="The same, as browsers send it; it wins.")
    ] = None,
) -> Response:
    """Follow a generation: first what happened already, then what happens, until its `done`.

    With `Accept: application/json` you get the events so far, at once.
    """
    seen = int(last_event_id) if last_event_id else after
    generation = await given.jobs.generation(generation_id, owner)
    if not wants_stream(request, default=True):
        events = await given.jobs.events(generation_id, owner, seen)
        listed = event_list(events, ended=generation.status.ended)
        return Response(listed.model_dump_json(), media_type="application/json")
    events = given.jobs.follow(generation_id, owner, seen)
    return StreamingResponse(streamed(events), headers=STREAM_HEADERS, media_type=STREAM_TYPE)


@router.delete("/generations/{generation_id}", responses=documented(_FOUND, UNSAFE))
async def cancel_generation(
    request: Request, given: Given, owner: Owner, generation_id: GenerationId
) -> GenerationView:
    """Stop a generation. What it finished before is kept; one that has ended stays as it ended."""
    generation = await given.jobs.cancel(generation_id, owner)
    request.state.session_id = generation.session_id
    return generation_view(generation)
