"""From events to documents: the same events always give the same document."""

from collections.abc import Callable, Iterable

from proofkit_serve.errors import RevisionNotFoundError
from proofkit_serve.sessions.basis import post_inputs, section_inputs, text_digest
from proofkit_serve.sessions.document import Document
from proofkit_serve.sessions.events import SessionEvent, Undone
from proofkit_serve.sessions.reducers import REDUCERS

Past = Callable[[int], Document]
"""Returns the document at an earlier revision."""


def reduce(document: Document, event: SessionEvent, *, past: Past | None = None) -> Document:
    """Return the document after an event, one revision on.

    Args:
        document: The document before.
        event: What happened.
        past: Where `Undone` finds the revision it names; no other event asks for it.

    Raises:
        EventRefusedError: The event does not fit the document.
        RevisionNotFoundError: `Undone` names a revision that is not there.
    """
    after = (
        _undone(document, event, past)
        if isinstance(event, Undone)
        else _settled(REDUCERS[type(event)], document, event)
    )
    return after.model_copy(update={"revision": document.revision + 1})


def fold(start: Document, events: Iterable[SessionEvent]) -> Document:
    """Return the document that some events lead to.

    Args:
        start: The document before the first event.
        events: All events since, in order.
    """
    return history(start, events)[-1]


def history(start: Document, events: Iterable[SessionEvent]) -> tuple[Document, ...]:
    """Return the document at every revision, `start` first. They share what did not change.

    Args:
        start: The document before the first event.
        events: All events since, in order.
    """
    documents = [start]

    def past(revision: int) -> Document:
        if revision < start.revision:
            raise RevisionNotFoundError(
                f"Revision {revision} lies before the events at hand, which start at {start.revision}. Fold from there."
            )
        return documents[revision - start.revision]

    for event in events:
        documents.append(reduce(documents[-1], event, past=past))
    return tuple(documents)


def _undone(document: Document, event: Undone, past: Past | None) -> Document:
    if past is None or not 0 <= event.to_revision <= document.revision:
        raise RevisionNotFoundError(
            f"The session has no revision {event.to_revision} to go back to; it has 0 to {document.revision}."
        )
    return past(event.to_revision)


def _settled(reducer: Callable[[Document, SessionEvent], Document], before: Document, event: SessionEvent) -> Document:
    """Apply an event and mark what no longer fits what it was made from."""
    after = reducer(before, event)
    sections = tuple(
        item.model_copy(update={"stale": item.made_from != section_inputs(after, item.section.id)})
        for item in after.sections
    )
    proposals = tuple(
        item.model_copy(update={"outdated": item.replaces != text_digest(after, item.section.id)})
        for item in after.proposals
    )
    own = after.own_post
    if own:
        own = own.model_copy(update={"stale": own.made_from != post_inputs(after)})
    return after.model_copy(update={"sections": sections, "proposals": proposals, "own_post": own})
