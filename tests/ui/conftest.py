"""Runs the `proofkit` command as a process of its own, as a person does."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(scope="session")
def run(apart: dict[str, str]) -> Run:
    def _run(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "proofkit_ui.cli", *map(str, args)]
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, timeout=300, env=apart)

    return _run
