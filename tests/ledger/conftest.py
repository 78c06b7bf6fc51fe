"""Makes whole packets without a model, as the program does, and keeps them for all tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from proofkit_core.brief import Brief
from proofkit_core.brief_file import load_brief
from proofkit_core.integrity import Fact, FactLedger
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_prompts import load_contract

EXAMPLES = Path(__file__).parents[2] / "examples"
Make = Callable[[Brief], Packet]


@pytest.fixture(scope="session")
def make() -> Make:
    workshop = Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0.1.0")
    return lambda brief: make_packet(brief, workshop)


@pytest.fixture(scope="session")
def example(make: Make) -> Callable[[str], Packet]:
    """Return the packet of an example brief."""

    @cache
    def made(name: str) -> Packet:
        return make(load_brief(EXAMPLES / f"{name}.toml").brief)

    return made


@pytest.fixture(scope="session")
def facts() -> FactLedger:
    return FactLedger(
        user_facts=(
            Fact(
                ref="background",
                text="Shift lead in a garden-centre warehouse, six years. "
                "I cut our Saturday stock count from five hours to three by re-drawing the aisle map.",
            ),
            Fact(
                ref="notes[0]",
                text="the rabbits in the loading bay stopped two deliveries last spring, nobody owned it",
            ),
            Fact(ref="notes[1]", text="I trained 12 new starters and we saved about £40 a week"),
            Fact(ref="weak_spots[0]", text="I have never led a project team"),
        ),
        scenario_facts=(
            Fact(ref="S1", text="4 loading bays"),
            Fact(ref="S2", text="38 deliveries on a normal Monday"),
            Fact(ref="S3", text="go-live planned for Friday 22 May"),
            Fact(ref="S4", text="two dispatchers, one on leave until 20 May"),
            Fact(ref="challenge.situation", text="Marramkeld Supply moves its goods-in desk to a booking system."),
        ),
        company="Marramkeld Supply",
        consent=(),
    )
