"""The seven steps: where each is found, and which of them a session has come to."""

from enum import StrEnum

from pydantic import BaseModel

from proofkit_serve.sessions import Document

__all__ = [
    "Step",
    "StepLink",
    "back_of",
    "first_possible",
    "is_reachable",
    "last_reached",
    "next_of",
    "path_of",
    "stepper",
]


class Step(StrEnum):
    """A step, in order; its value stands in the address and before its words."""

    GOAL = "goal"
    MATCH = "match"
    CHALLENGE = "challenge"
    BUILDER = "builder"
    SAMPLE = "sample"
    REVIEW = "review"
    PACKET = "packet"


_ORDER = tuple(Step)


class StepLink(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One step as the stepper shows it."""

    number: int
    """From 1."""
    id: Step
    name: str
    """Key of its short name, such as `steps.goal`."""
    href: str
    """Empty where it cannot be reached yet."""
    is_current: bool
    is_done: bool


def path_of(session_id: str, step: Step) -> str:
    """Return the address of a step."""
    return f"/s/{session_id}/{step}"


def is_reachable(document: Document, step: Step) -> bool:
    """Say whether a session has what a step shows."""
    written = {item.section.id for item in document.sections}
    match step:
        case Step.GOAL:
            return True
        case Step.MATCH:
            return document.goal is not None
        case Step.CHALLENGE | Step.BUILDER:
            return document.exercise is not None
        case Step.SAMPLE:
            return bool(written)
        case Step.REVIEW | Step.PACKET:
            asked = {each.id for each in document.exercise.sample.sections} if document.exercise else {""}
            return asked <= written


def first_possible(document: Document, wanted: Step) -> Step:
    """Return the last step before the wanted one that can be reached, or the wanted one itself."""
    before = _ORDER[: _ORDER.index(wanted) + 1]
    return next(step for step in reversed(before) if is_reachable(document, step))


def last_reached(document: Document) -> Step:
    """Return the step where a person goes on who comes back."""
    if document.packet is not None:
        return Step.PACKET
    if document.exercise is not None:
        return (
            Step.SAMPLE
            if is_reachable(document, Step.REVIEW)
            else Step.BUILDER
            if document.sections
            else Step.CHALLENGE
        )
    return Step.MATCH if document.goal is not None else Step.GOAL


def next_of(step: Step) -> Step | None:
    """Return the step after one; None after the last."""
    place = _ORDER.index(step) + 1
    return _ORDER[place] if place < len(_ORDER) else None


def back_of(step: Step) -> Step | None:
    """Return the step before one; None before the first."""
    place = _ORDER.index(step) - 1
    return _ORDER[place] if place >= 0 else None


def stepper(document: Document, current: Step | None) -> tuple[StepLink, ...]:
    """Return all steps with their links.

    Args:
        document: The session.
        current: The step that is shown; None on a page beside them.
    """
    return tuple(
        StepLink(
            number=number,
            id=step,
            name=f"steps.{step}",
            href=path_of(document.id, step) if is_reachable(document, step) else "",
            is_current=step is current,
            is_done=_is_done(document, step) or _is_passed(document, step, current),
        )
        for number, step in enumerate(_ORDER, start=1)
    )


def _is_passed(document: Document, step: Step, current: Step | None) -> bool:
    """Say whether a step that asks for nothing lies behind: who writes has left the challenge."""
    return step is Step.CHALLENGE and document.exercise is not None and current in _ORDER[_ORDER.index(step) + 1 :]


def _is_done(document: Document, step: Step) -> bool:
    match step:
        case Step.GOAL:
            return document.goal is not None
        case Step.MATCH:
            return document.role is not None
        case Step.CHALLENGE:
            return document.exercise is not None and bool(document.sections)
        case Step.BUILDER | Step.SAMPLE:
            return is_reachable(document, Step.REVIEW)
        case Step.REVIEW | Step.PACKET:
            return document.packet is not None
