import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

IMPORT_LIMIT_S = 0.060
"""What importing may cost on top of the bare interpreter; reading a contract comes on top of it."""
NOISE = 2.0
"""Factor on the limit: neighbours that share the caches and a slow runner stretch even processor time that much."""
RUNS = 7


def processor_time(program: str, cache: Path) -> float:
    """Return the processor seconds of a new interpreter up to the end of a program, which other work moves little."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    timed = f"{program}\nimport time\nprint(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", timed], env=environment, check=True, capture_output=True).stdout)


def test_importing_takes_under_60_ms_on_top_of_the_bare_interpreter(tmp_path: Path) -> None:
    processor_time("import proofkit_prompts", tmp_path)  # compiles the modules, which is done once an installation
    bare: list[float] = []
    own: list[float] = []
    for _ in range(RUNS):
        bare.append(processor_time("pass", tmp_path))
        own.append(processor_time("import proofkit_prompts", tmp_path))
    # Measured 40 to 50 ms on a busy machine with two cores.
    assert statistics.median(own) - statistics.median(bare) < IMPORT_LIMIT_S * NOISE


@pytest.mark.parametrize("heavy", ["torch", "transformers", "gradio", "jinja2", "httpx"])
def test_importing_brings_in_no_heavy_library(heavy: str) -> None:
    program = f"import sys, proofkit_prompts; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("late", ["pydantic", "argparse", "difflib", "hashlib", "subprocess", "tarfile", "tomllib"])
def test_what_only_some_calls_need_is_not_imported_before_them(late: str) -> None:
    program = f"import sys, proofkit_prompts; sys.exit({late!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_contract_is_loaded_and_rendered_without_pydantic() -> None:
    program = (
        "import sys, proofkit_prompts\n"
        "proofkit_prompts.load_contract().render('role_profile', {'target_role': 'Archivist'})\n"
        "sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
