"""Assembles the work sample document; Markdown, HTML, PDF and Word are all written from it."""

from pydantic import BaseModel

from proofkit_core.about import ABOUT, about_lines, subtitle_of
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
    return Document(
        title=sample.title,
        subtitle=subtitle_of(sample, packet.brief.name),
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
    paragraphs = (
        Paragraph(runs=((Run(text=line.lead, strong=True),) if line.lead else ()) + plain_runs(line.rest))
        for line in about_lines(challenge)
    )
    blocks: tuple[Block, ...] = (*paragraphs, FactList(facts=facts))
    heading = Heading(level=2, runs=(Run(text=ABOUT),), anchor="about-this-exercise")
    return Part(id="about-this-exercise", heading=heading, blocks=blocks)
