import re
import subprocess
import sys
from pathlib import Path

import pytest

from proofkit_serve.models import EMBEDDED_ADAPTER

README = Path(__file__).parents[2] / "packages" / "proofkit-serve" / "README.md"


@pytest.mark.model
def test_the_readmes_example_runs(apart: dict[str, str]) -> None:
    example = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    # However busy the machine is.
    patient = example[1].replace("(prompt=prompt)", "(prompt=prompt, time_limit_s=600)")
    call = [sys.executable, "-c", patient]
    done = subprocess.run(call, capture_output=True, text=True, timeout=700, check=False, env=apart)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"stop {EMBEDDED_ADAPTER.sha256[:12]}\n{{'setting': ")
    assert done.stderr == ""
