import os
import subprocess
import sys
import time
from pathlib import Path

import pytest


def run_time(program: str, cache: Path) -> float:
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times: list[float] = []
    for _ in range(4):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def test_importing_adds_little_to_importing_pydantic(tmp_path: Path) -> None:
    model = "import pydantic\nclass M(pydantic.BaseModel): x: int"
    own = run_time("import proofkit_prompts", tmp_path) - run_time(model, tmp_path)
    # Measured under 30 ms; the margin is for a shared machine.
    assert own < 0.3


@pytest.mark.parametrize("heavy", ["torch", "transformers", "gradio", "jinja2", "httpx"])
def test_importing_brings_in_no_heavy_library(heavy: str) -> None:
    program = f"import sys, proofkit_prompts; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
