"""A hosted model behind a file of models: one that answers, and one that judges."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proofkit_eval.judging import load_rubric
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, Verdict
from proofkit_eval.report import board_of, read_log_file
from proofkit_serve.faults import Asked, FaultServer, fault_server, good_answer

Command = Callable[..., Any]
RUBRIC = load_rubric()
MODELS = """
[[model]]
id = "large"
name = "Large"
backend = "openai_compatible"
prompts = "editable"
allow_unknown = true
model = "qwen-large"
base_urls = ["{url}"]

[[model]]
id = "grader"
backend = "openai_compatible"
prompts = "editable"
allow_unknown = true
model = "gemma-grader"
base_urls = ["{url}"]
"""
PLAN = """
set = "smoke-v1"

[[model]]
id = "hosted"
source = "registry"
path = "models.toml"
model = "large"
family = "qwen"
size_b = 30.0

[[model]]
id = "composer"
source = "composer"

[[judge]]
id = "grader"
source = "grading"
family = "gemma"
asked = { source = "registry", path = "models.toml", model = "grader" }
prompt_usd = 1.0
completion_usd = 2.0

[board]
resamples = 500
"""


def says(asked: Asked) -> str:
    """Grade where that is asked for, higher where there is more to read; answer everything else."""
    if "better: A" in asked.prompt:
        return "better: A"  # whatever stands first
    if "yes or no" not in asked.prompt:
        return good_answer(asked)
    grade = 2 + asked.prompt.count("Marram") % 3
    lines = [f"{axis}: {grade}" for axis in RUBRIC.axis_ids]
    lines += [f"{item}: yes" for item in RUBRIC.item_ids if f"{item}: yes or no" in asked.prompt]
    return "\n".join(["It is readable.", *lines])


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server(answer=says) as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, server: FaultServer, command: Command) -> Path:
    """Return a run whose models have answered."""
    (tmp_path / "models.toml").write_text(MODELS.format(url=server.base_url))
    (tmp_path / "plan.toml").write_text(PLAN)
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert (done.code, done.err) == (0, ""), done
    return tmp_path / "run"


def test_a_hosted_model_answers_under_its_id_and_version(run: Path, server: FaultServer) -> None:
    rows = [row for row in read_log(run / "generations.jsonl", Generation).values() if row.model.id == "hosted"]
    assert len(rows) == len(server.seen) == 30
    assert {(row.model.name, row.model.family, row.model.size_b) for row in rows} == {("Large", "qwen", 30.0)}
    assert {row.model.backend for row in rows} == {"openai_compatible"}
    assert all(row.model.artifact_digest and row.text for row in rows)


def test_a_hosted_judge_grades_blind_and_costs_what_it_costs(run: Path, server: FaultServer, command: Command) -> None:
    before = len(server.seen)
    done = command("judge", run)
    assert (done.code, done.err) == (0, "")
    rows = list(read_log(run / "verdicts" / "grader.jsonl", Verdict).values())
    assert len(rows) == len(server.seen) - before
    assert {row.status for row in rows} == {"scored"}
    assert {(row.judge.id, row.judge.family) for row in rows} == {("grader", "gemma")}
    assert all(row.tokens and row.cost_usd for row in rows)
    shown = [asked.prompt.casefold() for asked in server.seen[before:]]
    assert not any(name in prompt for prompt in shown for name in ("qwen", "composer", "hosted"))
    assert command("board", run).code == 0
    board = board_of(read_log_file(run / "board" / "log.json"))
    [judge] = board.judges
    assert judge.reasons == ("it was not put on the ladder, so nobody knows what it misses",)
    assert judge.cost_usd


def test_who_goes_by_the_place_makes_ties_only(run: Path, server: FaultServer, command: Command) -> None:
    before = len(server.seen)
    done = command("pairs", run, "hosted", "composer", "--judge", "grader")
    assert (done.code, done.err) == (0, "")
    both = int(done.out.split(" prompts that both answered")[0].rsplit(maxsplit=1)[-1])
    assert both
    assert f"hosted preferred 0 times, composer 0 times, {both} ties ({both} because" in done.out
    assert f"preferred in {2 * both} of {2 * both} choices" in done.out
    assert len(server.seen) - before == 2 * both
    again = command("pairs", run, "hosted", "composer", "--judge", "grader")
    assert again.out.splitlines()[-3:] == done.out.splitlines()[-3:]
    assert len(server.seen) - before == 2 * both
    unknown = command("pairs", run, "hosted", "nobody", "--judge", "grader")
    assert unknown.code == 2
    assert "no model nobody" in unknown.err


def test_verdicts_that_failed_are_unscored_and_asked_again(run: Path, server: FaultServer, command: Command) -> None:
    server.then("cut")
    failed = command("judge", run)
    path = run / "verdicts" / "grader.jsonl"
    rows = read_log(path, Verdict).values()
    assert failed.code in {0, 1}
    assert {row.status for row in rows} <= {"unscored"}
    server.then("good")
    assert command("judge", run).code == 0
    assert {row.status for row in read_log(path, Verdict, keep="last").values()} == {"scored"}
    text = path.read_text()
    assert server.url not in text


def test_answers_that_failed_are_told_and_asked_again(tmp_path: Path, server: FaultServer, command: Command) -> None:
    (tmp_path / "models.toml").write_text(MODELS.format(url=server.base_url))
    (tmp_path / "plan.toml").write_text(PLAN)
    server.then("unauthorized")
    first = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run", "--only", "hosted")
    assert first.code == 1
    assert "failed" in first.out or "cannot be asked" in first.out
    server.then("good")
    second = command("run", "--out", tmp_path / "run", "--only", "hosted")
    assert second.code == 0
    assert "hosted: 30 answers made, 0 there already" in second.out


def test_a_model_that_nobody_serves_leaves_the_others_to_answer(tmp_path: Path, command: Command) -> None:
    with fault_server("refused") as dead:
        (tmp_path / "models.toml").write_text(MODELS.format(url=dead.base_url))
        (tmp_path / "plan.toml").write_text(PLAN)
        done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 1
    assert "hosted" in done.out
    assert "composer: " in done.out
    rows = read_log(tmp_path / "run" / "generations.jsonl", Generation).values()
    assert {row.model.id for row in rows} == {"composer"}


def test_a_model_that_the_file_does_not_name_is_told(tmp_path: Path, server: FaultServer, command: Command) -> None:
    (tmp_path / "models.toml").write_text(MODELS.format(url=server.base_url))
    (tmp_path / "plan.toml").write_text(PLAN.replace('model = "large"', 'model = "huge"'))
    done = command("run", "--plan", tmp_path / "plan.toml", "--out", tmp_path / "run")
    assert done.code == 2
    assert "no model 'huge'" in done.err
