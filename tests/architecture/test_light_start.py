"""What importing a package and asking a command for help costs."""

import json
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

HEAVY = [
    *("torch", "transformers", "sentence_transformers", "gradio", "openai", "modal", "llama_cpp", "typst", "docx"),
    *("numpy", "scipy", "fastapi", "starlette", "uvicorn", "httpx", "sqlalchemy", "alembic", "huggingface_hub"),
]
LOADED = f"print(__import__('json').dumps(sorted(set({HEAVY!r}) & set(__import__('sys').modules))))"
COMMANDS = ["proofkit", "proofkit-eval", "proofkit-prompts", "proofkit-serve", "proofkit-train"]
GOAL_S = 0.3
IMPORT_GOAL_S = 0.15
MARGIN = 3
"""The goal holds on a quiet machine with two cores; a shared one needs room."""


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_importing_a_package_loads_nothing_heavy(folder: Path) -> None:
    assert json.loads(run(f"import {folder.name.replace('-', '_')}\n{LOADED}")) == []


def test_importing_the_service_takes_next_to_no_time() -> None:
    # The processor's time, which does not count how long others kept it busy.
    timed = "import time\nstart = time.process_time()\nimport proofkit_serve\nprint(time.process_time() - start)"
    times = [float(run(timed)) for _ in range(5)]
    assert statistics.median(times) < IMPORT_GOAL_S, times


@pytest.mark.parametrize("command", COMMANDS)
def test_asking_for_help_loads_nothing_heavy(command: str, root: Path) -> None:
    scripts = {
        name: target
        for path in root.glob("packages/*/pyproject.toml")
        for name, target in tomllib.loads(path.read_text(encoding="utf-8"))["project"].get("scripts", {}).items()
    }
    assert sorted(scripts) == COMMANDS
    module, function = scripts[command].split(":")
    ask = f"import contextlib as c\nfrom {module} import {function} as f\nwith c.suppress(SystemExit):\n f(['--help'])"
    assert json.loads(run(f"{ask}\n{LOADED}")) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_answers_at_once(command: str) -> None:
    program = shutil.which(command, path=str(Path(sys.executable).parent))
    assert program is not None, f"{command} is not installed beside {sys.executable}; run `uv sync`"
    times: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([program, "--help"], capture_output=True, timeout=60, check=True)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < GOAL_S * MARGIN, times
