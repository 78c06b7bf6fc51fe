"""Drafts what travels: post, bullets, talking points, and the model's remarks in the review."""

from collections.abc import Iterable

from proofkit_core.composer.carriers import compose_bullets, compose_post, compose_talking_points
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.drafting import checks
from proofkit_core.drafting.asking import draft_json, draft_text
from proofkit_core.drafting.citations import check_cited, check_cited_words, check_shares
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.fields import carrier_fields, review_fields
from proofkit_core.drafting.invented import check_cited_numbers, check_not_real, check_years
from proofkit_core.drafting.sections import scenario_text
from proofkit_core.integrity import Carrier
from proofkit_core.packet import Bullets, Post, Review, TalkingPoint, TalkingPoints, WorkSample


def draft_post(material: Material, sample: WorkSample, deck: FrameDeck, desk: Desk) -> Post:
    """Return the LinkedIn post."""
    composed = compose_post(material, deck)
    draft = post_draft(material, sample, desk)
    return Post(text=composed if draft.value is None else draft.value, origin=draft.origin)


def post_draft(material: Material, sample: WorkSample, desk: Desk) -> Draft:
    """Ask the model for the LinkedIn post and check its answer."""
    scenario = scenario_text(material.challenge)
    return draft_text(
        desk,
        "linkedin_post",
        carrier_fields(material.brief, material.challenge, material.sample, sample_text(sample)),
        carrier=Carrier.POST,
        extra=(
            lambda text: checks.check_topic(text, scenario),
            lambda text: check_cited(text, material.challenge.facts),
            lambda text: check_cited_words(text, material.challenge.facts, sample_text(sample)),
            check_shares,
            lambda text: check_cited_numbers(text, _known(material)),
            lambda text: check_years(text, _typed(material), sources(material, sample)),
            lambda text: checks.check_grounded(text, sources(material, sample)),
        ),
    )


def draft_bullets(material: Material, sample: WorkSample, deck: FrameDeck, desk: Desk) -> Bullets:
    """Return the résumé bullets."""
    sections = {section.id: section.markdown for section in sample.sections}
    composed = compose_bullets(material, deck, sections)
    draft = bullets_draft(material, sample, desk)
    return Bullets(items=composed if draft.value is None else draft.value, origin=draft.origin)


def bullets_draft(material: Material, sample: WorkSample, desk: Desk) -> Draft:
    """Ask the model for the résumé bullets and check its answer."""
    return draft_json(
        desk,
        "resume_bullets",
        carrier_fields(material.brief, material.challenge, material.sample, sample_text(sample)),
        carrier=Carrier.BULLET,
        texts_of=lambda value: list(value["bullets"]),
        rebuild=tuple,
        extra=(
            checks.check_bullets,
            check_shares,
            lambda text: check_years(text, _typed(material), sources(material, sample)),
            lambda text: checks.check_grounded(text, sources(material, sample), checks.MIN_GROUNDED_POINTS),
        ),
    )


def draft_talking_points(material: Material, sample: WorkSample, deck: FrameDeck, desk: Desk) -> TalkingPoints:
    """Return the talking points; the honest answer about the company always closes them."""
    composed = compose_talking_points(material, deck)
    draft = talking_points_draft(material, sample, desk)
    if draft.value is None:
        return TalkingPoints(items=composed, origin=draft.origin)
    return TalkingPoints(items=(*draft.value, composed[-1]), origin=draft.origin)


def talking_points_draft(material: Material, sample: WorkSample, desk: Desk) -> Draft:
    """Ask the model for the talking points and check its answer."""
    return draft_json(
        desk,
        "talking_points",
        carrier_fields(material.brief, material.challenge, material.sample, sample_text(sample)),
        carrier=Carrier.TALKING_POINT,
        texts_of=lambda value: [text for point in value["points"] for text in (point["question"], point["answer"])],
        rebuild=_pair_up,
        extra=(
            checks.check_questions,
            check_shares,
            lambda text: check_not_real(text.splitlines()),
            lambda text: check_years(text, _typed(material), sources(material, sample)),
            lambda text: checks.check_grounded(text, sources(material, sample), checks.MIN_GROUNDED_POINTS),
        ),
    )


def _pair_up(texts: list[str]) -> tuple[TalkingPoint, ...]:
    return tuple(TalkingPoint(question=q, answer=a) for q, a in zip(texts[::2], texts[1::2], strict=True))


def add_remarks(review: Review, material: Material, sample: WorkSample, desk: Desk) -> Review:
    """Return the review with a model's remarks beside the signals; the label stays what the signals say."""
    draft = remarks_draft(material, sample_text(sample), desk)
    remarks = () if draft.value is None else draft.value
    return review.model_copy(update={"model_remarks": remarks, "origin": draft.origin})


def remarks_draft(material: Material, text: str, desk: Desk) -> Draft:
    """Ask the model for its remarks on a draft and check its answer.

    Args:
        material: What the draft was written from.
        text: The draft as a model reads it.
        desk: The model's desk.
    """
    return draft_json(
        desk,
        "readiness_review",
        review_fields(material.brief, material.sample, text),
        carrier=Carrier.SECTION,
        texts_of=lambda value: [*value["strengths"], *(f"{gap['section']}: {gap['fix']}" for gap in value["gaps"])],
        rebuild=tuple,
        extra=(
            lambda remarks: checks.check_grounded(remarks, f"{text}\n{_known(material)}", checks.MIN_GROUNDED_POINTS),
        ),
        sentences=False,
    )


def sample_text(sample: WorkSample) -> str:
    """Return the document as a model reads it: headings and bodies."""
    return document_text((section.title, section.markdown) for section in sample.sections)


def document_text(sections: Iterable[tuple[str, str]]) -> str:
    """Return a document as a model reads it, from pairs of heading and body."""
    return "\n\n".join(f"{title}\n{body}" for title, body in sections)


def sources(material: Material, sample: WorkSample) -> str:
    """Return all that a text about this sample can be about: the document, the exercise and the person's brief."""
    return f"{sample_text(sample)}\n{_known(material)}"


def _known(material: Material) -> str:
    return f"{scenario_text(material.challenge)}\n{_typed(material)}"


def _typed(material: Material) -> str:
    brief = material.brief
    return "\n".join([brief.target_role, brief.background, *brief.skills, *brief.weak_spots, *brief.notes])
