"""Builds the data set: every case, every variation, every piece."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from pydantic import BaseModel, Field

from proofkit_prompts import load_contract
from proofkit_train.data.case import Case
from proofkit_train.data.distinct import Written, keep_distinct
from proofkit_train.data.pieces import make_pieces
from proofkit_train.data.profiles import profile_rows
from proofkit_train.data.reading import load_cases
from proofkit_train.data.row import Rejected, Row
from proofkit_train.data.split import held_out, split_of
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import open_world

HAND_WEIGHT = 3.0
"""How often a row written by hand counts against a grown one."""


GROWN = {
    "draft_section": 5,
    "coauthor_section": 5,
    "revise_section": 2,
    "scenario": 1,
    "readiness_review": 2,
    "talking_points": 3,
    "linkedin_post": 4,
    "resume_bullets": 3,
}
"""Most grown rows from one hand-written piece, by task: what a packet asks for often, and what has many parts to choose
among, grows more often. Past these numbers the rows of a piece begin to look alike."""


class BuildPlan(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What decides the bytes of a data set, besides the material and the contract."""

    seed: int = 0
    variations: int = Field(default=5, ge=0)
    """Grown variations of each case; a task may have fewer, see `GROWN`."""
    hand_weight: float = Field(default=HAND_WEIGHT, gt=0)


class Built(NamedTuple):
    """Rows in order, and what was refused."""

    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]


def build_rows(
    plan: BuildPlan,
    *,
    cases: Sequence[Case] | None = None,
    workers: int = 1,
    on_case: Callable[[str], None] = lambda _: None,
) -> Built:
    """Build all rows. The same plan and material give the same rows, in the same order.

    Args:
        plan: Seed and number of variations.
        cases: The hand-written cases; those of the package where there are none.
        workers: Processes to use; how many makes no difference to the rows.
        on_case: Told of each case that is done.
    """
    chosen = load_cases() if cases is None else tuple(cases)
    pieces: list[Row | Rejected] = list(profile_rows(load_contract())) if cases is None else []
    jobs = [(case, plan) for case in chosen]
    if workers > 1:
        # Spawned, so that a worker starts the same way on every platform.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for case, made in zip(chosen, pool.map(_build_case, jobs), strict=True):
                pieces += made
                on_case(case.id)
    else:
        for job in jobs:
            pieces += _build_case(job)
            on_case(job[0].id)
    # Originals first: where two rows share a paragraph, the one written by hand stays.
    good = sorted((piece for piece in pieces if isinstance(piece, Row)), key=lambda row: row.variation)
    refused = [piece for piece in pieces if isinstance(piece, Rejected)]
    rows: list[Row] = []
    for piece in keep_distinct(good):
        if isinstance(piece, Row):
            rows.append(piece)
        else:
            refused.append(piece)
    return Built(tuple(rows), tuple(refused))


def cores() -> int:
    """Return how many processes this machine runs side by side."""
    return os.cpu_count() or 1


def _build_case(job: tuple[Case, BuildPlan]) -> list[Row | Rejected]:
    case, plan = job
    contract, split = load_contract(), split_of(case, held_out())
    made: list[Row | Rejected] = []
    written = Written()
    for number in range(plan.variations + 1):
        world = open_world(case, Variation(case.id, number, plan.seed))
        tasks = [task for task, most in GROWN.items() if number <= most]
        for piece in make_pieces(world, contract, tasks=tasks, written=written):
            if isinstance(piece, Rejected):
                made.append(piece)
            else:
                weight = plan.hand_weight if number == 0 else 1.0
                made.append(piece.model_copy(update={"split": split, "weight": weight}))
    return made
