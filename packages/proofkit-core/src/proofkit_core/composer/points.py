"""Reads the person's own notes: what each is about, and where in a work sample it belongs.

A note changes the document according to its kind: an incident becomes a risk with an owner, an observation about
people becomes a line of the communication plan, a preference becomes the rule behind the decision. The words stay the
person's own.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

from proofkit_core.samples.records import View


class PointKind(StrEnum):
    """What a note is about."""

    CHANNEL = "channel"
    PREFERENCE = "preference"
    RESULT = "result"
    OWNERSHIP = "ownership"
    INCIDENT = "incident"
    DELAY = "delay"
    MISTAKE = "mistake"
    STAFFING = "staffing"
    MONEY = "money"
    SAFETY = "safety"
    FEELING = "feeling"
    METHOD = "method"
    QUESTION = "question"
    OTHER = "other"


@cache
def _cues() -> tuple[tuple[PointKind, re.Pattern[str]], ...]:
    text = files("proofkit_core.composer").joinpath("data", "cues.toml").read_text(encoding="utf-8")
    return tuple(
        (PointKind(cue["kind"]), re.compile("|".join(cue["patterns"]), re.IGNORECASE))
        for cue in tomllib.loads(text)["cue"]
    )


_HOMES: dict[PointKind, tuple[View, ...]] = {
    PointKind.CHANNEL: (View.PEOPLE, View.STEPS, View.RISKS, View.SITUATION, View.RECOMMENDATION),
    PointKind.PREFERENCE: (View.RECOMMENDATION, View.TRADEOFF, View.REVERSAL),
    PointKind.RESULT: (View.SITUATION, View.RECOMMENDATION, View.ASSUMPTIONS),
    PointKind.OWNERSHIP: (View.RISKS, View.STEPS, View.REQUIREMENTS, View.PEOPLE, View.RECOMMENDATION),
    PointKind.INCIDENT: (View.RISKS, View.SITUATION, View.ASSUMPTIONS, View.RECOMMENDATION),
    PointKind.DELAY: (View.RISKS, View.STEPS, View.RECOMMENDATION),
    PointKind.MISTAKE: (View.RISKS, View.CHECKLIST, View.REQUIREMENTS, View.RECOMMENDATION),
    PointKind.STAFFING: (View.RISKS, View.STEPS, View.ASSUMPTIONS, View.RECOMMENDATION),
    PointKind.MONEY: (View.ASSUMPTIONS, View.TRADEOFF, View.OPTIONS, View.RECOMMENDATION),
    PointKind.SAFETY: (View.RISKS, View.CHECKLIST, View.REQUIREMENTS, View.RECOMMENDATION),
    PointKind.FEELING: (View.PEOPLE, View.RISKS, View.SITUATION, View.RECOMMENDATION),
    PointKind.METHOD: (View.STEPS, View.CHECKLIST, View.RECOMMENDATION),
    PointKind.QUESTION: (View.QUESTIONS, View.ASSUMPTIONS, View.RECOMMENDATION),
    PointKind.OTHER: (View.SITUATION, View.CHECKLIST, View.QUESTIONS, View.ASSUMPTIONS, View.RECOMMENDATION),
}
"""Where a point of each kind is at home, best first; never among measures, whose targets are hypothetical."""
_AT_HOME = 3
"""So many points in a row go to their best home, the next ones to their second best: no section becomes a heap."""
FRAMED = 10
"""Points from this one on are listed, wherever there is room, and get no words around them."""

_AUDIENCE = re.compile(
    r"^(?:the |our |my |most |some )?(?P<who>[a-z][\w' -]{1,30}?)\s+"
    r"(?:only|never|always|hardly|rarely|mostly|don't|do not|won't|will not|prefer)\b",
    re.IGNORECASE,
)
_NOT_PEOPLE = frozenset({"i", "you", "we", "it", "he", "she", "they", "nobody", "no one", "this", "that", "there"})


class Point(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One note of the person, read."""

    ref: str
    """`notes[0]` …"""
    text: str
    kind: PointKind
    number: int = 0
    """Its place among the points."""
    audience: str = ""
    """For a note about how people communicate: who they are."""


def read_point(text: str, ref: str, number: int = 0) -> Point:
    """Say what a note is about. Unclear ones are `OTHER` and still used.

    Args:
        text: The note as typed.
        ref: Where it stands in the brief.
        number: Its place among the points.
    """
    kind = next((kind for kind, cue in _cues() if cue.search(text)), PointKind.OTHER)
    audience = _AUDIENCE.match(text) if kind is PointKind.CHANNEL else None
    who = audience["who"].lower() if audience else ""
    return Point(ref=ref, text=text, kind=kind, number=number, audience="" if who in _NOT_PEOPLE else who)


def place_points(points: tuple[Point, ...], views: tuple[View, ...]) -> dict[View, tuple[Point, ...]]:
    """Give every point one section, by what it is about and by its number.

    The other points play no part, so that changing one of them moves that one alone.

    Args:
        points: The read notes.
        views: The views of the sample's sections, in order.

    Returns:
        Points by view; each point stands exactly once.
    """
    placed: dict[View, list[Point]] = {view: [] for view in views}
    anywhere = [view for view in views if view is not View.MEASURES]
    for point in points:
        homes = [view for view in _HOMES[point.kind] if view in placed]
        if point.number >= FRAMED or not homes:
            placed[anywhere[point.number % len(anywhere)]].append(point)
        else:
            placed[homes[point.number // _AT_HOME % len(homes)]].append(point)
    return {view: tuple(items) for view, items in placed.items()}
