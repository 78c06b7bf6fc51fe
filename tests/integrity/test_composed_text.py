"""What the composer writes passes unchanged, for every role and for people with a past of their own."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.composer.carriers import compose_bullets, compose_post, compose_talking_points
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import gather_material
from proofkit_core.composer.sections import compose_sections
from proofkit_core.integrity import Carrier, FactLedger, Outcome, fact_ledger, review_text
from proofkit_core.ledger import trace
from proofkit_core.packet import SourceKind
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.samples.catalog import sample_type

_BRIEFS = {
    "warehouse": {
        "background": "Shift lead in a warehouse, six years. I cut our stock count from five hours to three by hand.",
        "skills": ("planning", "risk management"),
        "weak_spots": ("never used a formal project plan",),
        "notes": ("the rabbits in the loading bay stopped two deliveries last spring", "drivers never read email"),
    },
    "ward": {
        "background": "Nurse. At St Something I coordinated discharge for 28 beds; my team of 9 won the ward award.",
        "notes": ("Our clients' families called at 6 pm", "I handled up to 40 calls per shift | sometimes more"),
        "resume": "- Led a team of 9 nurses\n- Reduced falls by 30% over two years\n- Registered Nurse",
    },
    "bare": {"background": "Retired primary teacher"},
}


class _Text(NamedTuple):
    carrier: Carrier
    text: str
    facts: FactLedger


def _composed(entry: CatalogueRole, name: str) -> Iterator[_Text]:
    brief = Brief.model_validate({"target_role": entry.role.title, **_BRIEFS[name]})
    scenario = entry.role.scenarios[0]
    challenge = draw_challenge(scenario, role_title=entry.role.title, brief_digest=name, seed=3)
    sample = sample_type(entry.role.work_samples[0])
    material = gather_material(brief, brief_digest=name, seed=3, role=entry.role, sample=sample, challenge=challenge)
    deck = FrameDeck(name, 3)
    facts = fact_ledger(brief, challenge)
    sections = compose_sections(material, deck)
    yield from (_Text(Carrier.SECTION, text, facts) for text in sections.values())
    yield _Text(Carrier.POST, compose_post(material, deck), facts)
    yield from (_Text(Carrier.BULLET, text, facts) for text in compose_bullets(material, deck, sections))
    for point in compose_talking_points(material, deck):
        yield _Text(Carrier.TALKING_POINT, point.question, facts)
        yield _Text(Carrier.TALKING_POINT, point.answer, facts)


@pytest.mark.parametrize("name", sorted(_BRIEFS))
def test_composed_text_passes_unchanged(name: str) -> None:
    broken = [
        f"{entry.role.id}: {found.rule} {found.quote!r} in {text[:80]!r}"
        for entry in load_catalogue()
        for carrier, text, facts in _composed(entry, name)
        if (verdict := review_text(text, facts=facts, carrier=carrier)).outcome is not Outcome.CLEAN
        for found in verdict.findings
    ]
    assert not broken


def test_every_statement_of_composed_text_has_a_source() -> None:
    for entry in load_catalogue()[::12]:
        for carrier, text, facts in _composed(entry, "warehouse"):
            loose = [e.text for e in trace(carrier, text, facts=facts) if e.kind is SourceKind.UNSUPPORTED]
            assert not loose, entry.role.id
