"""The app's button for a shorter text, with the real model: what is offered is shorter, or the old text stays."""

from pathlib import Path

import pytest

from proofkit_core.brief_file import load_brief
from proofkit_core.drafting.wishes import wants_fewer_words
from proofkit_core.generation import Candidate
from proofkit_core.making import Workshop
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.steps import open_desk, revise, set_exercise, write_section
from proofkit_prompts import load_contract
from proofkit_serve import open_llama_cpp
from proofkit_ui.web.drafts.asking import ACTIONS
from proofkit_ui.web.views.changes import changes_between


def test_of_the_buttons_only_one_is_counted() -> None:
    assert [name for name, action in ACTIONS.items() if wants_fewer_words(action)] == ["shorter"]


@pytest.mark.model
def test_what_the_model_offers_as_shorter_is_shorter(examples: Path, role_index: RoleIndex) -> None:
    brief = load_brief(examples / "career-changer.toml").brief
    material = set_exercise(brief, choose_role(brief, role_index).entry, seed=0).material
    offered = 0
    with open_llama_cpp() as model:
        workshop = Workshop(load_contract("v1"), role_index, "0", candidates=(Candidate(model),))
        desk = open_desk(brief, workshop, material.challenge)
        for record in material.sample.sections[:3]:
            section = write_section(material, record.id, desk)
            revision = revise(material, section, desk, action=ACTIONS["shorter"])
            changes = changes_between(section.markdown, revision.section.markdown)
            if revision.turned_down:
                assert revision.section == section
                assert revision.turned_down.message
            else:
                offered += 1
                assert changes.removed > changes.added
    assert offered
