"""A note about rabbits is in the work sample, whatever the backend does.

The real command runs without a model and with the real one. Behind it, backends that misbehave in every way we know of
are put in front of the same program.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.brief import Brief
from proofkit_core.errors import GenerationError, ModelUnavailableError
from proofkit_core.export import read_packet
from proofkit_core.faithfulness import words_kept
from proofkit_core.generation import Candidate, FinishReason, GenerationRequest, TextGenerator
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet, Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_prompts import load_contract

Run = Callable[..., subprocess.CompletedProcess[str]]
Answer = Callable[[GenerationRequest], str]
Spoil = Callable[[GenerationRequest, str], str]
NOTE = "rabbits got under the loading ramp again and chewed 40 metres of sensor cable, which nobody had put on a list"
BRIEF = Brief(
    target_role="Warehouse supervisor",
    background="Baker for nine years. I trained 14 new starters.",
    notes=(NOTE, "I would rather close a lane than rush the forklift"),
)
SOMEBODY_ELSE = (
    "I was head of marketing at Brightwell Media for eleven years, where I won four national awards. My campaigns for "
    "luxury watches doubled sales in Japan, and my team of 60 still sends me flowers on my birthday every year."
)
GARBAGE = "]]}>> 0x1F \x00\x07 \\\\ {{{{ ;;; || ## ``` <|im_end|> " * 12


def inside_other_words(_: GenerationRequest, faithful: str) -> str:
    return faithful.replace("rabbits", "rabbitholes")


def without_note(_: GenerationRequest, faithful: str) -> str:
    return faithful.split(" My own points", maxsplit=1)[0]


def about_animals(_: GenerationRequest, faithful: str) -> str:
    """Every word of the note but one: the hardest loss to see."""
    return faithful.replace("rabbits", "animals")


def too_slow(request: GenerationRequest, faithful: str) -> str:
    time.sleep(request.time_limit_s)
    return faithful[:80]


def failing(error: Exception) -> Spoil:
    def fail(*_: object) -> str:
        raise error

    return fail


BACKENDS: dict[str, tuple[Spoil, FinishReason]] = {
    "writes nothing": (lambda _, __: "", FinishReason.STOP),
    "writes white space": (lambda _, __: " \n\t\n ", FinishReason.STOP),
    "writes one word": (lambda _, __: "Certainly!", FinishReason.STOP),
    "writes garbage": (lambda _, __: GARBAGE, FinishReason.STOP),
    "writes JSON": (lambda _, __: '{"rabbits": ["none", null, 3]}', FinishReason.STOP),
    "writes about somebody else": (lambda _, __: SOMEBODY_ELSE, FinishReason.STOP),
    "repeats its prompt": (lambda request, _: request.prompt.user, FinishReason.STOP),
    "repeats itself": (lambda _, __: "The plan is a good plan for all of us here. " * 20, FinishReason.STOP),
    "writes in another script": (
        lambda _, faithful: faithful + " Потому что так лучше для всех людей здесь.",
        FinishReason.STOP,
    ),
    "drops the note": (without_note, FinishReason.STOP),
    "drops one word of the note": (about_animals, FinishReason.STOP),
    "hides the word in another": (inside_other_words, FinishReason.STOP),
    "gives up half-way": (lambda _, faithful: faithful, FinishReason.LENGTH),
    "is too slow": (too_slow, FinishReason.DEADLINE),
    "fails": (
        failing(GenerationError("the prompt is too long; expected 4096 tokens; shorten the brief")),
        FinishReason.STOP,
    ),
    "is gone": (
        failing(ModelUnavailableError("the weights are missing; expected a file; install again")),
        FinishReason.STOP,
    ),
    "does as it should": (lambda _, faithful: faithful, FinishReason.STOP),
}
"""How each answers, given a faithful answer to the request, and how the answer ends."""


@pytest.fixture
def brief_file(tmp_path: Path) -> Path:
    file = tmp_path / "brief.json"
    file.write_text(BRIEF.model_dump_json(exclude_defaults=True), encoding="utf-8")
    return file


def sample_text(packet: Packet) -> str:
    return "\n\n".join(section.markdown for section in packet.sample.sections)


def assert_rabbits(packet: Packet) -> None:
    assert "rabbits" in sample_text(packet).casefold()
    assert words_kept(NOTE, sample_text(packet)).missing == ()
    assert packet.review.words_missing == ()
    assert packet.review.words_kept == packet.review.words_total > 0


def assert_told(done: subprocess.CompletedProcess[str], out: Path) -> None:
    """The command says so, and so does every file that a person opens."""
    assert done.returncode == 0, done.stderr
    packet = read_packet(out)
    assert_rabbits(packet)
    kept = f"Your words kept: {packet.review.words_kept} of {packet.review.words_total}"
    assert kept in done.stdout
    assert "missing" not in done.stdout[done.stdout.index(kept) :].splitlines()[0]
    assert "rabbits" in (out / "work-sample.md").read_text(encoding="utf-8").casefold()


@pytest.mark.parametrize("case", BACKENDS)
def test_the_rabbits_are_in_the_work_sample_whatever_the_backend_does(
    case: str, role_index: RoleIndex, scripted: Callable[[Answer, FinishReason], TextGenerator], good_section: Answer
) -> None:
    spoil, finish = BACKENDS[case]
    backend = scripted(lambda request: spoil(request, good_section(request)), finish)
    workshop = Workshop(
        contract=load_contract("v1"),
        index=role_index,
        product_version="0",
        candidates=(Candidate(backend),),
        time_limit_s=0.01,
    )
    packet = make_packet(BRIEF, workshop)
    assert_rabbits(packet)
    written = {section.origin.writer for section in packet.sample.sections if "rabbits" in section.markdown.casefold()}
    assert written == {Writer.MODEL if case == "does as it should" else Writer.TEMPLATE}


def test_the_rabbits_are_in_the_work_sample_without_a_model(run: Run, brief_file: Path, tmp_path: Path) -> None:
    assert_told(run("make", brief_file, "--template-only", "--out", tmp_path / "p"), tmp_path / "p")


@pytest.mark.model
def test_the_rabbits_are_in_the_work_sample_with_the_real_model(run: Run, brief_file: Path, tmp_path: Path) -> None:
    assert_told(run("make", brief_file, "--out", tmp_path / "p"), tmp_path / "p")


@pytest.mark.model
def test_the_rabbits_are_in_the_work_sample_when_the_model_runs_out_of_time(
    run: Run, brief_file: Path, tmp_path: Path
) -> None:
    done = run("make", brief_file, "--time-limit", "0.01", "--out", tmp_path / "p", "--json")
    assert done.returncode == 0, done.stderr
    assert_rabbits(read_packet(tmp_path / "p"))
    assert json.loads(done.stdout)["words_missing"] == []
