"""Finds the place in the person's own text that a sign of readiness speaks about, so that a fix is one click away."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel

from proofkit_core.packet import EntryType, LedgerEntry, Section, Signal, SourceKind, WorkSample
from proofkit_core.samples.records import View
from proofkit_serve.sessions import Document

_WORD = re.compile(r"\w+")
_LEADING_WORDS = 6
_IN_SECTION = "work_sample."


class Where(StrEnum):
    """Which page shows a place."""

    TEXT = "text"
    """The text of a section, on the page of the work sample."""
    QUESTIONS = "questions"
    """The guided questions of a section, in the builder."""


class Place(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A place that a person can go to."""

    where: Where
    section: str
    """Id of the section."""
    title: str
    """Its heading, as the person sees it."""
    url: str


_Found = tuple[Where, Section]
_Find = Callable[[Document, WorkSample, Signal, tuple[LedgerEntry, ...]], _Found]


def place_of(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> Place:
    """Return where a sign can be mended.

    Args:
        document: The session.
        sample: Its work sample.
        signal: The sign.
        ledger: The statements of the work sample with their sources.
    """
    where, section = _FINDERS.get(signal.id, _first)(document, sample, signal, ledger)
    return at(document, where, section)


def at(document: Document, where: Where, section: Section) -> Place:
    """Return the place of a section on one of the two pages."""
    base = f"/s/{document.id}"
    url = f"{base}/sample#section-{section.id}" if where is Where.TEXT else f"{base}/builder/{section.id}"
    return Place(where=where, section=section.id, title=section.title, url=url)


def _first(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    del document, signal, ledger
    return Where.TEXT, sample.sections[0]


def _of_view(*views: View) -> _Find:
    def find(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
        fitting = (section for section in sample.sections if section.view in views)
        return Where.TEXT, next(fitting, _first(document, sample, signal, ledger)[1])

    return find


def _unanswered(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    """Return the first section with a question that has no answer yet: the shortest way to more words of one's own."""
    answers = document.goal.answers if document.goal else {}
    asked = document.exercise.sample.sections if document.exercise else ()
    for record in asked:
        if any(not answers.get(f"{record.id}.{question.id}", "").strip() for question in record.questions):
            fitting = (section for section in sample.sections if section.id == record.id)
            return Where.QUESTIONS, next(fitting, sample.sections[0])
    return Where.TEXT, _first(document, sample, signal, ledger)[1]


def _missing_words(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    """Return the section whose answer holds a word that is missing; for a note, the first section."""
    missing = set(_WORD.findall(signal.evidence.casefold()))
    answers = document.goal.answers if document.goal else {}
    for section in sample.sections:
        typed = " ".join(answer for ref, answer in answers.items() if ref.startswith(f"{section.id}."))
        if missing & set(_WORD.findall(typed.casefold())):
            return Where.TEXT, section
    return _first(document, sample, signal, ledger)


def _loose(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    loose = next(
        (
            entry.carrier.removeprefix(_IN_SECTION)
            for entry in ledger
            if entry.kind is SourceKind.UNSUPPORTED
            and entry.type is not EntryType.SKILL
            and entry.carrier.startswith(_IN_SECTION)
        ),
        "",
    )
    fitting = (section for section in sample.sections if section.id == loose)
    return Where.TEXT, next(fitting, _first(document, sample, signal, ledger)[1])


def _repeated(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    """Return the last section that holds the sentence: the second time is the one to strike."""
    opening = _WORD.findall(signal.evidence.casefold())[:_LEADING_WORDS]
    for section in reversed(sample.sections):
        words = _WORD.findall(section.markdown.casefold())
        if any(words[start : start + len(opening)] == opening for start in range(len(words))):
            return Where.TEXT, section
    return _first(document, sample, signal, ledger)


def _by_length(document: Document, sample: WorkSample, signal: Signal, ledger: tuple[LedgerEntry, ...]) -> _Found:
    """Return the longest section where there is something to cut, and the shortest where something is to be added."""
    del document, ledger
    pick = max if signal.fix.startswith("Cut") else min
    return Where.TEXT, pick(sample.sections, key=lambda section: len(section.markdown))


_FINDERS: Mapping[str, _Find] = MappingProxyType(
    {
        "points-kept": _missing_words,
        "decision": _of_view(View.RECOMMENDATION),
        "tradeoff": _of_view(View.TRADEOFF, View.OPTIONS),
        "assumptions": _of_view(View.ASSUMPTIONS),
        "owners": _of_view(View.RISKS, View.STEPS),
        "facts-used": _first,
        "own-share": _unanswered,
        "supported": _loose,
        "repeats": _repeated,
        "length": _by_length,
        "disclosure": _first,
    }
)
