"""Real results for sessions: what the steps of the main job give without a model."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from proofkit_core import steps
from proofkit_core.brief import Brief
from proofkit_core.packet import Packet
from proofkit_core.roles.index import RoleIndex
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.sessions import (
    Document,
    SessionEvent,
    StoredRole,
    brief_of,
    exercise_basis,
    material_of,
    new_id,
    packet_basis,
    reduce,
    role_basis,
    section_basis,
    store_exercise,
    travel_basis,
)
from proofkit_serve.sessions.events import ExerciseSet, PacketFinished, RoleFound, SectionDrafted, TravelDrafted

NURSE = Brief(
    target_role="Project manager",
    background="Six years as a ward nurse. I ran the rota of 24 people and cut handover time by a third.",
    notes=("Night staff only reads what hangs at the door.",),
)
COOK = Brief(
    target_role="Data analyst",
    background="I cooked in a hospital kitchen for nine years and kept the stock lists in spreadsheets.",
)

Walk = Callable[[Document], Iterator[SessionEvent]]


@pytest.fixture(scope="session")
def workshop(role_index: RoleIndex) -> Workshop:
    return Workshop(contract=load_contract("v1"), index=role_index, product_version="0")


@pytest.fixture(scope="session")
def briefs() -> tuple[Brief, Brief]:
    return NURSE, COOK


@pytest.fixture(scope="session")
def walk(workshop: Workshop) -> Walk:
    """From a document with a goal to its packet: the events, each made from the document before it."""

    def walked(document: Document) -> Iterator[SessionEvent]:
        for step in (_role, _exercise, _sections, _travel, _packet):
            for event in step(document, workshop):
                document = reduce(document, event)
                yield event

    return walked


def _role(document: Document, workshop: Workshop) -> Iterator[SessionEvent]:
    found = steps.find_role(brief_of(document), workshop)
    yield RoleFound(role=StoredRole(entry=found.entry, choice=found.choice), basis=role_basis(document))


def _exercise(document: Document, _workshop: Workshop) -> Iterator[SessionEvent]:
    assert document.role
    exercise = steps.set_exercise(brief_of(document), document.role.entry, seed=document.seed)
    yield ExerciseSet(exercise=store_exercise(exercise.material, exercise.notices), basis=exercise_basis(document))


def _sections(document: Document, workshop: Workshop) -> Iterator[SessionEvent]:
    material = material_of(document)
    desk = steps.open_desk(brief_of(document), workshop, material.challenge)
    for record in material.sample.sections:
        section = steps.write_section(material, record.id, desk)
        yield SectionDrafted(section=section, basis=section_basis(document, record.id), proposal_id=new_id("prop"))


def _travel(document: Document, workshop: Workshop) -> Iterator[SessionEvent]:
    material = material_of(document)
    desk = steps.open_desk(brief_of(document), workshop, material.challenge)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    yield TravelDrafted(travel=steps.write_travel(material, sample, desk), basis=travel_basis(document))


def _packet(document: Document, workshop: Workshop) -> Iterator[SessionEvent]:
    assert document.role
    assert document.travel
    material = material_of(document)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    packet = steps.finish(
        brief_of(document), document.role.choice, material, sample, document.travel, workshop, document.notices
    )
    yield PacketFinished(packet=packet, basis=packet_basis(document))


@pytest.fixture(scope="session")
def packet_of(workshop: Workshop) -> Callable[[Brief], Packet]:
    """The one-call job, for comparison."""
    from proofkit_core.making import make_packet  # noqa: PLC0415 - only where it is compared

    @cache
    def made(index: int) -> Packet:
        return make_packet((NURSE, COOK)[index], workshop)

    return lambda brief: made((NURSE, COOK).index(brief))
