"""Step 5, the work sample: read whole, changed by the section or as a whole, each change taken or left."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_core.errors import ExportRefusedError, InputError
from proofkit_core.steps.writing import SECTION_CAP
from proofkit_serve.api.changing import changed_event
from proofkit_serve.api.routes.paths import ProposalId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.sessions import Document, material_of, new_id
from proofkit_serve.sessions.events import RevisionAccepted, RevisionRejected, Typed
from proofkit_serve.wire.requests import SectionChange, SectionInput
from proofkit_ui.web.drafts.asking import local_path
from proofkit_ui.web.drafts.showing import with_draft
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, wants_fragment, words_of
from proofkit_ui.web.saving import saved_now
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.sample import Version, restoring, sample_view, source_view, texts_before, versions_view
from proofkit_ui.web.views.saved import SavedView
from proofkit_ui.web.writing import keep_typed

router = APIRouter(include_in_schema=False)
_BAD = 200
"""Anything else is logged by browsers as an error of the page."""


@router.get("/s/{session_id}/sample")
async def read_sample(request: Request, document: Opened) -> Response:
    """Show the whole work sample."""
    possible = first_possible(document, Step.SAMPLE)
    if possible is not Step.SAMPLE:
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    return await _sample(request, document)


@router.post("/s/{session_id}/sample/changes/accept")
async def accept_all(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Take every change that waits; of two for one section, the newer one."""
    newest = {proposal.section.id: proposal for proposal in document.proposals}
    for proposal in newest.values():
        document = await given.store.append(document.id, owner, RevisionAccepted(proposal_id=proposal.id))
    return await reject_all(request, document, given, owner)


@router.post("/s/{session_id}/sample/changes/reject")
async def reject_all(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Leave every text as it is."""
    for proposal in document.proposals:
        document = await given.store.append(document.id, owner, RevisionRejected(proposal_id=proposal.id))
    return go(request, path_of(document.id, Step.SAMPLE))


@router.post("/s/{session_id}/sample/changes/{proposal_id}/accept")
async def accept_change(
    request: Request, document: Opened, given: Given, owner: Owner, proposal_id: ProposalId
) -> Response:
    """Take a change."""
    section = next((each.section.id for each in document.proposals if each.id == proposal_id), "")
    if not section:  # decided in another tab, or the button was pressed twice
        return go(request, path_of(document.id, Step.SAMPLE), note="decided")
    await given.store.append(document.id, owner, RevisionAccepted(proposal_id=proposal_id))
    return _changed(request, document, section)


@router.post("/s/{session_id}/sample/changes/{proposal_id}/reject")
async def reject_change(
    request: Request, document: Opened, given: Given, owner: Owner, proposal_id: ProposalId
) -> Response:
    """Leave the text as it is."""
    form = await read_form(request)
    if not any(each.id == proposal_id for each in document.proposals):
        return go(request, path_of(document.id, Step.SAMPLE), note="decided")
    await given.store.append(document.id, owner, RevisionRejected(proposal_id=proposal_id))
    return go(request, local_path(form.text("back"), path_of(document.id, Step.SAMPLE)))


@router.post("/s/{session_id}/sample/{section}/typed")
async def keep_text(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Keep a text while it is typed; it goes into the work sample when the person says so."""
    form = await read_form(request)
    await keep_typed(given, document, owner, _place(section), form.text("markdown"), _stored(document, section))
    told = SavedView(time=saved_now().time)
    return fragment(request, "answer_saved.html.j2", told)


@router.post("/s/{session_id}/sample/{section}/drop")
async def drop_text(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Put away what was typed."""
    await given.store.append(document.id, owner, Typed(forgotten=(_place(section),)))
    return go(request, f"{path_of(document.id, Step.SAMPLE)}#section-{section}")


@router.post("/s/{session_id}/sample/{section}/edit")
async def edit_text(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Put a text in the place of a section's."""
    text = (await read_form(request)).text("markdown")
    document = await keep_typed(given, document, owner, _place(section), text, _stored(document, section))
    words = words_of(request)
    if not 0 < len(text) <= SECTION_CAP:
        told = words("sample.edit_length", n=len(text), most=SECTION_CAP)
        return await _sample(request, document, editing=section, edit=text, edit_error=told, status=_BAD)
    change = SectionChange(section=SectionInput(id=section, markdown=text))
    try:
        event = await changed_event(change, document, given)
    except (InputError, ExportRefusedError, EventRefusedError) as error:
        return await _sample(request, document, editing=section, edit=text, edit_error=str(error), status=_BAD)
    document = await given.store.append(document.id, owner, event)
    if any(each.place == _place(section) for each in document.typed):
        document = await given.store.append(document.id, owner, Typed(forgotten=(_place(section),)))
    same = text == _stored(document, section)
    return _changed(request, document, section, note="" if same else "text_adjusted")


@router.get("/s/{session_id}/sample/{section}/sources/{number}")
async def read_source(request: Request, document: Opened, section: str, number: str) -> Response:
    """Say where a sentence comes from: in a window of the page, or as a page of its own without a script."""
    view = source_view(document, material_of(document), section, number) if document.exercise else None
    if view is None:
        return go(request, path_of(document.id, first_possible(document, Step.SAMPLE)), note="no_sentence")
    if wants_fragment(request.headers):
        return fragment(request, "source.html.j2", view)
    return page(request, "source_page.html.j2", view, document=document, step=Step.SAMPLE)


@router.get("/s/{session_id}/sample/{section}/versions")
async def read_versions(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Show the earlier texts of a section."""
    view = None
    if document.exercise is not None:
        events = await given.store.events(document.id, owner)
        view = versions_view(document, material_of(document), events, section)
    if view is None:
        return go(request, path_of(document.id, first_possible(document, Step.SAMPLE)), note="no_section")
    return page(request, "versions.html.j2", view, document=document, step=Step.SAMPLE)


@router.post("/s/{session_id}/sample/{section}/restore")
async def restore_text(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Bring an earlier text back: the one that is named, or the last one before what stands there."""
    wanted = (await read_form(request)).text("revision")
    stored = _stored(document, section)
    before = texts_before(await given.store.events(document.id, owner), section)
    others = [version for version in before if version.section.markdown != stored]
    found: Version | None = next((version for version in others if str(version.revision) == wanted), None)
    if not wanted and others:
        found = others[-1]
    if found is None or not stored:
        return go(request, path_of(document.id, Step.SAMPLE), note="no_text_before")
    await given.store.append(document.id, owner, restoring(document, found, new_id("prop")))
    return _changed(request, document, section)


def _changed(request: Request, document: Document, section: str, *, note: str = "") -> Response:
    return go(request, f"{path_of(document.id, Step.SAMPLE)}?changed={section}#section-{section}", note=note)


def _place(section: str) -> str:
    return f"section.{section}"


def _stored(document: Document, section: str) -> str:
    return next((item.section.markdown for item in document.sections if item.section.id == section), "")


async def _sample(
    request: Request,
    document: Document,
    *,
    editing: str = "",
    edit: str = "",
    edit_error: str = "",
    status: int = 200,
) -> Response:
    here = path_of(document.id, Step.SAMPLE)
    document, draft = await with_draft(request, document, on="sample", back=here)
    view = await asyncio.to_thread(  # the sources of each sentence take a while after a change, and others wait
        sample_view,
        document,
        material_of(document),
        draft,
        editing=editing,
        edit=edit,
        edit_error=edit_error,
        changed=request.query_params.get("changed", ""),
    )
    return page(request, "sample.html.j2", view, document=document, step=Step.SAMPLE, status=status)
