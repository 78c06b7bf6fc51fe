"""The steps about one section: written by a model or the composer, revised by a model, or edited by the person."""

import re

from pydantic import BaseModel

from proofkit_core.cleaning import clean_text
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.composer.sections import compose_sections
from proofkit_core.drafting.citations import check_cited
from proofkit_core.drafting.desk import Desk, StandIn
from proofkit_core.drafting.revising import revision_draft
from proofkit_core.drafting.sections import as_section, section_draft
from proofkit_core.drafting.wishes import impossible, wish_checks
from proofkit_core.errors import ExportRefusedError, InputError
from proofkit_core.faithfulness import words_kept
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.ledger import first_unsupported
from proofkit_core.packet import EarlierVersion, Fallback, Origin, Section, Tried, Writer
from proofkit_core.policing import police_section
from proofkit_core.samples.records import SectionRecord

SECTION_CAP = 8_000
"""Longest text of a section that a person may write, in characters."""
ACTION_CAP = 200
"""Longest action of a revision, in characters."""
_CITATION = re.compile(r"\[(S\d+)\]")


class Revision(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What came of the wish to have a section rewritten."""

    section: Section
    """The new text; as it was where the draft was turned down."""
    turned_down: Fallback | None = None
    """Why the text is as it was; nothing where it is new."""
    tried: tuple[Tried, ...] = ()
    """Every attempt in turn."""


def write_section(material: Material, section_id: str, desk: Desk) -> Section:
    """Return one section, from a model or the composer as a whole, with the integrity rules applied.

    Args:
        material: What to write from.
        section_id: Id of the section in the sample.
        desk: Where models are asked.

    Raises:
        GenerationCancelledError: The person stopped the run.
        ExportRefusedError: Something the person typed would make the section break the integrity policy.
        InputError: The sample has no such section.
    """
    record = _record(material, section_id)
    draft = section_draft(material, record, desk)
    text = _composed(material, section_id) if draft.value is None else draft.value
    return police_section(as_section(record, text, draft.origin), desk.facts)


def revise(material: Material, section: Section, desk: Desk, *, action: str) -> Revision:
    """Have a model rewrite a section; a draft that may not be used leaves the text as it was.

    Args:
        material: What the section was written from.
        section: The section as it is.
        desk: Where models are asked.
        action: What to do, such as `Make it shorter`.

    Raises:
        GenerationCancelledError: The person stopped the run.
        InputError: The sample has no such section, or the action is empty or too long.
    """
    record = _record(material, section.id)
    wish = " ".join(clean_text(action).text.split())
    if not 0 < len(wish) <= ACTION_CAP:
        raise InputError(
            f"The action has {len(wish)} characters; expected 1 to {ACTION_CAP}. Say in a few words what to do, "
            "such as “Make it shorter”."
        )
    problem = impossible(wish, section.markdown)
    if desk.candidates and problem:
        return Revision(section=section, turned_down=problem)
    before = StandIn("the text as it was", "the text stays as it was", section.origin.writer)
    draft = revision_draft(
        material,
        record,
        desk,
        draft=section.markdown,
        action=wish,
        goal=record.goal,
        keep=_said_in(material, section),
        wished=wish_checks(wish, section.markdown),
        behind=before,
    )
    origin = draft.origin
    if draft.value is None:
        return Revision(section=section, turned_down=origin.fallback, tried=origin.tried)
    return Revision(section=_changed(section, draft.value, origin, desk.facts), tried=origin.tried)


def edit_section(material: Material, section: Section, markdown: str) -> Section:
    """Return a section with the text that the person wrote instead.

    The integrity rules apply to it as to any other: what they can put right is put right.

    Args:
        material: What the section was written from.
        section: The section as it was.
        markdown: The new text.

    Raises:
        InputError: The text is empty or too long, or cites a fact of the exercise for something else.
        ExportRefusedError: It says something that neither the person's brief nor the exercise says.
    """
    text = clean_text(markdown).text.strip()
    if text == section.markdown:
        return section
    if not 0 < len(text) <= SECTION_CAP:
        raise InputError(
            f"Section “{section.title}” would have {len(text):,} characters; expected 1 to {SECTION_CAP:,}. "
            "Write something, or shorten it."
        )
    check_citations(material, f"Section “{section.title}”", text)
    facts = fact_ledger(material.brief, material.challenge)
    edited = _changed(section, text, Origin(writer=Writer.PERSON), facts)
    loose = first_unsupported([edited.markdown], facts)
    if loose:
        raise ExportRefusedError(
            f"The section “{section.title}” would say “{loose}”, and no source says so: expected your own words, a "
            "fact of the exercise, or a label as hypothetical. Change that sentence, or say in your brief where it "
            "comes from."
        )
    return edited


def _record(material: Material, section_id: str) -> SectionRecord:
    records = {record.id: record for record in material.sample.sections}
    if section_id not in records:
        raise InputError(
            f"There is no section {section_id!r}; {material.sample.title} has {', '.join(records)}. Use one of these."
        )
    return records[section_id]


def _composed(material: Material, section_id: str) -> str:
    # All sections share one deck of frames, so that no frame is dealt twice: the others are composed along with it.
    return compose_sections(material, FrameDeck(material.brief_digest, material.seed))[section_id]


def _changed(section: Section, markdown: str, origin: Origin, facts: FactLedger) -> Section:
    before = section.origin
    # Two versions by the same writer count as one: the earlier one would only make the packet longer.
    same_writer = (before.writer, before.model) == (origin.writer, origin.model)
    replaced = () if same_writer else (EarlierVersion(markdown=section.markdown, origin=before),)
    earlier = (*section.earlier, *replaced)
    changed = section.model_copy(update={"markdown": markdown, "origin": origin, "earlier": earlier})
    return police_section(changed, facts)


def _said_in(material: Material, section: Section) -> str:
    """Return what the person said and the section holds, which no new text of it may drop."""
    record = _record(material, section.id)
    said = [point.text for point in material.points_by_view.get(record.view, ())]
    said += [item.answer for item in material.answers_by_section[record.id]]
    return "\n".join(text for text in said if not words_kept(text, section.markdown).missing)


def check_citations(material: Material, place: str, text: str) -> None:
    """Refuse a text of the person that cites a fact which the exercise lacks, or one for something else.

    Args:
        material: Holds the exercise.
        place: Where the text stands, as a sentence about it begins.
        text: The text.

    Raises:
        InputError: It does.
    """
    known = [fact.id for fact in material.challenge.facts]
    unknown = next((cited for cited in _CITATION.findall(text) if cited not in known), None)
    if unknown:
        raise InputError(
            f"{place} would cite [{unknown}]; the exercise has the facts {', '.join(known)}. "
            "Cite one of these, or leave the mark out."
        )
    problem = check_cited(text, material.challenge.facts)
    if problem:
        raise InputError(
            f"{place} would cite a fact of the exercise for something else: {problem.detail}. "
            "Expected each number beside the fact that holds it. Change the number or the mark."
        )
