"""Turns what core tells while it drafts into the events of the HTTP API, with the part of the packet they are about."""

from collections.abc import Callable

from proofkit_core.drafting.events import Attempt, Delta, DraftEvent, FellBack, Queued, Validated, Void
from proofkit_core.packet import Fallback, Tried
from proofkit_serve.wire.events import (
    AttemptEvent,
    DeltaEvent,
    FallbackEvent,
    GenerationEventBody,
    QueuedEvent,
    ValidatedEvent,
    VoidEvent,
)
from proofkit_serve.wire.problem import AttemptProblem

Tell = Callable[[GenerationEventBody], None]


def as_body(event: DraftEvent, part: str) -> GenerationEventBody:
    """Return the event as it is stored and streamed.

    Args:
        event: What happened at the desk.
        part: What is being written.
    """
    match event:
        case Queued(position=position):
            return QueuedEvent(part=part, position=position)
        case Attempt(number=number, model=model, prompt_set=prompt_set, mark=mark):
            backend, name = (model.id, model.name) if model else ("", "")
            return AttemptEvent(part=part, number=number, backend=backend, name=name, prompt_set=prompt_set, mark=mark)
        case Delta(text=text):
            return DeltaEvent(part=part, text=text)
        case Void(attempt=attempt, reason=reason):
            return VoidEvent(part=part, attempt=attempt, reason=reason)
        case FellBack(reason=reason, message=message, from_model=from_model, to=to):
            return FallbackEvent(part=part, from_model=from_model, to=to, reason=reason, user_message=message)
        case Validated(attempt=attempt, writer=writer):
            return ValidatedEvent(part=part, attempt=attempt, writer=writer)


def attempts_of(tried: tuple[Tried, ...]) -> tuple[AttemptProblem, ...]:
    """Return the attempts that were turned down, as a problem or a generation tells them."""
    return tuple(_attempt(number, each, each.fallback) for number, each in enumerate(tried, start=1) if each.fallback)


def _attempt(number: int, tried: Tried, fallback: Fallback) -> AttemptProblem:
    return AttemptProblem(
        number=number,
        model=tried.model.name,
        prompt_set=tried.prompt_set,
        reason=fallback.reason.value,
        message=fallback.message,
    )
