"""Finds the draft that a page should show, and tells how far it is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import TypeAdapter
from starlette.requests import Request

from proofkit_serve.api.services import Services
from proofkit_serve.registry.registry import Registry
from proofkit_serve.sessions import Document
from proofkit_serve.store.records import Generation, GenerationEvent, GenerationStatus
from proofkit_serve.wire.events import DeltaEvent, read_event_body
from proofkit_serve.wire.requests import GenerationInput
from proofkit_ui.web.views.drafting import Progress, Seen, asked_of, begin, ending_of, told
from proofkit_ui.web.views.drafts import DraftView, draft_view
from proofkit_ui.web.views.model_words import ModelPlace, place_of_model

__all__ = [
    "WithDraft",
    "hosted_models",
    "progress_of",
    "read_wanted",
    "seen_events",
    "shown_generation",
    "view_of",
    "with_draft",
]

_RECENT = timedelta(minutes=30)
"""A draft that went wrong is told about for so long without being asked for."""
_TOLD = frozenset({GenerationStatus.FAILED, GenerationStatus.INTERRUPTED})
_WANTED: TypeAdapter[GenerationInput] = TypeAdapter(GenerationInput)


class WithDraft(NamedTuple):
    """A session with what a page shows about its drafts."""

    document: Document
    """Not older than the draft says: a page that says `done` holds what was done."""
    draft: DraftView | None
    """None where there is nothing to tell."""


async def with_draft(request: Request, document: Document, *, on: str, back: str) -> WithDraft:
    """Return the session with what a page shows about drafts.

    Shown is the draft that `?draft=` names, else one that runs, else one that went wrong just now.

    Args:
        request: What was asked.
        document: The session.
        on: Name of the page.
        back: Its address, for the forms in the box.
    """
    given: Services = request.app.state.services
    owner: str = request.state.owner
    found = shown_generation(
        await given.store.generations_of(document.id, owner), request.query_params.get("draft", ""), datetime.now(UTC)
    )
    if found is None:
        return WithDraft(document, None)
    current = await given.jobs.generation(found.id, owner)
    events = await given.jobs.events(found.id, owner, 0)
    document = await given.store.load_session(document.id, owner)
    return WithDraft(document, view_of(current, events, document, hosted_models(given.registry), on=on, back=back))


def shown_generation(generations: Sequence[Generation], named: str, now: datetime) -> Generation | None:
    """Return which of a session's generations a page shows.

    Args:
        generations: All, oldest first.
        named: The one that the address names; empty if none.
        now: The time.
    """
    asked = next((each for each in generations if each.id == named), None)
    if asked is not None:
        return asked
    running = next((each for each in generations if not each.status.ended), None)
    if running is not None:
        return running
    last = generations[-1] if generations else None
    if last is not None and not named and last.status in _TOLD and now - last.updated_at < _RECENT:
        return last
    return None


def view_of(
    generation: Generation,
    events: Sequence[GenerationEvent],
    document: Document,
    hosted: frozenset[str],
    *,
    on: str,
    back: str,
) -> DraftView:
    """Return the view of a generation.

    Args:
        generation: As it stands.
        events: All of its events so far.
        document: The session as it stands.
        hosted: Ids of the models that are on another computer.
        on: Name of the page.
        back: The page's address.
    """
    progress = progress_of(generation, events, document, hosted)
    return draft_view(
        progress,
        asked_of(read_wanted(generation)),
        generation_id=generation.id,
        session_id=document.id,
        on=on,
        back=back,
        started=generation.created_at.isoformat(timespec="seconds"),
    )


def progress_of(
    generation: Generation,
    events: Sequence[GenerationEvent],
    document: Document,
    hosted: frozenset[str],
    *,
    after: int | None = None,
) -> Progress:
    """Return how far a generation is.

    Args:
        generation: As it stands.
        events: All of its events so far.
        document: The session as it stands.
        hosted: Ids of the models that are on another computer.
        after: Number of the last event to look at; None for all. Later ones only tell which parts there are.
    """
    seen = seen_events(event for event in events if after is None or event.seq <= after)
    later = seen_events(event for event in events if after is not None and event.seq > after)
    named = [each.body.part for each in (*seen, *later) if each.body.part]
    progress = told(begin(read_wanted(generation), document, named), seen, hosted)
    if after is None and generation.status.ended and not progress.ended:  # nobody was left to tell its end
        return progress.model_copy(update={"ending": ending_of(generation.status), "current": ""})
    return progress


def seen_events(events: Iterable[GenerationEvent]) -> tuple[Seen, ...]:
    """Return events as they are read; pieces of text that follow each other are joined."""
    found: list[Seen] = []
    for event in events:
        body = read_event_body(event.event_json)
        last = found[-1].body if found else None
        if isinstance(body, DeltaEvent) and isinstance(last, DeltaEvent) and last.part == body.part:
            found[-1] = Seen(seq=event.seq, body=last.model_copy(update={"text": last.text + body.text}))
        else:
            found.append(Seen(seq=event.seq, body=body))
    return tuple(found)


def read_wanted(generation: Generation) -> GenerationInput:
    """Return what a generation was asked to make."""
    return _WANTED.validate_json(generation.request_json)


def hosted_models(registry: Registry) -> frozenset[str]:
    """Return the ids of the models that are on somebody else's computer."""
    return frozenset(spec.id for spec in registry.specs if place_of_model(registry, spec) is ModelPlace.HOSTED)
