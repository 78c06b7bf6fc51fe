"""Drafts: started, stopped, followed."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from proofkit_serve.api.routes.paths import GenerationId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.api.streaming import STREAM_HEADERS, STREAM_TYPE
from proofkit_serve.sessions import Document
from proofkit_serve.store.records import Generation, GenerationStatus
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import GenerationInput, PacketJob, RevisionJob, RevisionsJob, SectionJob, SectionsJob
from proofkit_ui.web.drafts.asking import asked_for, local_path
from proofkit_ui.web.drafts.showing import hosted_models, progress_of, read_wanted
from proofkit_ui.web.drafts.starting import started
from proofkit_ui.web.drafts.streaming import DraftStream
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go
from proofkit_ui.web.steps import Step, path_of
from proofkit_ui.web.views.drafting import asked_of
from proofkit_ui.web.visitors import token_of

router = APIRouter(include_in_schema=False)
_LAST = r"^[0-9]{1,9}$"
_STEPS = frozenset(Step)
"""Pages that stand under their own name; a section's page stands below the builder."""


@router.post("/s/{session_id}/drafts")
async def start_draft(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Start what a form asks for."""
    form = await read_form(request)
    wanted = await _wanted(form, document, given, owner)
    back = local_path(form.text("back"), _page_of(document, wanted))
    draft = await started(given, document, owner, wanted, token=token_of(request))
    return go(request, f"{_bare(back)}?draft={draft}#draft")


@router.post("/s/{session_id}/drafts/{generation_id}/cancel")
async def cancel_draft(
    request: Request, document: Opened, given: Given, owner: Owner, generation_id: GenerationId
) -> Response:
    """Stop a draft; what was finished before is kept."""
    form = await read_form(request)
    generation = _of_session(await given.jobs.cancel(generation_id, owner), document)
    back = local_path(form.text("back"), path_of(document.id, Step.BUILDER))
    return go(request, f"{_bare(back)}?draft={generation.id}#draft")


@router.get("/s/{session_id}/drafts/{generation_id}/events")
async def follow_draft(  # noqa: PLR0913, PLR0917 - what the address says, each under its name
    request: Request,
    document: Opened,
    given: Given,
    owner: Owner,
    generation_id: GenerationId,
    after: Annotated[int, Query(ge=0, lt=10**9)] = 0,
    on: Annotated[str, Query(pattern=r"^[a-z]{0,20}$")] = "",
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", pattern=_LAST)] = None,
) -> Response:
    """Follow a draft: what happened since the last message, then what happens, until its end.

    Where nothing is left to tell, the answer is 204, at which a browser asks no more.
    """
    seen = int(last_event_id) if last_event_id else after
    generation = _of_session(await given.jobs.generation(generation_id, owner), document)
    events = await given.jobs.events(generation_id, owner, 0)
    if generation.status.ended and all(event.seq <= seen for event in events):
        return Response(status_code=204)
    hosted = hosted_models(given.registry)
    wanted = read_wanted(generation)
    stream = DraftStream(
        request.app.state.templates,
        progress_of(generation, events, document, hosted, after=seen),
        asked_of(wanted),
        generation_id=generation_id,
        session_id=document.id,
        on=on,
        back=path_of(document.id, Step(on)) if on in _STEPS else _page_of(document, wanted),
        hosted=hosted,
    )
    follow = given.jobs.follow(generation_id, owner, seen)
    return StreamingResponse(stream.frames(follow), headers=STREAM_HEADERS, media_type=STREAM_TYPE)


async def _wanted(form: Form, document: Document, given: Given, owner: Owner) -> GenerationInput:
    again = form.text("again")
    if not again:
        return asked_for(form)
    before = await given.jobs.generation(again, owner)
    wanted = read_wanted(_of_session(before, document))
    if isinstance(wanted, SectionsJob | PacketJob) and before.status is GenerationStatus.DONE:
        return wanted.model_copy(update={"fallbacks": True})  # all is there: what is left is what no model wrote
    return wanted


def _of_session(generation: Generation, document: Document) -> Generation:
    if generation.session_id != document.id:
        raise ProblemError(Kind.GENERATION_NOT_FOUND, "There is no such draft here.")
    return generation


def _page_of(document: Document, wanted: GenerationInput) -> str:
    match wanted:
        case SectionJob(section=section):
            return f"{path_of(document.id, Step.BUILDER)}/{section}"
        case RevisionJob() | RevisionsJob():
            return path_of(document.id, Step.SAMPLE)
        case _:
            return path_of(document.id, Step.BUILDER)


def _bare(path: str) -> str:
    return path.partition("#")[0].partition("?")[0]
