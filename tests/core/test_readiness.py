"""The readiness review: read from structure, so that stuffing a text with the right words moves nothing."""

import re
from collections.abc import Callable

import pytest

from proofkit_core.brief import Brief
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.composer.sections import compose_sections
from proofkit_core.integrity import fact_ledger
from proofkit_core.ledger import trace
from proofkit_core.packet import SAMPLE_DISCLOSURE, Origin, Readiness, Review, Section, WorkSample, Writer
from proofkit_core.readiness import review_readiness

Gather = Callable[..., tuple[Material, FrameDeck]]
BRIEF = Brief(
    target_role="Charge nurse",
    background="Ward nurse for six years.",
    notes=(
        "the lilac folder nobody opens holds every protocol",
        "bank staff miss each training because it is always on a Tuesday",
        "I would rather start one bed short than hand over in the corridor",
    ),
)
_RANK = {Readiness.NOT_YET: 0, Readiness.NEARLY: 1, Readiness.READY: 2}


def sample_of(material: Material, deck: FrameDeck) -> WorkSample:
    bodies = compose_sections(material, deck)
    return WorkSample(
        title="t",
        sample_type=material.sample.id,
        sample_title=material.sample.title,
        reader=material.sample.reader,
        disclosure=SAMPLE_DISCLOSURE.format(company=material.challenge.company),
        sections=tuple(
            Section(
                id=record.id,
                title=record.title,
                view=record.view.value,
                goal=record.goal,
                markdown=bodies[record.id],
                origin=Origin(writer=Writer.TEMPLATE),
            )
            for record in material.sample.sections
        ),
    )


def reviewed(material: Material, sample: WorkSample) -> Review:
    facts = fact_ledger(material.brief, material.challenge)
    texts = [(f"work_sample.{section.id}", section.markdown) for section in sample.sections]
    ledger = tuple(entry for carrier, text in texts for entry in trace(carrier, text, facts=facts))
    return review_readiness(material, sample, ledger)


def with_text(sample: WorkSample, change: Callable[[str], str]) -> WorkSample:
    sections = tuple(s.model_copy(update={"markdown": change(s.markdown)}) for s in sample.sections)
    return sample.model_copy(update={"sections": sections})


def missed(review: Review) -> set[str]:
    return {signal.id for signal in review.signals if not signal.passed}


def test_a_composed_sample_with_points_of_its_own_is_ready(gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    review = reviewed(material, sample_of(material, deck))
    assert missed(review) == set()
    assert review.label is Readiness.READY


def test_a_brief_without_points_is_told_that_too_little_is_its_own(gather: Gather) -> None:
    material, deck = gather(Brief(target_role="Charge nurse", background="Ward nurse."), "charge-nurse")
    assert "own-share" in missed(reviewed(material, sample_of(material, deck)))


def test_every_missed_signal_has_a_fix_and_every_signal_its_evidence(gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    review = reviewed(material, with_text(sample_of(material, deck), lambda _: "Nothing much."))
    assert missed(review)
    for signal in review.signals:
        assert signal.evidence
        assert bool(signal.fix) != signal.passed


def test_dropping_a_point_is_named_and_never_raises_the_label(gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    full = sample_of(material, deck)
    less = with_text(full, lambda text: text.replace("lilac", "").replace("folder", "").replace("protocol", ""))
    assert "lilac" in reviewed(material, less).words_missing
    assert _RANK[reviewed(material, less).label] <= _RANK[reviewed(material, full).label]


def test_keyword_stuffing_moves_no_signal_up(gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    empty = with_text(sample_of(material, deck), lambda _: "Nothing much.")
    stuffed = with_text(
        empty, lambda text: f"{text} Tradeoff assumption decision risk owner deadline criterion hypothetical fictional."
    )
    before = {signal.id: signal.value for signal in reviewed(material, empty).signals}
    for signal in reviewed(material, stuffed).signals:
        assert signal.value <= before[signal.id] or signal.id == "length"


def test_the_order_of_sections_changes_nothing(gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    sample = sample_of(material, deck)
    turned = sample.model_copy(update={"sections": sample.sections[::-1]})
    assert [s.value for s in reviewed(material, sample).signals] == [
        s.value for s in reviewed(material, turned).signals
    ]


@pytest.mark.parametrize("part", ["simulated", "fictional"])
def test_a_sample_without_its_disclosure_is_not_ready(part: str, gather: Gather) -> None:
    material, deck = gather(BRIEF, "charge-nurse")
    sample = sample_of(material, deck)
    bare = sample.model_copy(update={"disclosure": re.sub(part, "real", sample.disclosure, flags=re.IGNORECASE)})
    assert "disclosure" not in missed(reviewed(material, sample))
    assert reviewed(material, bare).label is Readiness.NOT_YET


def test_risks_and_steps_without_a_table_name_nobody(gather: Gather) -> None:
    material, deck = gather(BRIEF, "project-manager", "risk-plan")
    sample = sample_of(material, deck)
    assert "owners" not in missed(reviewed(material, sample))
    told = tuple(
        s.model_copy(update={"markdown": "Things go wrong now and then."}) if s.view in {"risks", "steps"} else s
        for s in sample.sections
    )
    assert "owners" in missed(reviewed(material, sample.model_copy(update={"sections": told})))
