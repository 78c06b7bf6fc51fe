"""A rewritten section keeps its figures: what got lost opens the next try, in the words that stood there."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from proofkit_core.brief import Brief
from proofkit_core.challenge.setting import set_challenge
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.composer.sections import compose_sections
from proofkit_core.drafting.desk import Desk, Draft, typed_text
from proofkit_core.drafting.revising import revision_draft
from proofkit_core.generation import Candidate, GenerationRequest
from proofkit_core.integrity import fact_ledger
from proofkit_core.making import NO_MODEL
from proofkit_core.packet import Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.sample_choice import choose_sample
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.seeds import draw_digest
from proofkit_core.wording import sentences
from proofkit_prompts import load_contract


class Script(Protocol):
    """Makes backends that answer as they are told."""

    def __call__(self, answer: Callable[[GenerationRequest], str]) -> Any: ...  # noqa: ANN401


BRIEF = Brief(target_role="Logistics coordinator", background="I ran the back office of a bakery for six years.")


@pytest.fixture(scope="module")
def material(role_index: RoleIndex) -> Material:
    role = choose_role(BRIEF, role_index).entry.role
    sample = choose_sample("", role, load_sample_types()).sample
    challenge = set_challenge(BRIEF, role.scenarios, role_title=role.title, seed=0)
    digest = draw_digest(BRIEF)
    return gather_material(BRIEF, brief_digest=digest, seed=0, role=role, sample=sample, challenge=challenge)


def rewritten(material: Material, answer: Callable[[str], str], scripted: Script) -> tuple[str, list[str], Draft]:
    """Return the text that was to be rewritten, what each try began with, and what came of it."""
    section = material.sample.sections[0]
    text = compose_sections(material, FrameDeck(material.brief_digest, 0))[section.id]
    openings: list[str] = []

    def told(request: GenerationRequest) -> str:
        openings.append(request.opening)
        return f"{request.opening} {answer(text)}".strip()

    facts = fact_ledger(BRIEF, material.challenge)
    desk = Desk(load_contract(), (Candidate(scripted(told)),), facts, typed_text(BRIEF), NO_MODEL)
    return text, openings, revision_draft(material, section, desk, draft=text, action="Make it shorter", goal="Shorter")


def test_a_sentence_whose_figure_got_lost_opens_the_next_try(material: Material, scripted: Script) -> None:
    def forgetful(text: str) -> str:
        return " ".join(line for line in sentences(text) if "[S6]" not in line)

    text, openings, draft = rewritten(material, forgetful, scripted)
    (lost,) = (line for line in sentences(text) if "[S6]" in line)
    assert openings == ["", lost]
    assert draft.value.startswith(lost)
    assert draft.origin.writer is Writer.MODEL


def test_where_most_figures_got_lost_nothing_is_repeated(material: Material, scripted: Script) -> None:
    _, openings, draft = rewritten(
        material, lambda text: sentences(text)[-1] + " That is all there is to say.", scripted
    )
    assert openings == ["", "", ""]
    assert draft.value is None
