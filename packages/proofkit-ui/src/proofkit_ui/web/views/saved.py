"""The answer of an autosave."""

from pydantic import BaseModel

__all__ = ["NewMark", "SavedView"]


class NewMark(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The mark of a field as it is stored now, for the hidden field on the page."""

    name: str
    id: str
    value: str


class SavedView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Whether what was typed is saved."""

    time: str
    """Time of day in the person's words; the page's own clock is not asked."""
    problem: str = ""
    """Why it is kept but not used; empty where it is simply saved."""
    marks: tuple[NewMark, ...] = ()
