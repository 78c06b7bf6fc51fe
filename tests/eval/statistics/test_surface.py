"""What the room offers, and what reading its records costs."""

import subprocess
import sys

from proofkit_eval import statistics


def test_each_offered_name_is_there() -> None:
    assert sorted(statistics.__all__) == statistics.__all__
    assert all(callable(getattr(statistics, name)) for name in statistics.__all__)


def test_records_come_without_numpy() -> None:
    program = "import sys, proofkit_eval.statistics as s; s.Scores, s.Interval; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
