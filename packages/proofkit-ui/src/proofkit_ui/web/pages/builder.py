"""Step 4, the builder: all sections, and one section with its questions and its text."""

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from proofkit_serve.api.services import Given, Owner
from proofkit_serve.jobs.reading_ahead import read_ahead
from proofkit_serve.sessions import Document, material_of
from proofkit_serve.wire.requests import SectionJob, SectionsJob
from proofkit_ui.web.drafts.showing import with_draft
from proofkit_ui.web.drafts.starting import started
from proofkit_ui.web.forms import read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, words_of
from proofkit_ui.web.saving import saved_now
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.builder import SectionView, builder_view, field_of, section_view
from proofkit_ui.web.views.saved import SavedView
from proofkit_ui.web.visitors import token_of
from proofkit_ui.web.writing import Taken, take_answers, take_notes

router = APIRouter(include_in_schema=False)
_BAD = 200
"""Anything else is logged by browsers as an error of the page."""


@router.get("/s/{session_id}/builder")
async def read_builder(request: Request, document: Opened) -> Response:
    """Show all sections."""
    return _elsewhere(request, document) or await _builder(request, document)


@router.post("/s/{session_id}/builder/save")
async def save_notes(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Save the person's points while they are typed."""
    taken = await take_notes(given, document, owner, await read_form(request), words_of(request))
    return _saved(request, taken)


@router.post("/s/{session_id}/builder")
async def leave_builder(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Save the person's points, and go on."""
    elsewhere = _elsewhere(request, document)
    if elsewhere:
        return elsewhere
    form = await read_form(request)
    taken = await take_notes(given, document, owner, form, words_of(request))
    document = taken.document
    if taken.problems:
        return await _builder(
            request, document, notes=form.text("notes"), notes_error=taken.problems["notes"], status=_BAD
        )
    here = path_of(document.id, Step.BUILDER)
    then = form.text("then")
    if then == "draft":
        draft = await started(given, document, owner, SectionsJob(kind="sections"), token=token_of(request))
        return go(request, f"{here}?draft={draft}#draft")
    opened = builder_view(document, material_of(document)).first_open
    if then == "section" and opened:
        return go(request, opened.href)
    if then == "sample":
        return go(request, path_of(document.id, Step.SAMPLE))
    return go(request, here)


@router.get("/s/{session_id}/builder/{section}")
async def read_section(request: Request, document: Opened, given: Given, section: str) -> Response:
    """Show one section; while the person reads, the model reads what its draft will be asked with."""
    elsewhere = _elsewhere(request, document)
    if elsewhere:
        return elsewhere
    answer = await _section(request, document, section)
    if _is_to_write(document, section) and "draft" not in request.query_params:
        answer.background = BackgroundTask(read_ahead, document, section, given.registry, given.workshop)
    return answer


@router.post("/s/{session_id}/builder/{section}/save")
async def save_answers(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Save answers while they are typed."""
    form = await read_form(request)
    taken = await take_answers(given, document, owner, form, _fields(document, section), words_of(request))
    return _saved(request, taken)


@router.post("/s/{session_id}/builder/{section}")
async def leave_section(request: Request, document: Opened, given: Given, owner: Owner, section: str) -> Response:
    """Save the answers first, whatever is asked for then."""
    elsewhere = _elsewhere(request, document)
    if elsewhere:
        return elsewhere
    form = await read_form(request)
    fields = _fields(document, section)
    taken = await take_answers(given, document, owner, form, fields, words_of(request))
    document = taken.document
    if taken.problems:
        typed = {field: form.text(field) for field in fields if form.has(field)}
        return await _section(request, document, section, typed=typed, errors=dict(taken.problems), status=_BAD)
    here = f"{path_of(document.id, Step.BUILDER)}/{section}"
    if form.text("then") == "draft" and fields:
        draft = await started(
            given, document, owner, SectionJob(kind="section", section=section), token=token_of(request)
        )
        return go(request, f"{here}?draft={draft}#draft")
    return go(request, _onward(document, section, form.text("then")))


def _onward(document: Document, section: str, then: str) -> str:
    view = section_view(document, material_of(document), section)
    builder = path_of(document.id, Step.BUILDER)
    if view is None or then == "builder":
        return builder
    if then == "next" and view.after:
        return view.after.href
    if then == "sample":
        return path_of(document.id, Step.SAMPLE)
    return f"{builder}/{section}"


def _is_to_write(document: Document, section: str) -> bool:
    records = document.exercise.sample.sections if document.exercise else ()
    written = {item.section.id for item in document.sections}
    return any(record.id == section for record in records) and section not in written


def _fields(document: Document, section: str) -> tuple[str, ...]:
    records = document.exercise.sample.sections if document.exercise else ()
    return tuple(
        field_of(record.id, question.id) for record in records if record.id == section for question in record.questions
    )


def _elsewhere(request: Request, document: Document) -> Response | None:
    possible = first_possible(document, Step.BUILDER)
    if possible is Step.BUILDER:
        return None
    return go(request, path_of(document.id, possible), note=f"first_{possible}")


async def _builder(
    request: Request,
    document: Document,
    *,
    notes: str | None = None,
    notes_error: str = "",
    status: int = 200,
) -> Response:
    here = path_of(document.id, Step.BUILDER)
    document, draft = await with_draft(request, document, on="builder", back=here)
    view = builder_view(document, material_of(document), draft, notes=notes, notes_error=notes_error)
    return page(request, "builder.html.j2", view, document=document, step=Step.BUILDER, status=status)


async def _section(
    request: Request,
    document: Document,
    section: str,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    here = f"{path_of(document.id, Step.BUILDER)}/{section}"
    document, draft = await with_draft(request, document, on="section", back=here)
    view: SectionView | None = section_view(document, material_of(document), section, draft, typed=typed, errors=errors)
    if view is None:
        return go(request, path_of(document.id, Step.BUILDER), note="no_section")
    return page(request, "section.html.j2", view, document=document, step=Step.BUILDER, status=status)


def _saved(request: Request, taken: Taken) -> Response:
    told = SavedView(time=saved_now().time, problem=" ".join(dict.fromkeys(taken.problems.values())), marks=taken.marks)
    return fragment(request, "answer_saved.html.j2", told)
