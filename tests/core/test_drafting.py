"""The model in the loop: a draft is used whole or not at all, and every fall back says why."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import ScenarioFact
from proofkit_core.drafting.citations import check_cited, check_cited_words, check_shares
from proofkit_core.drafting.desk import RETRIES
from proofkit_core.errors import GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import Candidate, FinishReason, GenerationRequest, TextGenerator
from proofkit_core.making import Progress, Stage, Workshop, make_packet
from proofkit_core.packet import FallbackReason, Packet, Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_prompts import load_contract

BRIEF = Brief(
    target_role="Warehouse supervisor",
    background="Baker for nine years.",
    notes=("I would rather close a lane than rush the forklift", "marzipan melts on pallet nine"),
)
Answer = Callable[[GenerationRequest], str]


class Script(Protocol):
    """Makes backends that answer as they are told."""

    def __call__(self, answer: Answer, finish: FinishReason = FinishReason.STOP) -> Any: ...  # noqa: ANN401


def make(role_index: RoleIndex, generator: TextGenerator, brief: Brief = BRIEF) -> Packet:
    candidates = (Candidate(generator),)
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)
    return make_packet(brief, workshop)


def reasons(packet: Packet) -> set[FallbackReason]:
    return {section.origin.fallback.reason for section in packet.sample.sections if section.origin.fallback}


@pytest.mark.parametrize(
    ("answer", "finish", "reason"),
    [
        ("", FinishReason.STOP, FallbackReason.EMPTY),
        ("Yes.", FinishReason.STOP, FallbackReason.EMPTY),
        ("The plan goes on and on", FinishReason.LENGTH, FallbackReason.LENGTH),
        ("The plan", FinishReason.DEADLINE, FallbackReason.TIME),
        ("Section: Recommendation\nDecision: wait\nDraft: none", FinishReason.STOP, FallbackReason.ECHO),
        ('{"section": "x"}', FinishReason.STOP, FallbackReason.BAD_FORMAT),
        ("We wait for the truck to come in. " * 12, FinishReason.STOP, FallbackReason.REPETITION),
        (
            "Пожалуйста, подождите один день. A calm plan with many different words in it.",
            FinishReason.STOP,
            FallbackReason.EMPTY,
        ),
    ],
)
def test_an_unusable_answer_falls_back_with_its_reason(
    answer: str, finish: FinishReason, reason: FallbackReason, role_index: RoleIndex, scripted: Script
) -> None:
    packet = make(role_index, scripted(lambda _: answer, finish))
    assert all(section.origin.writer is Writer.TEMPLATE for section in packet.sample.sections)
    assert reasons(packet) == {reason}


def test_a_foreign_script_is_refused(role_index: RoleIndex, scripted: Script, good_section: Answer) -> None:
    packet = make(role_index, scripted(lambda r: good_section(r) + " Потому что так лучше для всех людей здесь."))
    assert FallbackReason.WRONG_SCRIPT in reasons(packet)


def test_a_draft_that_drops_the_persons_point_is_refused_and_names_it(
    role_index: RoleIndex, scripted: Script, good_section: Answer
) -> None:
    def without_points(request: GenerationRequest) -> str:
        return good_section(request).split(" My own points")[0]

    packet = make(role_index, scripted(without_points))
    dropped = [s for s in packet.sample.sections if s.origin.fallback]
    assert {s.origin.fallback.reason for s in dropped if s.origin.fallback} == {FallbackReason.DROPPED_POINTS}
    told = " ".join(s.origin.fallback.message for s in dropped if s.origin.fallback)
    assert "marzipan" in told or "forklift" in told or "lane" in told
    text = "\n".join(section.markdown for section in packet.sample.sections)
    assert "marzipan" in text.lower()


def test_a_good_draft_is_used_and_its_model_is_named(
    role_index: RoleIndex, scripted: Script, good_section: Answer
) -> None:
    generator = scripted(good_section)
    packet = make(role_index, generator)
    used = [section for section in packet.sample.sections if section.origin.writer is Writer.MODEL]
    assert used
    assert all(section.origin.model == generator.identity for section in used)
    assert all(section.origin.task_digest for section in used)


def test_a_second_try_is_used_and_counted(role_index: RoleIndex, scripted: Script, good_section: Answer) -> None:
    asked: set[str] = set()

    def short_at_first(request: GenerationRequest) -> str:
        first = request.prompt.user not in asked
        asked.add(request.prompt.user)
        return "Yes." if first else good_section(request)

    origins = [section.origin for section in make(role_index, scripted(short_at_first)).sample.sections]
    used = [origin for origin in origins if origin.writer is Writer.MODEL]
    assert used
    assert {origin.attempts for origin in used} == {2}
    assert all(origin.completion_tokens > 1 for origin in used)
    assert max(origin.attempts for origin in origins) <= 1 + len(RETRIES)


def test_after_a_dropped_point_the_next_draft_begins_with_it(
    scripted: Script, role_index: RoleIndex, good_section: Answer
) -> None:
    openings: list[str] = []

    def forgetful(request: GenerationRequest) -> str:
        openings.append(request.opening)
        return f"{request.opening} {good_section(request).split(' My own points')[0]}".strip()

    packet = make(role_index, scripted(forgetful))
    used = [section for section in packet.sample.sections if section.origin.attempts == 2]
    assert any("marzipan" in section.markdown.lower() for section in used)
    assert all(section.origin.writer is Writer.MODEL for section in used)
    assert "Marzipan melts on pallet nine." in " ".join(openings)
    assert openings[0] == ""


def test_an_opening_stays_where_the_draft_that_began_with_it_has_another_fault(
    scripted: Script, role_index: RoleIndex, good_section: Answer
) -> None:
    tries: dict[str, list[str]] = {}

    def twice_wrong(request: GenerationRequest) -> str:
        openings = tries.setdefault(request.prompt.user, [])
        openings.append(request.opening)
        if len(openings) == 2:
            return f"{request.opening} Потому что так лучше для всех людей здесь."
        return f"{request.opening} {good_section(request).split(' My own points')[0]}".strip()

    packet = make(role_index, scripted(twice_wrong))
    third = [openings for openings in tries.values() if len(openings) == 3 and openings[1]]
    assert third
    assert all(openings[2] == openings[1] for openings in third)
    used = [section for section in packet.sample.sections if section.origin.attempts == 3]
    assert all(section.origin.writer is Writer.MODEL for section in used)


def test_a_try_that_took_too_long_is_not_repeated(role_index: RoleIndex, scripted: Script) -> None:
    packet = make(role_index, scripted(lambda _: "The plan", FinishReason.DEADLINE))
    assert {section.origin.attempts for section in packet.sample.sections} == {1}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("All 41 hotels [S2] wait.", True),
        ("All 41 hotels [S1] wait.", False),
        ("- [S1] 6 vans, [S2] 41 hotels", True),
        ("Of 41 hotels, 6 vans [S1][S2] see the lift door.", True),
        ("On 3 June [S3] one planner is back [S4].", True),
        ("With 41 on the list the planner [S4] is alone.", True),
        ("We count 17 (h) of them [S1].", True),
    ],
)
def test_a_number_stands_with_the_fact_that_holds_it(text: str, fits: bool) -> None:  # noqa: FBT001 - a table's column
    told = ("6 vans", "41 hotels on the round", "first calendar week planned for 3 June", "one planner, back soon")
    facts = [ScenarioFact(id=f"S{n}", key=f"k{n}", text=text, value="") for n, text in enumerate(told, 1)]
    assert (check_cited(text, facts) is None) is fits


VANS = ("6 vans", "the round serves 41 hotels", "the clinic is closed on Mondays", "the plan is due on Friday 3 June")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Six of them wait in the yard [S1].", True),
        ("A van has to stay behind [S1].", True),
        ("The laundry comes back wet [S1].", False),
        ("The guests wait at the door, as the cook told us [S2].", False),
        ("The kitchen waits for sheets [S2].", True),  # the material says so where it cites the fact
        ("Nobody opens the door then [S3].", True),  # a fact without a number may be put in words of one's own
        ("Whoever signs has until then. It is due soon [S4].", False),
        ("By Friday it has to be signed [S4].", True),
        ("The sheets are torn, so 6 vans [S1] and a kitchen [S2] wait.", True),
        ("No mark at all.", True),
        ("One that does not exist [S9].", True),  # told elsewhere
    ],
)
def test_a_sentence_shares_something_with_the_fact_that_it_cites(text: str, fits: bool) -> None:  # noqa: FBT001 - the same
    facts = [ScenarioFact(id=f"S{n}", key=f"k{n}", text=told, value="") for n, told in enumerate(VANS, 1)]
    found = check_cited_words(text, facts, "Clean sheets for each kitchen on the round [S2]")
    assert (found is None) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("54 (h) of 3 applicants [S2] meet it.", False),
        ("3 of the 54 applicants meet it.", True),
        ("Some 1,500 of 3,800 pounds are spent.", True),
        ("12 out of 9 came.", False),
        ("9 of 9 came.", True),
        ("In 290 [S3] of 1,020 bookings the number changed.", True),
    ],
)
def test_nobody_takes_more_than_there_is(text: str, fits: bool) -> None:  # noqa: FBT001 - the same
    assert (check_shares(text) is None) is fits


def test_a_draft_that_cites_the_wrong_fact_is_asked_for_again(
    role_index: RoleIndex, scripted: Script, good_section: Answer
) -> None:
    packet = make(role_index, scripted(lambda request: good_section(request) + " Marzipan was never weighed [S1]."))
    assert FallbackReason.OFF_TOPIC in reasons(packet)
    assert "never weighed" not in "\n".join(section.markdown for section in packet.sample.sections)


def test_a_claim_to_a_real_job_is_never_let_out(role_index: RoleIndex, scripted: Script, good_section: Answer) -> None:
    def boast(request: GenerationRequest) -> str:
        return (
            good_section(request) + " In my three years as a manager at Contoso Freight I won the Golden Pallet award."
        )

    packet = make(role_index, scripted(boast))
    assert "Contoso" not in "\n".join(section.markdown for section in packet.sample.sections)
    assert FallbackReason.INTEGRITY in reasons(packet)


def test_a_section_is_never_spliced_from_two_writers(
    role_index: RoleIndex, scripted: Script, good_section: Answer
) -> None:
    marker = "zzmodelzz"

    def pointless(request: GenerationRequest) -> str:  # turned down wherever there are points to make
        return good_section(request).split(" My own points")[0].replace("careful way", f"careful {marker} way")

    packet = make(role_index, scripted(pointless))
    assert {section.origin.writer for section in packet.sample.sections} == {Writer.MODEL, Writer.TEMPLATE}
    for section in packet.sample.sections:
        assert (marker in section.markdown) == (section.origin.writer is Writer.MODEL)


@pytest.mark.parametrize("error", [ModelUnavailableError("gone"), GenerationError("too long")])
def test_a_failing_backend_costs_nothing_but_its_help(
    error: GenerationError, role_index: RoleIndex, scripted: Script
) -> None:
    def fail(_: GenerationRequest) -> str:
        raise error

    packet = make(role_index, scripted(fail))
    assert all(s.origin.fallback and str(error) in s.origin.fallback.detail for s in packet.sample.sections)


def test_stopping_ends_the_run_without_a_packet(role_index: RoleIndex, scripted: Script) -> None:
    with pytest.raises(GenerationCancelledError):
        make(role_index, scripted(lambda _: "x", FinishReason.CANCELLED))


def test_answers_are_given_to_the_coauthor_task(role_index: RoleIndex, scripted: Script, good_section: Answer) -> None:
    probe = make(role_index, scripted(good_section))
    section = probe.sample.sections[0].id
    from proofkit_core.samples.catalog import sample_type  # noqa: PLC0415 - beside its only use

    question = sample_type(probe.sample.sample_type).sections[0].questions[0].id
    generator = scripted(good_section)
    make(role_index, generator, BRIEF.model_copy(update={"answers": {f"{section}.{question}": "only with Marguerite"}}))
    assert "coauthor_section" in generator.tasks
    assert "draft_section" in generator.tasks


def test_an_uncovered_role_asks_the_model_for_a_profile(role_index: RoleIndex, scripted: Script) -> None:
    generator = scripted(lambda _: "no JSON")
    packet = make(role_index, generator, BRIEF.model_copy(update={"target_role": "Falconer"}))
    assert "role_profile" in generator.tasks
    assert not packet.role.covered
    assert packet.role.synthesised_by == "template"


def test_a_packet_survives_being_written_and_read(role_index: RoleIndex, scripted: Script) -> None:
    packet = make(role_index, scripted(lambda _: ""))
    assert Packet.model_validate_json(packet.model_dump_json(by_alias=True)) == packet


def test_a_draft_that_was_turned_down_still_tells_what_it_cost(
    role_index: RoleIndex, scripted: Script, good_section: Answer
) -> None:
    for generator in (scripted(lambda _: "Role: Baker\nWork sample: x"), scripted(good_section, FinishReason.LENGTH)):
        packet = make(role_index, generator)
        assert {section.origin.writer for section in packet.sample.sections} == {Writer.TEMPLATE}
        assert all(section.origin.completion_tokens > 0 for section in packet.sample.sections)


def test_a_run_without_a_model_can_be_stopped_too(role_index: RoleIndex) -> None:
    stop = threading.Event()
    seen: list[Stage] = []

    def on_progress(progress: Progress) -> None:
        seen.append(progress.stage)
        if progress.stage is Stage.CHALLENGE:
            stop.set()

    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0")
    with pytest.raises(GenerationCancelledError, match="nothing was written"):
        make_packet(BRIEF, workshop, cancel=stop, on_progress=on_progress)
    assert seen == [Stage.MATCH, Stage.CHALLENGE]
