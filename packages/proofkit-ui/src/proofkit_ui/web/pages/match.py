"""Step 2, your match: the role that was found, others to choose, and the type of work sample to make."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.match import match_role, role_query
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.samples.catalog import load_sample_types
from proofkit_serve.api.changing import changed_event
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.sessions import Document, StoredRole, brief_of, role_basis
from proofkit_serve.sessions.events import RoleFound, SampleChosen, SessionEvent
from proofkit_serve.wire.requests import ExerciseJob, RoleChange, RoleJob
from proofkit_ui.web.awaiting import made_soon
from proofkit_ui.web.drafts.showing import with_draft
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import go, page, words_of
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.match import Pending, match_view
from proofkit_ui.web.visitors import token_of

router = APIRouter(include_in_schema=False)


@router.get("/s/{session_id}/match")
async def read_match(request: Request, document: Opened) -> Response:
    """Show what was found."""
    possible = first_possible(document, Step.MATCH)
    if possible is not Step.MATCH:
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    return await _page(request, document)


@router.post("/s/{session_id}/match")
async def choose_sample(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Take the type of work sample and go on to the challenge."""
    form = await read_form(request)
    wanted = form.text("sample")
    types = {each.id: each.title for each in load_sample_types()}
    current = document.exercise.sample.id if document.exercise else ""
    if wanted in types and wanted != current:
        if document.sections and not form.has("sure"):
            pending = Pending(
                action="match", name="sample", value=wanted, title=types[wanted], sections=len(document.sections)
            )
            return await _page(request, document, pending=pending)
        return await _after(request, document, given, owner, SampleChosen(sample=wanted), Step.CHALLENGE)
    if document.exercise is None:
        document = await made_soon(given, document, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    return go(request, path_of(document.id, Step.CHALLENGE if document.exercise else Step.MATCH))


@router.post("/s/{session_id}/match/role")
async def choose_other_role(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Take another role than the one that was found."""
    form = await read_form(request)
    event = await changed_event(RoleChange(role=form.text("role") or "-"), document, given)
    if document.sections and not form.has("sure"):
        title = next(each.role.title for each in load_catalogue() if each.role.id == form.text("role"))
        pending = Pending(
            action="match/role", name="role", value=form.text("role"), title=title, sections=len(document.sections)
        )
        return await _page(request, document, pending=pending)
    return await _after(request, document, given, owner, event, Step.MATCH)


@router.post("/s/{session_id}/match/again")
async def find_again(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Look for the role once more, with the model's help where the catalogue lacks it."""
    form = await read_form(request)
    if document.sections and not form.has("sure"):
        return await _page(request, document, pending=_again(document, form))
    if document.role is not None:
        document = await made_soon(given, document, owner, RoleJob(kind="role"), token=token_of(request))
    document = await made_soon(given, document, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    return go(request, path_of(document.id, Step.MATCH))


@router.post("/s/{session_id}/match/plain")
async def find_plainly(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Stop waiting for a model, and describe the role from the person's own words."""
    await given.jobs.stop_of(document.id)
    document = await given.store.load_session(document.id, owner)
    if document.role is None:
        chosen = await asyncio.to_thread(choose_role, brief_of(document), given.workshop.index)
        role = StoredRole(entry=chosen.entry, choice=chosen.choice)
        document = await given.store.append(document.id, owner, RoleFound(role=role, basis=role_basis(document)))
    if document.exercise is None:
        document = await made_soon(given, document, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    return go(request, path_of(document.id, Step.MATCH))


async def _after(
    request: Request, document: Document, given: Services, owner: str, event: SessionEvent, step: Step
) -> Response:
    """Add a choice, set the exercise for it, and go on; with a way back where texts were put away for it."""
    await given.jobs.stop_of(document.id)
    before = document.revision
    changed = await given.store.append(document.id, owner, event)
    if changed.exercise is None:
        changed = await made_soon(given, changed, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    path = path_of(changed.id, step if changed.exercise else Step.MATCH)
    if changed.revision == before or changed.exercise == document.exercise:
        return go(request, path)
    return go(request, f"{path}?undo={before}", note="role_changed" if step is Step.MATCH else "sample_changed")


def _again(document: Document, form: Form) -> Pending:
    del form
    title = document.goal.target_role if document.goal else ""
    return Pending(action="match/again", name="again", value="yes", title=title, sections=len(document.sections))


async def _page(request: Request, document: Document, *, pending: Pending | None = None) -> Response:
    given: Services = request.app.state.services
    query, index = role_query(brief_of(document)), given.workshop.index
    match, without_ad = (match_role(each, index) for each in (query, query.model_copy(update={"job_ad": ""})))
    document, draft = await with_draft(request, document, on="match", back=path_of(document.id, Step.MATCH))
    view = match_view(
        document,
        words_of(request),
        match,
        load_catalogue(),
        load_sample_types(),
        without_ad=without_ad,
        draft=draft,
        pending=pending,
    )
    return page(request, "match.html.j2", view, document=document, step=Step.MATCH)
