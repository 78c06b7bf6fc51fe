import re
import subprocess
import sys
from pathlib import Path

import pytest

from proofkit_serve.models import EMBEDDED_ADAPTER

README = Path(__file__).parents[2] / "packages" / "proofkit-serve" / "README.md"


@pytest.mark.model
def test_the_readmes_example_runs() -> None:
    example = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    done = subprocess.run([sys.executable, "-c", example[1]], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"stop {EMBEDDED_ADAPTER.sha256[:12]}\n{{'setting': ")
    assert done.stderr == ""
