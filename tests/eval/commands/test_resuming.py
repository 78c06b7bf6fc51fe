"""A run that is killed loses at most the answer in flight, and shards come to the same as one run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from proofkit_eval.logs import index_log, read_log
from proofkit_eval.records import Generation, Verdict
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server

Command = Callable[..., Any]
ASKS = 30
"""15 prompts and their twins."""

PLAN = """
set = "smoke-v1"

[[model]]
id = "hosted"
source = "registry"
path = "models.toml"
model = "large"
family = "qwen"

[[judge]]
id = "constant-4"
source = "constant"
"""
MODELS = """
[[model]]
id = "large"
backend = "openai_compatible"
prompts = "editable"
allow_unknown = true
model = "qwen-large"
base_urls = ["{url}"]
"""


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Run a model that takes its time."""
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=0.03)) as running:
        yield running


@pytest.fixture
def plan(tmp_path: Path, server: FaultServer) -> Path:
    (tmp_path / "models.toml").write_text(MODELS.format(url=server.base_url))
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path / "plan.toml"


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "proofkit_eval", *map(str, arguments)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def rows_of(path: Path) -> dict[str, str]:
    return {key: row.text for key, row in read_log(path, Generation).items()}


def test_a_killed_run_goes_on_and_asks_nothing_twice(
    tmp_path: Path, plan: Path, server: FaultServer, command: Command
) -> None:
    run = tmp_path / "run"
    with started("run", "--plan", plan, "--out", run) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "7 of" in line:
                break
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait(30)
    asked, there = len(server.seen), len(index_log(run / "generations.jsonl"))
    assert 7 <= there <= asked <= there + 1
    before = (run / "generations.jsonl").read_bytes()
    done = command("run", "--out", run)
    assert (done.code, done.err) == (0, "")
    assert f"hosted: {ASKS - there} answers made, {there} there already" in done.out
    assert len(server.seen) == asked + ASKS - there
    assert (run / "generations.jsonl").read_bytes().startswith(before)
    assert len(rows_of(run / "generations.jsonl")) == ASKS


def test_a_row_that_was_half_written_is_put_aside_and_made_again(
    tmp_path: Path, plan: Path, server: FaultServer, command: Command
) -> None:
    run = tmp_path / "run"
    assert command("run", "--plan", plan, "--out", run).code == 0
    log, whole = run / "generations.jsonl", rows_of(run / "generations.jsonl")
    content = log.read_bytes()
    log.write_bytes(content[: content.rstrip().rfind(b"\n") + 200])
    done = command("run", "--out", run)
    assert done.code == 0
    assert "hosted: 1 answers made, 29 there already" in done.out
    assert "half written" in done.out
    assert rows_of(log) == whole
    assert len(server.seen) == ASKS + 1


@pytest.mark.slow
def test_two_shards_in_two_programs_come_to_the_same_as_one_run(
    tmp_path: Path, plan: Path, server: FaultServer, command: Command
) -> None:
    assert command("run", "--plan", plan, "--out", tmp_path / "one").code == 0
    shared = tmp_path / "two"
    programs = [started("run", "--plan", plan, "--out", shared, "--shard", part) for part in ("1/2", "2/2")]
    for program in programs:
        _, err = program.communicate(timeout=120)
        assert (program.returncode, err) == (0, "")
    parts = [rows_of(shared / f"generations.{number}-of-2.jsonl") for number in (1, 2)]
    assert not parts[0].keys() & parts[1].keys()
    assert parts[0] | parts[1] == rows_of(tmp_path / "one" / "generations.jsonl")
    assert len(server.seen) == 2 * ASKS
    # What the shards hold is not asked again by a whole run, and all of it is judged and shown.
    done = command("run", "--out", shared)
    assert f"hosted: 0 answers made, {ASKS} there already" in done.out
    assert len(server.seen) == 2 * ASKS
    assert command("judge", shared).code == command("board", shared).code == 0
    assert "15 of 15" in (shared / "board" / "board.md").read_text()


@pytest.mark.slow
def test_programs_that_begin_one_run_together_forget_no_model(tmp_path: Path, plan: Path) -> None:
    plan.write_text('set = "smoke-v1"\n' + "".join(filed(tmp_path, number) for number in range(4)))
    run = tmp_path / "run"
    parts = [f"{number}/4" for number in range(1, 5)]
    programs = [
        started("run", "--plan", plan, "--out", run, "--only", f"filed-{number}", "--shard", part)
        for number, part in enumerate(parts)
    ]
    for program in programs:
        out, err = program.communicate(timeout=120)
        assert (program.returncode, err) == (0, ""), out
    text = (run / "run.json").read_text()
    assert text.count('"backend": "file"') == 4


def filed(folder: Path, number: int) -> str:
    (folder / f"{number}.jsonl").write_text("")
    source = f'source = "answers"\npath = "{number}.jsonl"\nartifact_digest = "v{number}"\n'
    return f'[[model]]\nid = "filed-{number}"\n{source}'


def test_a_second_program_on_the_same_log_is_told_so(
    tmp_path: Path, plan: Path, server: FaultServer, command: Command
) -> None:
    run = tmp_path / "run"
    with started("run", "--plan", plan, "--out", run) as process:
        assert process.stdout is not None
        process.stdout.readline()
        second = command("run", "--out", run)
        process.communicate(timeout=120)
    assert (process.returncode, second.code) == (0, 2)
    assert "Another program writes to" in second.err
    assert len(server.seen) == ASKS


def test_a_killed_judge_goes_on_with_what_is_not_judged(tmp_path: Path, plan: Path, command: Command) -> None:
    run = tmp_path / "run"
    assert command("run", "--plan", plan, "--out", run).code == 0
    assert command("judge", run).code == 0
    path = run / "verdicts" / "constant-4.jsonl"
    whole = path.read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == ord("\n")]
    assert all(later - earlier > 1 for earlier, later in pairwise(ends))
    path.write_bytes(whole[: ends[4] + 50])  # five whole rows and a bit
    done = command("judge", run)
    assert done.code == 0
    assert f"constant-4: {len(ends) - 5} verdicts, 5 there already" in done.out
    assert path.read_bytes() == whole
    assert len(read_log(path, Verdict)) == len(ends)
