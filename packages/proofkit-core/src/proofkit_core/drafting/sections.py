"""Asks a model for a section."""

from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.material import AnsweredQuestion, Material
from proofkit_core.composer.points import Point
from proofkit_core.composer.sections import answer_paragraph
from proofkit_core.drafting import checks
from proofkit_core.drafting.asking import draft_text
from proofkit_core.drafting.citations import check_cited, check_cited_words, check_shares
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.fields import section_fields
from proofkit_core.drafting.invented import check_cited_numbers
from proofkit_core.drafting.material_lines import material_lines
from proofkit_core.faithfulness import words_kept
from proofkit_core.integrity import Carrier
from proofkit_core.packet import Origin, Section
from proofkit_core.samples.records import SectionRecord
from proofkit_core.wording import escaped, prose


def scenario_text(challenge: Challenge) -> str:
    """Return everything the exercise fixes, to tell whether a draft is about it."""
    facts = "\n".join(fact.text for fact in challenge.facts)
    return f"{challenge.company}\n{challenge.project}\n{challenge.situation}\n{challenge.decision}\n{facts}"


def section_draft(material: Material, record: SectionRecord, desk: Desk) -> Draft:
    """Ask the model for one section and check its answer.

    Args:
        material: What to write from.
        record: The section to write.
        desk: The model's desk.
    """
    points = material.points_by_view.get(record.view, ())
    answers = material.answers_by_section[record.id]
    pairs = tuple((item.question.ask, item.answer) for item in answers)
    challenge = material.challenge
    fields = section_fields(material.brief, challenge, material.sample, record, points, pairs)
    noted = "\n".join(point.text for point in points)
    answered = "\n".join(item.answer for item in answers)
    scenario = scenario_text(challenge)
    lines = "\n".join(material_lines(challenge.material, record.view))
    sources = f"{scenario}\n{lines}\n{noted}\n{answered}\n{record.goal}"
    typed = f"{material.brief.background}\n" + "\n".join(material.brief.notes)
    return draft_text(
        desk,
        "coauthor_section" if answers else "draft_section",
        fields,
        carrier=Carrier.SECTION,
        extra=(
            lambda text: checks.check_topic(text, scenario),
            lambda text: check_cited(text, challenge.facts),
            lambda text: check_cited_words(text, challenge.facts, lines),
            check_shares,
            lambda text: check_cited_numbers(text, f"{scenario}\n{noted}\n{answered}\n{typed}"),
            lambda text: checks.check_points(text, noted, checks.NOTE_RECALL),
            lambda text: checks.check_points(text, answered),
            lambda text: checks.check_grounded(text, sources),
        ),
        begin=lambda text: _opening(points, answers, text),
    )


def _opening(points: tuple[Point, ...], answers: tuple[AnsweredQuestion, ...], text: str) -> str:
    """Return what the person said and a draft dropped, in their words, for the next draft to begin with."""
    dropped = [point.text for point in points if words_kept(point.text, text).missing]
    asked = [item for item in answers if words_kept(item.answer, text).missing]
    noted = " ".join(prose(escaped(typed)) for typed in dropped)
    return "\n\n".join(filter(None, [noted, *map(answer_paragraph, asked)]))


def as_section(record: SectionRecord, markdown: str, origin: Origin) -> Section:
    """Return a section with its text."""
    return Section(
        id=record.id,
        title=record.title,
        view=record.view.value,
        goal=record.goal,
        markdown=markdown,
        origin=origin,
    )
