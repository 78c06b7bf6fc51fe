"""Runs the real command line, and keeps one whole evaluation of the smoke set for all tests that only look at one."""

import io
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from proofkit_eval.cli import main

PLAN = """
set = "smoke-v1"
seed = 3

[[model]]
id = "composer"
source = "composer"

[[model]]
id = "hand-written"
source = "hand-written"

[[judge]]
id = "rules"
source = "rules"

[[judge]]
id = "constant-4"
source = "constant"

[[judge]]
id = "by-length"
source = "length"

[[judge]]
id = "random"
source = "random"

[[comparison]]
a = "composer"
b = "hand-written"

[board]
resamples = 500
"""


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def run_command(*arguments: str | Path) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as error:  # what argparse does
            code = int(error.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def command() -> Callable[..., Done]:
    """Give one command, and get its exit code and what it said."""
    return run_command


@pytest.fixture(scope="session")
def plan_text() -> str:
    """The template against people, on 15 prompts, with four judges that need no model."""
    return PLAN


@pytest.fixture(scope="session")
def evaluated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evaluate once, from first to last; nobody changes it."""
    folder = tmp_path_factory.mktemp("evaluated")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    steps = (
        ("run", "--plan", folder / "plan.toml", "--out", folder / "run"),
        ("judge", folder / "run"),
        ("ladder", folder / "run"),
        ("board", folder / "run"),
    )
    for step in steps:
        done = run_command(*step)
        assert (done.code, done.err) == (0, ""), done
        (folder / f"{step[0]}.txt").write_text(done.out, encoding="utf-8")
    return folder


@pytest.fixture
def evaluated(evaluated_once: Path, tmp_path: Path) -> Path:
    """Return a copy of that evaluation to change: `plan.toml`, and the run in `run`."""
    shutil.copytree(evaluated_once, tmp_path / "copy")
    return tmp_path / "copy"
