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
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet, Writer
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex, build_index
from proofkit_prompts import load_contract

Run = Callable[..., subprocess.CompletedProcess[str]]
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


class Misbehaving:
    """A backend that does as it is told, however wrong; everything around it is the real program."""

    identity = ModelIdentity(id="misbehaving", name="Misbehaving", artifact_digest="0" * 64)

    def __init__(self, answer: Callable[[GenerationRequest], str], finish: FinishReason = FinishReason.STOP) -> None:
        self.answer = answer
        self.finish = finish

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        del cancel, on_text
        text = self.answer(request)
        return Completion(
            text=text,
            finish_reason=self.finish,
            model=self.identity,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=max(1, len(text.split())),
            first_token_s=0.0,
            total_s=0.0,
        )


def faithful(request: GenerationRequest) -> str:
    """A section in the words of its own prompt, the person's points included; nothing for the other tasks."""
    if not request.prompt.task.endswith("_section"):
        return ""
    lines = dict(line.split(": ", 1) for line in request.prompt.user.splitlines() if ": " in line)
    return (
        f"At {lines['Fictional company']} I would take the careful way. What weighs most here is this: "
        f"{lines['Decision']} The facts that carry it are {lines['Scenario facts']}. "
        f"My own points belong here too. {lines.get('User points', 'None of them fits.')}."
    )


def without_note(request: GenerationRequest) -> str:
    return faithful(request).split(" My own points")[0]


def about_animals(request: GenerationRequest) -> str:
    """Every word of the note but one: the hardest loss to see."""
    return faithful(request).replace("rabbits", "animals")


def inside_other_words(request: GenerationRequest) -> str:
    return faithful(request).replace("rabbits", "rabbitholes")


def too_slow(request: GenerationRequest) -> str:
    time.sleep(request.time_limit_s)
    return faithful(request)[:80]


def failing(error: Exception) -> Callable[[GenerationRequest], str]:
    def fail(_: GenerationRequest) -> str:
        raise error

    return fail


BACKENDS = {
    "writes nothing": Misbehaving(lambda _: ""),
    "writes white space": Misbehaving(lambda _: " \n\t\n "),
    "writes one word": Misbehaving(lambda _: "Certainly!"),
    "writes garbage": Misbehaving(lambda _: GARBAGE),
    "writes JSON": Misbehaving(lambda _: '{"rabbits": ["none", null, 3]}'),
    "writes about somebody else": Misbehaving(lambda _: SOMEBODY_ELSE),
    "repeats its prompt": Misbehaving(lambda request: request.prompt.user),
    "repeats itself": Misbehaving(lambda _: "The plan is a good plan for all of us here. " * 20),
    "writes in another script": Misbehaving(lambda r: faithful(r) + " Потому что так лучше для всех людей здесь."),
    "drops the note": Misbehaving(without_note),
    "drops one word of the note": Misbehaving(about_animals),
    "hides the word in another": Misbehaving(inside_other_words),
    "gives up half-way": Misbehaving(faithful, FinishReason.LENGTH),
    "is too slow": Misbehaving(too_slow, FinishReason.DEADLINE),
    "fails": Misbehaving(failing(GenerationError("the prompt is too long; expected 4096 tokens; shorten the brief"))),
    "is gone": Misbehaving(failing(ModelUnavailableError("the weights are missing; expected a file; install again"))),
    "does as it should": Misbehaving(faithful),
}


@pytest.fixture(scope="module")
def index() -> RoleIndex:
    return build_index(load_catalogue())


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
def test_the_rabbits_are_in_the_work_sample_whatever_the_backend_does(case: str, index: RoleIndex) -> None:
    workshop = Workshop(
        contract=load_contract("v1"), index=index, product_version="0", generator=BACKENDS[case], time_limit_s=0.01
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
