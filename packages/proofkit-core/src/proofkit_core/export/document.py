"""Assembles the work sample document; Markdown, HTML, PDF and Word are all written from it."""

from pydantic import BaseModel

from proofkit_core.blocks import (
    Block,
    Disclosure,
    Fact,
    FactList,
    Heading,
    Paragraph,
    Run,
    parse_markdown,
    plain_runs,
)
from proofkit_core.packet import Packet

ABOUT = "About this exercise"
HYPOTHETICAL = (
    "Figures marked (h) are hypothetical: estimates, targets or assumptions that the writer made for this exercise."
)


class Part(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A section of the document: its heading and what stands under it."""

    id: str
    heading: Heading
    blocks: tuple[Block, ...]


class Document(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The work sample as it is read."""

    title: str
    subtitle: str
    """Kind of work sample, its reader and, if given, its writer."""
    disclosure: Disclosure
    disclosure_text: str
    short_disclosure: str
    """The line for page headers and footers."""
    author: str
    language: str
    keywords: tuple[str, ...]
    parts: tuple[Part, ...]
    """The sections in order; the last one is `ABOUT`."""


def document_of(packet: Packet) -> Document:
    """Return the document of a packet: title, disclosure, sections, and the facts that they cite."""
    sample = packet.sample
    parts = [
        Part(
            id=f"section-{number}",
            heading=Heading(level=2, runs=plain_runs(section.title), anchor=f"section-{number}"),
            blocks=parse_markdown(section.markdown),
        )
        for number, section in enumerate(sample.sections, 1)
    ]
    company = packet.challenge.company
    by = f"Written by {packet.brief.name}." if packet.brief.name else ""
    subtitle = f"{sample.sample_title}, written for {sample.reader}. {by}".strip()
    return Document(
        title=sample.title,
        subtitle=subtitle,
        disclosure=Disclosure(runs=plain_runs(sample.disclosure)),
        disclosure_text=sample.disclosure,
        short_disclosure=f"Simulated work sample. {company} is fictional; (h) marks hypothetical figures.",
        author=packet.brief.name,
        language=packet.language,
        keywords=("simulated work sample", f"{company} is fictional", "practice piece"),
        parts=(*parts, _about(packet)),
    )


def _about(packet: Packet) -> Part:
    challenge = packet.challenge
    facts = tuple(Fact(id=fact.id, runs=plain_runs(fact.text)) for fact in challenge.facts)
    company = Run(text=challenge.company, strong=True)
    blocks: tuple[Block, ...] = (
        Paragraph(runs=(company, Run(text=f" is fictional: {challenge.business}, invented for this exercise."))),
        Paragraph(runs=(Run(text="The decision: ", strong=True), *plain_runs(challenge.decision))),
        Paragraph(runs=(Run(text=HYPOTHETICAL),)),
        Paragraph(runs=(Run(text="The facts of the exercise", strong=True), Run(text=", as cited in the text:"))),
        FactList(facts=facts),
    )
    heading = Heading(level=2, runs=(Run(text=ABOUT),), anchor="about-this-exercise")
    return Part(id="about-this-exercise", heading=heading, blocks=blocks)
