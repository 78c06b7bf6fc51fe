"""Composes the whole work sample, section by section, from one deck of frames."""

from collections.abc import Callable

from proofkit_core.composer import prose, tables
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import AnsweredQuestion, Material
from proofkit_core.composer.points import Point
from proofkit_core.samples.records import SectionRecord, View
from proofkit_core.wording import escaped
from proofkit_core.wording import prose as as_sentences

_PROSE: dict[View, Callable[[Material, FrameDeck], list[str]]] = {
    View.RECOMMENDATION: prose.write_recommendation,
    View.SITUATION: prose.write_situation,
    View.TRADEOFF: prose.write_tradeoff,
    View.ASSUMPTIONS: prose.write_assumptions,
    View.REVERSAL: prose.write_reversal,
    View.QUESTIONS: prose.write_questions,
    View.SPECIMEN: prose.write_specimen,
}
_TABLES: dict[View, Callable[[Material, SectionRecord, tuple[Point, ...], FrameDeck], list[str]]] = {
    View.RISKS: tables.write_risks,
    View.PEOPLE: tables.write_people,
    View.STEPS: tables.write_steps,
    View.MEASURES: tables.write_measures,
    View.REQUIREMENTS: tables.write_requirements,
    View.CHECKLIST: tables.write_checklist,
}


def compose_sections(material: Material, deck: FrameDeck) -> dict[str, str]:
    """Return the Markdown body of each section by section id, in the order of the sample type.

    Every note stands in exactly one section and every answer in the section of its question.
    """
    return {section.id: _compose(material, section, deck) for section in material.sample.sections}


def _compose(material: Material, section: SectionRecord, deck: FrameDeck) -> str:
    points = material.points_by_view.get(section.view, ())
    answers = [answer_paragraph(item) for item in material.answers_by_section[section.id]]
    if section.view in _PROSE:
        body = _PROSE[section.view](material, deck)
        return "\n\n".join([*body, *prose.point_paragraphs(points, deck), *answers])
    if section.view is View.OPTIONS:
        body = tables.write_options(material, section, deck)
        return "\n\n".join([*body, *prose.point_paragraphs(points, deck), *answers])
    return "\n\n".join([*_TABLES[section.view](material, section, points, deck), *answers])


def answer_paragraph(item: AnsweredQuestion) -> str:
    """Return an answer as a paragraph of its own, under what was asked."""
    lead = item.question.lead.rstrip(".:")
    return f"**{lead}.** {as_sentences(escaped(item.answer))}"
