"""The main job: a brief in, a packet out. Everything it needs from outside is a parameter."""

from collections.abc import Callable
from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.composer.material import Material
from proofkit_core.drafting.desk import Desk
from proofkit_core.errors import GenerationCancelledError
from proofkit_core.generation import CancelSignal
from proofkit_core.packet import Packet, Section
from proofkit_core.steps import (
    assemble_sample,
    find_role,
    finish,
    open_desk,
    set_exercise,
    write_section,
    write_travel,
)
from proofkit_core.workshop import NO_MODEL, Workshop

__all__ = ["NO_MODEL", "OnProgress", "Progress", "Stage", "Workshop", "make_packet"]


class Stage(StrEnum):
    """What the program is doing, in words for the person."""

    MATCH = "Finding the role"
    CHALLENGE = "Setting the challenge"
    SECTIONS = "Writing the work sample"
    TRAVEL = "Writing post, bullets and talking points"
    REVIEW = "Reviewing"


class Progress(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One step forward."""

    stage: Stage
    detail: str = ""
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]


def make_packet(
    brief: Brief,
    workshop: Workshop,
    *,
    seed: int = 0,
    notices: tuple[str, ...] = (),
    cancel: CancelSignal | None = None,
    on_progress: OnProgress = lambda _: None,
) -> Packet:
    """Make a packet: all of `proofkit_core.steps` in a row. The same brief, seed and model give the same packet.

    Args:
        brief: What the person typed.
        workshop: Contract, index, models.
        seed: Another seed gives another company and other wording.
        notices: What was changed in the input, to be told.
        cancel: Set to stop; nothing is returned then.
        on_progress: Called at each step.

    Raises:
        GenerationCancelledError: `cancel` was set.
        ExportRefusedError: Something the person typed would make the packet break the integrity policy.
    """
    told = _stopping(on_progress, cancel)
    told(Progress(stage=Stage.MATCH, detail=brief.target_role))
    entry, choice = find_role(brief, workshop, cancel)
    exercise = set_exercise(brief, entry, seed=seed)
    material = exercise.material
    told(Progress(stage=Stage.CHALLENGE, detail=material.challenge.company))
    desk = open_desk(brief, workshop, material.challenge, cancel)
    sample = assemble_sample(material, _write_sections(material, desk, told))

    def on_part(number: int, name: str) -> None:
        told(Progress(stage=Stage.TRAVEL, detail=name, done=number, total=3))

    travel = write_travel(material, sample, desk, on_part=on_part)
    told(Progress(stage=Stage.REVIEW))
    return finish(brief, choice, material, sample, travel, workshop, (*notices, *exercise.notices), cancel=cancel)


def _stopping(on_progress: OnProgress, cancel: CancelSignal | None) -> OnProgress:
    """Look at `cancel` at each step too: without a model, nobody else does."""

    def told(progress: Progress) -> None:
        if cancel is not None and cancel.is_set():
            raise GenerationCancelledError("Stopped before the packet was finished; nothing was written.")
        on_progress(progress)

    return told


def _write_sections(material: Material, desk: Desk, told: OnProgress) -> list[Section]:
    records = material.sample.sections
    written: list[Section] = []
    for number, record in enumerate(records):
        told(Progress(stage=Stage.SECTIONS, detail=record.title, done=number, total=len(records)))
        written.append(write_section(material, record.id, desk))
    return written
