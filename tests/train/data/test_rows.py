"""A row is what the app would ask, and a target is what the app would use."""

from collections.abc import Callable
from typing import Any

import pytest

from proofkit_core.faithfulness import words_kept
from proofkit_core.generation import Candidate, GenerationRequest
from proofkit_core.making import Workshop, make_packet
from proofkit_core.roles.index import RoleIndex
from proofkit_prompts import load_contract
from proofkit_train.data.case import Case
from proofkit_train.data.pieces import make_pieces
from proofkit_train.data.reading import load_cases
from proofkit_train.data.row import Rejected, Row
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import open_world

CONTRACT = load_contract()
Answer = Callable[[GenerationRequest], str]
CASES = load_cases()
SOME = CASES[:: max(1, len(CASES) // 8)]


def rows_of(case: Case, number: int = 0) -> list[Row]:
    return [p for p in make_pieces(open_world(case, Variation(case.id, number, 0)), CONTRACT) if isinstance(p, Row)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_row_written_by_hand_passes_the_checks_of_the_app(case: Case) -> None:
    pieces = list(make_pieces(open_world(case, Variation(case.id, 0, 0)), CONTRACT))
    assert [f"{p.id}: {p.reason}: {p.detail}" for p in pieces if isinstance(p, Rejected)] == []


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_the_app_asks_for_a_section_with_the_very_bytes_of_the_row(
    case: Case, number: int, scripted: Callable[[Answer], Any], role_index: RoleIndex
) -> None:
    world = open_world(case, Variation(case.id, number, 0))
    listener = scripted(lambda _: "")  # nothing that could be used
    workshop = Workshop(contract=CONTRACT, index=role_index, product_version="0", candidates=(Candidate(listener),))
    packet = make_packet(world.material.brief, workshop, seed=number)
    if packet.challenge != world.material.challenge:
        pytest.skip("the app finds another role in this person's words")
    sections = [row.prompt for row in rows_of(case, number) if row.task in {"draft_section", "coauthor_section"}]
    assert sections
    assert set(sections) <= {prompt.text for prompt in listener.prompts}


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
@pytest.mark.parametrize("number", [0, 3])
def test_a_target_keeps_every_distinctive_word_that_it_has_to_keep(case: Case, number: int) -> None:
    kept = [(row, said) for row in rows_of(case, number) for said in row.must_keep]
    assert kept
    for row, said in kept:
        assert words_kept(said, row.target).missing == (), row.id


def test_a_target_that_drops_a_point_of_the_person_is_refused() -> None:
    case = next(case for case in CASES if case.note)
    voice = case.note[0].voice[0]
    silent = voice.model_copy(update={"used": ("I would look at it again next week.",)})
    note = case.note[0].model_copy(update={"voice": (silent,)})
    changed = case.model_copy(update={"note": (note, *case.note[1:])})
    pieces = list(make_pieces(open_world(changed, Variation(case.id, 0, 0)), CONTRACT))
    lost = [p for p in pieces if isinstance(p, Rejected) and p.reason in {"anchors", "dropped_points"}]
    assert lost


def test_a_target_that_claims_a_real_client_is_refused() -> None:
    case = CASES[0]
    claim = (("As their consultant I saved {company} a fortune last year, and the client paid me for it.",),)
    changed = case.model_copy(update={"post": case.post.model_copy(update={"slots": claim})})
    pieces = list(make_pieces(open_world(changed, Variation(case.id, 0, 0)), CONTRACT))
    assert any(isinstance(p, Rejected) and p.task == "linkedin_post" for p in pieces)


def test_a_row_carries_the_digests_of_contract_task_and_prompt() -> None:
    row = rows_of(CASES[0])[0]
    assert row.contract == CONTRACT.digest
    assert row.task_digest == CONTRACT.task_digest(row.task)
    assert row.completion.endswith("<|im_end|>")
    assert row.completion.count("<|im_end|>") == 1


def test_grown_rows_say_other_things_than_the_original() -> None:
    case = CASES[0]
    first, second = rows_of(case, 0), rows_of(case, 1)
    assert not {row.prompt for row in first} & {row.prompt for row in second}
    same = {row.target for row in first} & {row.target for row in second}
    assert len(same) <= len(first) / 5  # such doubles stay out of a data set; see test_distinct
