"""Says in words where a statement comes from."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from proofkit_core.export.letters import letters_in
from proofkit_core.packet import EntryType, LedgerEntry, Packet, SourceKind, Support

TITLE = "Where each sentence comes from"
KINDS = {
    SourceKind.YOURS: "The writer’s own",
    SourceKind.BRIEF: "The brief’s",
    SourceKind.HYPOTHETICAL: "Hypothetical",
    SourceKind.UNSUPPORTED: "Without a source",
}
MEANINGS = (
    ("The writer’s own", "their words or facts, from what they typed: background, notes, answers, skills, résumé."),
    ("The brief’s", "a fact of the fictional exercise: the company, its numbers, its dates."),
    ("Hypothetical", "a plan, an assumption or a connecting sentence made for this exercise."),
)
_NUMBERED = re.compile(r"(notes|skills|weak_spots)\[(\d+)\]")
_ENTRIES = {"notes": "note", "skills": "skill", "weak_spots": "weak spot"}
_NAMED = {
    "background": "background",
    "resume": "résumé",
    "name": "name",
    "challenge.company": "the company",
    "challenge.business": "what the company is",
    "challenge.project": "the project",
    "challenge.situation": "the situation",
    "challenge.decision": "the decision",
}
_MARKDOWN = re.compile(r"\\(?=[!-/:-@\[-`{-~])|\*+|`+|(?<=\n)[ \t]*>[ \t]?")


class CarrierPart(NamedTuple):
    """A part of the packet with its statements."""

    title: str
    carriers: tuple[str, ...]


def parts_of(packet: Packet) -> tuple[CarrierPart, ...]:
    """Return the parts of a packet with the carriers of each, in reading order."""
    sections = (CarrierPart(s.title, (f"work_sample.{s.id}",)) for s in packet.sample.sections)
    bullets = tuple(f"bullets[{n}]" for n in range(len(packet.bullets.items)))
    points = tuple(
        f"talking_points[{n}].{part}"
        for n in range(len(packet.talking_points.items))
        for part in ("question", "answer")
    )
    return (
        CarrierPart("Title and disclosure", ("title", "disclosure", "subtitle")),
        *sections,
        CarrierPart("About this exercise", ("about",)),
        CarrierPart("LinkedIn post", ("post",)),
        CarrierPart("Résumé bullets", bullets),
        CarrierPart("Talking points", points),
    )


def entries_of(ledger: Iterable[LedgerEntry], carriers: Iterable[str]) -> list[LedgerEntry]:
    """Return the entries of some carriers, in order."""
    wanted = set(carriers)
    return [entry for entry in ledger if entry.carrier in wanted]


def number_of(entry_id: str) -> str:
    """Return the number of an entry, without its letter."""
    return entry_id.removeprefix("L")


def is_inside(entry: LedgerEntry) -> bool:
    """Say whether an entry is a number or skill inside a sentence."""
    return "." in entry.id


def shown_text(entry: LedgerEntry, longest: int = 90) -> str:
    """Return what an entry is about, as a reader sees it, cut at a word."""
    text = " ".join(_MARKDOWN.sub("", entry.text).split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def told_entry(entry: LedgerEntry) -> str:
    """Return where an entry comes from, behind its kind: the place and, where it may be shown, its words.

    The person's words are shown only where the statement itself holds them: this travels, and their brief does not.
    """
    return "; ".join(dict.fromkeys(_told(support, entry) for support in entry.support))


def _told(support: Support, entry: LedgerEntry) -> str:
    if support.kind is SourceKind.HYPOTHETICAL:
        return f"made for this exercise, it says “{support.quote}”" if support.quote else "made for this exercise"
    place = _place(support.ref)
    if support.kind is SourceKind.YOURS and letters_in(support.quote).lower() not in letters_in(entry.text).lower():
        return place
    if entry.type is EntryType.SKILL:
        return place
    return f"{place}, “{' '.join(support.quote.split())}”"


def _place(ref: str) -> str:
    numbered = _NUMBERED.fullmatch(ref)
    if numbered:
        return f"{_ENTRIES[numbered[1]]} {int(numbered[2]) + 1}"
    if ref.startswith("answers."):
        return f"answer {ref.removeprefix('answers.')}"
    if re.fullmatch(r"S\d+", ref):
        return f"fact {ref}"
    return _NAMED.get(ref, "the exercise")
