"""What the template wrote because a model could not, so that it is said and can be tried again."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import BaseModel

from proofkit_core.packet import FallbackReason, Origin
from proofkit_core.wording import capitalised
from proofkit_serve.sessions import Document

__all__ = ["FallbackGroup", "FallbackNotice", "fallbacks_of"]

_AWAY = frozenset(
    {
        FallbackReason.MODEL_UNAVAILABLE,
        FallbackReason.BUSY,
        FallbackReason.RATE_LIMITED,
        FallbackReason.FAILED,
        FallbackReason.TIME,
    }
)
"""Reasons that may pass by themselves."""
_ADVICE: Mapping[bool, str] = MappingProxyType({True: "fallback.advice.away", False: "fallback.advice.draft"})
"""By whether the reason may pass by itself."""


class FallbackGroup(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Pieces of text that the template wrote for the same reason."""

    why: str
    """A whole sentence."""
    titles: tuple[str, ...]
    """Headings of sections."""
    names: tuple[str, ...]
    """Keys of the words for what travels with the work sample."""


class FallbackNotice(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The notice; where nothing fell back, it counts none and is not shown."""

    session_id: str
    back: str
    """The page that shows it."""
    count: int
    groups: tuple[FallbackGroup, ...]
    advice: str
    """Key of one sentence: what may help."""
    kind: Literal["sections", "packet"]
    """What to ask for to have all of it written again."""


class _Fallen(NamedTuple):
    """One piece of text that fell back."""

    title: str
    name: str
    reason: FallbackReason
    why: str


def fallbacks_of(document: Document, *, back: str, travel: bool = True) -> FallbackNotice:
    """Return what fell back in a session.

    Args:
        document: The session.
        back: Where its retry button leads back to.
        travel: Whether post, bullets and talking points count too.
    """
    found = [*_sections(document), *(_travel(document) if travel else ())]
    return FallbackNotice(
        session_id=document.id,
        back=back,
        count=len(found),
        groups=tuple(_group(why, found) for why in dict.fromkeys(each.why for each in found)),
        advice=_ADVICE[any(each.reason in _AWAY for each in found)],
        kind="packet" if travel else "sections",
    )


def _group(why: str, found: list[_Fallen]) -> FallbackGroup:
    same = [each for each in found if each.why == why]
    return FallbackGroup(
        why=why,
        titles=tuple(each.title for each in same if each.title),
        names=tuple(each.name for each in same if each.name),
    )


def _sections(document: Document) -> Iterator[_Fallen]:
    for item in document.sections:
        if not item.edited_by_person:
            yield from _fallen(item.section.origin, title=item.section.title)


def _travel(document: Document) -> Iterator[_Fallen]:
    travel = document.travel
    if travel is not None:
        yield from _fallen(travel.post.origin, name="fallback.part.post")
        yield from _fallen(travel.bullets.origin, name="fallback.part.bullets")
        yield from _fallen(travel.talking_points.origin, name="fallback.part.talking_points")


def _fallen(origin: Origin, *, title: str = "", name: str = "") -> Iterator[_Fallen]:
    if origin.fell_back and origin.fallback:
        told = origin.fallback
        yield _Fallen(title, name, told.reason, f"{capitalised(told.message)}.")
