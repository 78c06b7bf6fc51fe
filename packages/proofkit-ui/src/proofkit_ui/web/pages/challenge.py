"""Step 3, your challenge: the fictional company and its problem, which the person may change."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_core import steps
from proofkit_core.challenge.facts import Challenge
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.sessions import Document, StoredExercise, brief_of, material_of
from proofkit_serve.sessions.events import ChallengeEdited, SeedChosen
from proofkit_serve.wire.requests import ExerciseJob
from proofkit_ui.web.awaiting import made_soon
from proofkit_ui.web.editing import edit
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, words_of
from proofkit_ui.web.saving import keep, saved_now
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.challenge import challenge_problems, challenge_texts, challenge_view, form_of
from proofkit_ui.web.views.typing import sent_off, typed_texts
from proofkit_ui.web.visitors import token_of

router = APIRouter(include_in_schema=False)


@router.get("/s/{session_id}/challenge")
async def read_challenge(request: Request, document: Opened) -> Response:
    """Show the challenge."""
    if document.exercise is None:
        possible = first_possible(document, Step.CHALLENGE)
        return go(request, path_of(document.id, possible), note=f"first_{possible}")
    return await _page(request, document, document.exercise)


@router.post("/s/{session_id}/challenge/typed")
async def keep_challenge(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Keep what is typed, as it is typed; it counts once it is sent off."""
    form = await read_form(request)
    if document.exercise is not None:
        await _kept(given, document, owner, form, document.exercise)
    return fragment(request, "saved.html.j2", saved_now())


@router.post("/s/{session_id}/challenge")
async def set_challenge(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Take the changes, and go on to the builder, or stay to look at them."""
    form = await read_form(request)
    exercise = document.exercise
    if exercise is None:
        return go(request, path_of(document.id, Step.MATCH), note="first_match")
    document = await _kept(given, document, owner, form, exercise)
    here = path_of(document.id, Step.CHALLENGE)
    onward = here if form.has("stay") else path_of(document.id, Step.BUILDER)
    typed = typed_texts(document, form_of(exercise))
    if not typed:
        return go(request, onward)
    problems = challenge_problems(typed, words_of(request))
    if not problems:
        edited = await asyncio.to_thread(edit, material_of(document), typed)
        problems = edited.problems
        if not problems:
            await _put(given, document, owner, exercise, edited.challenge)
            changed = edited.challenge != exercise.challenge and document.sections
            return go(request, onward, note="challenge_changed" if changed else "")
    return await _page(request, document, exercise, problems=problems)


@router.post("/s/{session_id}/challenge/drawn")
async def take_drawn(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Put the challenge back as it was drawn; texts stay."""
    before = document.revision
    if document.exercise is not None:
        drawn = await asyncio.to_thread(_drawn, document)
        await _put(given, document, owner, document.exercise, drawn or document.exercise.challenge)
    return go(request, f"{path_of(document.id, Step.CHALLENGE)}?undo={before}", note="challenge_drawn")


@router.post("/s/{session_id}/challenge/company")
async def draw_another(request: Request, document: Opened, given: Given, owner: Owner) -> Response:
    """Draw another company and problem; texts that would be put away for it are asked about first."""
    form = await read_form(request)
    if document.exercise is None:
        return go(request, path_of(document.id, Step.MATCH), note="first_match")
    if document.sections and not form.has("sure"):
        return await _page(request, document, document.exercise, asks_company=True)
    await given.jobs.stop_of(document.id)
    before = document.revision
    changed = await given.store.append(document.id, owner, SeedChosen(seed=document.seed + 1))
    changed = await made_soon(given, changed, owner, ExerciseJob(kind="exercise"), token=token_of(request))
    path = path_of(document.id, Step.CHALLENGE if changed.exercise else Step.MATCH)
    return go(request, f"{path}?undo={before}", note="seed_changed")


async def _kept(given: Services, document: Document, owner: str, form: Form, exercise: StoredExercise) -> Document:
    shown = challenge_texts(exercise.challenge)
    sent = {name: " ".join(form.text(name).split()) for name in shown if form.has(name)}
    return await keep(given, document, owner, form_of(exercise), shown, sent)


async def _put(given: Services, document: Document, owner: str, exercise: StoredExercise, challenge: Challenge) -> None:
    if challenge != exercise.challenge:
        await given.store.append(document.id, owner, ChallengeEdited(challenge=challenge))
    event = sent_off(document, form_of(exercise))
    if event is not None:
        await given.store.append(document.id, owner, event)


def _drawn(document: Document) -> Challenge | None:
    """Return the challenge as it was drawn for this role and seed."""
    if document.role is None:
        return None
    drawn = steps.set_exercise(brief_of(document), document.role.entry, seed=document.seed).material.challenge
    now = document.exercise.challenge if document.exercise else drawn
    return drawn if drawn.scenario_id == now.scenario_id else None


async def _page(
    request: Request,
    document: Document,
    exercise: StoredExercise,
    *,
    problems: dict[str, str] | None = None,
    asks_company: bool = False,
) -> Response:
    drawn = await asyncio.to_thread(_drawn, document)
    view = challenge_view(
        document, exercise, words_of(request), drawn=drawn, problems=problems, asks_company=asks_company
    )
    return page(request, "challenge.html.j2", view, document=document, step=Step.CHALLENGE)
