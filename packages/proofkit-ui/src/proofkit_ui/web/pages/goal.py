"""Step 1, your goal: what the person aims for, what they bring along, and what they want to show."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_core.brief_file import LoadedBrief, brief_from_data
from proofkit_core.errors import BriefError, InputError
from proofkit_serve.api.demo_briefs import load_demos
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.sessions import Document
from proofkit_serve.sessions.events import GoalSet
from proofkit_serve.uploads import UploadLimits, read_upload
from proofkit_serve.wire.requests import ExerciseJob
from proofkit_ui.web.awaiting import made_soon
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, words_of
from proofkit_ui.web.saving import keep, saved_now
from proofkit_ui.web.steps import Step, path_of
from proofkit_ui.web.views.goal import (
    FIELDS,
    FORM,
    Asked,
    as_brief_data,
    goal_problems,
    goal_texts,
    goal_view,
    one_demo,
)
from proofkit_ui.web.views.notices import plain_notice
from proofkit_ui.web.views.typing import sent_off, typed_texts
from proofkit_ui.web.visitors import token_of

router = APIRouter(include_in_schema=False)
_FILES = ("job_ad", "resume")


@router.get("/s/{session_id}/goal")
async def read_goal(request: Request, document: Opened) -> Response:
    """Show the form."""
    return _page(request, document)


@router.post("/s/{session_id}/goal/typed")
async def keep_goal(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Keep what is typed, as it is typed."""
    form = await read_form(request)
    await keep(given, document, owner, FORM, goal_texts(document), _texts(form))
    return fragment(request, "saved.html.j2", saved_now())


@router.post("/s/{session_id}/goal/file")
async def read_goal_file(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put the text of an uploaded file into its field; what was typed in the others is kept."""
    form = await read_form(request)
    document = await keep(given, document, owner, FORM, goal_texts(document), _texts(form))
    field = next((name for name in _FILES if form.has(f"read_{name}")), "")
    document, problem = await _take_files(given, document, owner, form, (field,) if field else _FILES)
    if problem[1]:
        return _page(request, document, file_problem=problem)
    return go(request, f"{path_of(document.id, Step.GOAL)}#{field or 'resume'}", note="file_read")


@router.post("/s/{session_id}/goal/forget")
async def forget_goal(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put the goal back as it was sent off last."""
    event = sent_off(document, FORM)
    if event is not None:
        await given.store.append(document.id, owner, event)
    return go(request, path_of(document.id, Step.MATCH if document.goal else Step.GOAL))


@router.post("/s/{session_id}/goal")
async def set_goal(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Take the goal and find the role for it; what would be lost is asked about first."""
    words, form = words_of(request), await read_form(request)
    document = await keep(given, document, owner, FORM, goal_texts(document), _texts(form))
    document, problem = await _take_files(given, document, owner, form, _FILES)
    if problem[1]:
        return _page(request, document, file_problem=problem)
    texts = goal_texts(document) | typed_texts(document, FORM)
    problems = goal_problems(texts, words)
    if problems:
        return _page(request, document, problems=problems)
    try:
        loaded = brief_from_data(as_brief_data(texts, document.goal))
    except BriefError as error:
        return _page(request, document, problems=_placed(error, request))
    if loaded.brief != document.goal and document.sections and not form.has("sure"):
        return _page(request, document, asked=Asked(sections=len(document.sections)))
    return await _sent_off(request, document, given, owner, loaded)


async def _sent_off(request: Request, document: Document, given: Services, owner: str, loaded: LoadedBrief) -> Response:
    before = document.revision
    if loaded.brief == document.goal:
        event = sent_off(document, FORM)
        changed = await given.store.append(document.id, owner, event) if event else document
    else:
        await given.jobs.stop_of(document.id)  # what is being written is about another goal
        # Answers stay: they are the person's words, and count again where a later exercise asks the same.
        event = GoalSet(goal=loaded.brief, notices=loaded.notices)
        changed = await given.store.append(document.id, owner, event)
    if changed.exercise is None:
        changed = await made_soon(given, changed, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    path = path_of(changed.id, Step.MATCH)
    if document.sections and not changed.sections:
        return go(request, f"{path}?undo={before}", note="goal_changed")
    return go(request, path)


def _texts(form: Form) -> dict[str, str]:
    """Return the fields that were sent; a form that lacks one leaves it as it is."""
    return {name: form.text(name) for name in FIELDS if form.has(name)}


async def _take_files(
    given: Services, document: Document, owner: str, form: Form, names: tuple[str, ...]
) -> tuple[Document, tuple[str, str]]:
    """Put the texts of chosen files into their fields.

    Returns:
        The session, and the field and sentence of a file that could not be read.
    """
    limits = given.settings.limits
    allowed = UploadLimits(
        max_bytes=limits.upload_bytes, wall_s=limits.upload_seconds, cpu_s=max(1, round(limits.upload_seconds))
    )
    for name in names:
        data = await form.file(f"{name}_file")
        if not data:
            continue
        try:
            async with given.uploads:
                read = await read_upload(data, allowed)
        except InputError as error:
            return document, (name, str(error))
        document = await keep(given, document, owner, FORM, goal_texts(document), {name: read.text.strip()})
    return document, ("", "")


def _placed(error: BriefError, request: Request) -> dict[str, str]:
    """Return what core refuses, at the field that its sentence begins with."""
    told = plain_notice(str(error), words_of(request))
    named = next((name for name in FIELDS if str(error).startswith(name)), "target_role")
    return {named: told}


def _page(
    request: Request,
    document: Document,
    *,
    problems: dict[str, str] | None = None,
    file_problem: tuple[str, str] = ("", ""),
    asked: Asked | None = None,
) -> Response:
    words = words_of(request)
    demos = tuple(one_demo(demo, words) for demo in load_demos().values())
    view = goal_view(document, demos, problems=problems, file_problem=file_problem, asked=asked)
    return page(request, "goal.html.j2", view, document=document, step=Step.GOAL)
