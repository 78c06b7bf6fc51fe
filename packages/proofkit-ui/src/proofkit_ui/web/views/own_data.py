"""All of a person's data: what there is, as a list that can be saved, brought back or deleted."""

from datetime import datetime

from pydantic import BaseModel

from proofkit_serve.store.records import Counted, SessionSummary

__all__ = ["DataView", "DeletingView", "SessionLine", "data_view"]


class SessionLine(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One work sample in the list."""

    id: str
    title: str
    """The role aimed for; empty before there is a goal."""
    when: str
    """When it was last changed, such as `23 November 2026, 18:52 UTC`."""
    url: str
    delete_url: str


class DataView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page."""

    sessions: tuple[SessionLine, ...]
    problem: str = ""
    """Why a file could not be brought back; empty where nothing went wrong."""
    restored: Counted | None = None
    """How much was just brought back."""
    already_here: int = 0
    """How many of a file's sessions were here already, unchanged."""
    deleted: Counted | None = None
    """How much was just deleted."""
    is_swept: bool = True
    """Whether nothing of it is left in the store's file."""


class DeletingView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page that asks before something is deleted."""

    session: SessionLine | None = None
    """The one to delete; None for everything."""
    count: int
    action: str
    """Where the answer goes."""


def data_view(sessions: tuple[SessionSummary, ...]) -> DataView:
    """Return the page as it stands by itself.

    Args:
        sessions: The person's sessions, last changed first.
    """
    return DataView(sessions=tuple(line_of(each) for each in sessions))


def line_of(session: SessionSummary) -> SessionLine:
    """Return a session as the list shows it."""
    return SessionLine(
        id=session.id,
        title=session.title,
        when=shown_time(session.updated_at),
        url=f"/s/{session.id}",
        delete_url=f"/data/sessions/{session.id}/delete",
    )


def shown_time(at: datetime) -> str:
    """Return a time as people write it.

    Args:
        at: The time, with its zone.
    """
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname() or 'UTC'}"
