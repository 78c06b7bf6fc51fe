"""Keeps what is typed while it is typed, and says when."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import BaseModel

from proofkit_serve.api.services import Services
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.typing import typed_event

__all__ = ["SavedView", "keep", "saved_now"]


class SavedView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """That something was saved."""

    time: str
    """The time of day where the server runs, such as `14:05`."""


async def keep(
    given: Services, document: Document, owner: str, form: str, shown: Mapping[str, str], sent: Mapping[str, str]
) -> Document:
    """Return the session with what was typed kept in it; nothing is written where it holds that already.

    Args:
        given: Where it is kept.
        document: The session.
        owner: Whose it is.
        form: The first part of the places, such as `goal`.
        shown: What the session holds for each field, without what was typed.
        sent: What stands in the fields now.
    """
    event = typed_event(document, form, shown, sent)
    return document if event is None else await given.store.append(document.id, owner, event)


def saved_now(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> SavedView:
    """Return what an autosave is answered with."""
    return SavedView(time=f"{clock().astimezone():%H:%M}")
