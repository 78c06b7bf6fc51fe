"""A run that was killed, or asked to stop, and then started again, ends as if nothing had happened."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trl")

PROGRAM = "import sys; from proofkit_train.cli import main; sys.exit(main())"


STEPS = 6
TIMEOUT_S = 1800
"""Only so that a hanging run ends at all; on a quiet machine a run takes ten seconds."""


def disturb(command: list[str], step: int, number: signal.Signals) -> int:
    """Start a run, send it a signal when it says that a step is done, and return how it ended."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(f"step {step}/{STEPS}  loss"):
                process.send_signal(number)
                break
        process.stdout.read()
        return process.wait(timeout=TIMEOUT_S)


def finish(command: list[str], runs: Path) -> tuple[str, list[str]]:
    """Run to the end; return the digest of the adapter and what was said of earlier starts."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    return digest_in(runs), [line for line in done.stdout.splitlines() if line.startswith(("goes on", "skipped"))]


def digest_in(runs: Path) -> str:
    (report,) = runs.glob("*/run.json")
    return json.loads(report.read_text(encoding="utf-8"))["adapter_digest"]


@pytest.fixture
def command(recipe_file: Path, data_set: Path, tmp_path: Path) -> list[str]:
    return [sys.executable, "-c", PROGRAM, "sft", str(recipe_file), "--data", str(data_set), "--out", str(tmp_path)]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_run_killed_at_several_steps_ends_with_the_same_adapter(
    finished: tuple[Path, list[str]], command: list[str], tmp_path: Path
) -> None:
    for step in (1, 3, 5):
        assert disturb(command, step, signal.SIGKILL) == -signal.SIGKILL
    assert finish(command, tmp_path) == (digest_in(finished[0]), [f"goes on from step 4 of {STEPS}"])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_run_asked_to_stop_saves_a_checkpoint_first(
    finished: tuple[Path, list[str]], command: list[str], tmp_path: Path
) -> None:
    for step, number in ((1, signal.SIGTERM), (4, signal.SIGINT)):
        before = len(list(tmp_path.glob("*/checkpoints/checkpoint-*/COMPLETE")))
        assert disturb(command, step, number) == 130
        assert len(list(tmp_path.glob("*/checkpoints/checkpoint-*/COMPLETE"))) > before
        assert not list(tmp_path.glob("*/run.json"))
    digest, said = finish(command, tmp_path)
    assert digest == digest_in(finished[0])
    assert said in ([f"goes on from step {step} of {STEPS}"] for step in (4, 5))
