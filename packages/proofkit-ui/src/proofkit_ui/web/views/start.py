"""What the start page shows."""

from pydantic import AwareDatetime, BaseModel

from proofkit_serve.store.records import SessionSummary
from proofkit_ui.web.views.goal import OneDemo

__all__ = ["Begun", "StartView", "start_view"]


class Begun(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Something that was begun."""

    title: str
    """The role aimed for; empty before there is a goal."""
    href: str
    changed: AwareDatetime
    day: str
    """When it was changed, as an ISO date, for the page."""


class StartView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The start page."""

    begun: tuple[Begun, ...]
    demos: tuple[OneDemo, ...]


def start_view(sessions: tuple[SessionSummary, ...], demos: tuple[OneDemo, ...]) -> StartView:
    """Return what the start page shows.

    Args:
        sessions: A person's sessions, last changed first; those that hold nothing are left out.
        demos: The example people.
    """
    return StartView(
        begun=tuple(
            Begun(
                title=each.title,
                href=f"/s/{each.id}",
                changed=each.updated_at,
                day=f"{each.updated_at.astimezone():%-d %B %Y, %H:%M}",
            )
            for each in sessions
            if each.revision
        ),
        demos=demos,
    )
