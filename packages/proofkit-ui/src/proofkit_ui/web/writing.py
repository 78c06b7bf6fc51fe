"""Takes what a person types in the builder: it is kept in any case, and used where it can be."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from proofkit_core.brief import FIELD_CAPS, LIST_CAP
from proofkit_core.brief_file import brief_from_data
from proofkit_core.errors import InputError
from proofkit_serve.api.changing import changed_event
from proofkit_serve.api.services import Services
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.sessions import Document
from proofkit_serve.sessions.events import NotesSet, Typed
from proofkit_serve.wire.requests import AnswerChange, AnswerInput
from proofkit_ui.web.forms import Form
from proofkit_ui.web.views.builder import NOTES_PLACE, answer_place
from proofkit_ui.web.views.saved import NewMark
from proofkit_ui.web.views.texts import mark_of, typed_text
from proofkit_ui.web.views.typing import typed_event
from proofkit_ui.web.words import Words

__all__ = ["Taken", "keep_typed", "take_answers", "take_notes"]


class Taken(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What became of what was typed."""

    document: Document
    problems: Mapping[str, str] = {}
    """Why something is kept but not used, by field."""
    marks: tuple[NewMark, ...] = ()
    """Of the fields as they are stored now."""


async def take_answers(
    given: Services, document: Document, owner: str, form: Form, fields: Iterable[str], words: Words
) -> Taken:
    """Put answers into the session.

    A field that still says what its page was made with is left alone, so that an old page undoes nothing.

    Args:
        given: Where it goes.
        document: The session.
        owner: Whose it is.
        form: What was sent.
        fields: Which of its fields are answers.
        words: The person's language.
    """
    problems: dict[str, str] = {}
    marks: list[NewMark] = []
    for field in fields:
        if not form.has(field):
            continue
        text = form.text(field)
        if mark_of(text) != form.text(f"seen.{field}"):
            document, problems[field] = await _take_answer(given, document, owner, field, text, words)
        stored = document.goal.answers.get(field, "") if document.goal else ""
        marks.append(_mark(field, stored))
    told = {field: problem for field, problem in problems.items() if problem}
    return Taken(document=document, problems=told, marks=tuple(marks))


async def take_notes(given: Services, document: Document, owner: str, form: Form, words: Words) -> Taken:
    """Put the person's own points into the session, one a line.

    Args:
        given: Where it goes.
        document: The session.
        owner: Whose it is.
        form: What was sent.
        words: The person's language.
    """
    text = form.text("notes")
    problem = ""
    if form.has("notes") and mark_of(text) != form.text("seen.notes"):
        document, problem = await _take_notes(given, document, owner, text, words)
    stored = "\n".join(document.goal.notes) if document.goal else ""
    return Taken(document=document, problems={"notes": problem} if problem else {}, marks=(_mark("notes", stored),))


async def keep_typed(given: Services, document: Document, owner: str, place: str, text: str, stored: str) -> Document:
    """Keep a text as it stands in a form, without using it.

    Args:
        given: Where it is kept.
        document: The session.
        owner: Whose it is.
        place: Form and field.
        text: What stands there.
        stored: What the session holds for it; a text that says the same need not be kept.
    """
    form, _, name = place.partition(".")
    event = typed_event(document, form, {name: stored}, {name: text})
    return document if event is None else await given.store.append(document.id, owner, event)


async def _take_answer(
    given: Services, document: Document, owner: str, field: str, text: str, words: Words
) -> tuple[Document, str]:
    stored = document.goal.answers.get(field, "") if document.goal else ""
    place = answer_place(field)
    cap = FIELD_CAPS["answer"]
    if len(text) > cap:
        kept = await keep_typed(given, document, owner, place, text, stored)
        return kept, words("builder.too_long", n=len(text), most=cap)
    try:
        event = await changed_event(AnswerChange(answer=AnswerInput(question=field, answer=text)), document, given)
    except (EventRefusedError, InputError):
        kept = await keep_typed(given, document, owner, place, text, stored)
        return kept, words("builder.not_an_answer")
    if text != stored:
        document = await given.store.append(document.id, owner, event)
    return await _forget(given, document, owner, place), ""


async def _take_notes(given: Services, document: Document, owner: str, text: str, words: Words) -> tuple[Document, str]:
    goal = document.goal
    if goal is None:
        raise EventRefusedError("The session has no goal yet. Set one, or import a demo, first.")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    long = next((line for line in lines if len(line) > FIELD_CAPS["note"]), "")
    stored = "\n".join(goal.notes)
    if long or len(lines) > LIST_CAP:
        kept = await keep_typed(given, document, owner, NOTES_PLACE, text, stored)
        told = "builder.note_too_long" if long else "builder.too_many_notes"
        return kept, words(told, n=len(long) or len(lines), most=FIELD_CAPS["note"] if long else LIST_CAP)
    loaded = brief_from_data({"target_role": goal.target_role, "background": goal.background, "notes": lines})
    if loaded.brief.notes != goal.notes:
        document = await given.store.append(document.id, owner, NotesSet(notes=loaded.brief.notes))
    if len(loaded.brief.notes) < len(lines):
        kept = await keep_typed(given, document, owner, NOTES_PLACE, text, "\n".join(loaded.brief.notes))
        return kept, words("builder.not_a_note")
    return await _forget(given, document, owner, NOTES_PLACE), ""


async def _forget(given: Services, document: Document, owner: str, place: str) -> Document:
    if not typed_text(document, place):
        return document
    return await given.store.append(document.id, owner, Typed(forgotten=(place,)))


def _mark(field: str, stored: str) -> NewMark:
    return NewMark(name=f"seen.{field}", id=f"seen-{field.replace('.', '-')}", value=mark_of(stored))
