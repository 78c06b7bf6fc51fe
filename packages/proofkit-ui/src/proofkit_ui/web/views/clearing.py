"""What would be cleared if a person starts over or imports a demo: asked before, and undone afterwards."""

from typing import Literal

from pydantic import BaseModel

from proofkit_serve.sessions import Document

__all__ = ["ClearedPart", "ClearingView", "clearing_view", "holds_work"]


class ClearedPart(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One kind of thing that would be gone."""

    words: str
    """Key of its words."""
    count: int = 1


class ClearingView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page that asks."""

    kind: Literal["over", "demo"]
    action: str
    """Where the answer goes."""
    back_url: str
    revision: int
    """As the person sees it: if something changed meanwhile, they are asked again."""
    demo: str = ""
    """Id of the demo to import."""
    demo_role: str = ""
    parts: tuple[ClearedPart, ...]
    has_changed: bool = False
    """Whether the session changed after the question, so that it is asked again."""


def holds_work(document: Document) -> bool:
    """Say whether there is anything in a session that clearing it would take away."""
    return document.goal is not None


def clearing_view(
    document: Document, *, back_url: str, demo: str = "", demo_role: str = "", has_changed: bool = False
) -> ClearingView:
    """Return what is asked.

    Args:
        document: The session.
        back_url: Where to go if the answer is no.
        demo: Id of the demo to import; empty to start over.
        demo_role: The role that the demo is about.
        has_changed: Whether it was asked before, about something else than what is here now.
    """
    return ClearingView(
        kind="demo" if demo else "over",
        action=f"/s/{document.id}/{'demo' if demo else 'start-over'}",
        back_url=back_url,
        revision=document.revision,
        demo=demo,
        demo_role=demo_role,
        parts=_parts(document),
        has_changed=has_changed,
    )


def _parts(document: Document) -> tuple[ClearedPart, ...]:
    goal, found = document.goal, list[ClearedPart]()
    if goal is not None:
        found.append(ClearedPart(words="over.part.goal"))
        answers = sum(1 for answer in goal.answers.values() if answer.strip())
        for words, count in (("over.part.notes", len(goal.notes)), ("over.part.answers", answers)):
            if count:
                found.append(ClearedPart(words=words, count=count))
    if document.exercise is not None:
        found.append(ClearedPart(words="over.part.challenge"))
    if document.sections:
        found.append(ClearedPart(words="over.part.sections", count=len(document.sections)))
    if document.travel is not None:
        found.append(ClearedPart(words="over.part.travel"))
    return tuple(found)
