"""Where each sentence of a section comes from: the ledger of the core, in words that a person can follow."""

import re

from pydantic import BaseModel

from proofkit_core.blocks import Block, parse_markdown
from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.export.said import mark_blocks
from proofkit_core.ledger import trace
from proofkit_core.ledger.carriers import section_carrier
from proofkit_core.ledger.sources import name_facts
from proofkit_core.packet import EntryType, LedgerEntry, Section, SourceKind, Support

__all__ = ["Place", "Sentence", "SourcedText", "sourced"]

_NUMBERED = re.compile(r"(notes|skills|weak_spots)\[(\d+)\]")
_LISTED = {"notes": "sources.note", "skills": "sources.skill", "weak_spots": "sources.weak_spot"}
_NAMED = {
    "background": "sources.background",
    "resume": "sources.resume",
    "name": "sources.name",
    "challenge.company": "sources.company",
    "challenge.business": "sources.business",
    "challenge.project": "sources.project",
    "challenge.situation": "sources.situation",
    "challenge.decision": "sources.decision",
}
_KINDS = {
    SourceKind.YOURS: ("yours", "sources.yours"),
    SourceKind.BRIEF: ("brief", "sources.brief"),
    SourceKind.HYPOTHETICAL: ("exercise", "sources.hypothetical"),
    SourceKind.UNSUPPORTED: ("none", "sources.unsupported"),
}
_CUT = 160


class Place(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One place that a statement rests on."""

    word: str
    """Key of the words that name it."""
    number: str = ""
    """Which note or which fact."""
    question: str = ""
    """What was asked, where it is an answer."""
    quote: str = ""
    """The words as they stand there."""


class Inner(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A number or a skill inside a sentence."""

    text: str
    word: str
    """Key of the words for its kind of source."""
    places: tuple[Place, ...]


class Sentence(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One sentence with what it rests on."""

    id: str
    """Of the entry of the ledger, as the blocks name it."""
    href: str
    """The page that tells its source."""
    number: str
    text: str
    kind: str
    """`yours`, `brief`, `exercise` or `none`."""
    word: str
    """Key of the words for that kind."""
    places: tuple[Place, ...]
    inner: tuple[Inner, ...] = ()


class SourcedText(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section, ready to be shown and asked."""

    blocks: tuple[Block, ...]
    """Their runs know the sentence that they belong to."""
    sentences: tuple[Sentence, ...]

    def sentence(self, entry_id: str) -> Sentence | None:
        """Return the sentence that a run belongs to."""
        return next((each for each in self.sentences if each.id == entry_id), None)


def sourced(
    section: Section, brief: Brief, challenge: Challenge, questions: dict[str, str], base: str = ""
) -> SourcedText:
    """Return a section with each sentence's source.

    Args:
        section: The section.
        brief: What the person typed.
        challenge: The exercise.
        questions: What was asked, by `section.question`.
        base: Address of the work sample's page, below which each sentence has its own.
    """
    carrier = section_carrier(section.id)
    entries = trace(carrier, section.markdown, facts=name_facts(brief, challenge), skills=brief.skills)
    return SourcedText(
        blocks=mark_blocks(parse_markdown(section.markdown), entries),
        sentences=tuple(
            _sentence(entry, entries, f"{base}/{section.id}/sources", questions)
            for entry in entries
            if entry.type is EntryType.SENTENCE
        ),
    )


def _sentence(entry: LedgerEntry, entries: tuple[LedgerEntry, ...], base: str, questions: dict[str, str]) -> Sentence:
    number = entry.id.rpartition("#")[2]
    kind, word = _KINDS[entry.kind]
    inner = tuple(
        Inner(text=each.text, word=_KINDS[each.kind][1], places=_places(each, questions))
        for each in entries
        if each.id.startswith(f"{entry.id}.")
    )
    return Sentence(
        id=entry.id,
        href=f"{base}/{number}",
        number=number,
        text=_shown(entry.text),
        kind=kind,
        word=word,
        places=_places(entry, questions),
        inner=tuple(each for each in inner if each.places),
    )


def _places(entry: LedgerEntry, questions: dict[str, str]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_place(support, questions) for support in entry.support))


def _place(support: Support, questions: dict[str, str]) -> Place:
    quote = _shown(support.quote)
    if support.kind is SourceKind.HYPOTHETICAL:
        return Place(word="sources.marked" if quote else "sources.connecting", quote=quote)
    numbered = _NUMBERED.fullmatch(support.ref)
    if numbered:
        return Place(word=_LISTED[numbered[1]], number=str(int(numbered[2]) + 1), quote=quote)
    if support.ref.startswith("answers."):
        asked = questions.get(support.ref.removeprefix("answers."), "")
        return Place(word="sources.answer" if asked else "sources.answer_before", question=asked, quote=quote)
    if re.fullmatch(r"S\d+", support.ref):
        return Place(word="sources.fact", number=support.ref, quote=quote)
    return Place(word=_NAMED.get(support.ref, "sources.exercise"), quote=quote)


def _shown(text: str) -> str:
    plain = " ".join(re.sub(r"\*+|`+", "", text).split())
    return plain if len(plain) <= _CUT else f"{plain[:_CUT].rsplit(' ', 1)[0]} …"
