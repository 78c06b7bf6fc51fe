"""A short run of the soak; `python benchmarks/soak.py --minutes 20` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MINUTES = 1.0
PEOPLE = 2
MOST_GROWTH = 0.12
"""So little time lies mostly within the minutes in which the allocator still settles; the long run allows 0.03."""


@pytest.mark.slow
def test_the_service_keeps_its_memory_flat_while_people_work(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    record = tmp_path / "soak.json"
    call = [sys.executable, str(root / "benchmarks" / "soak.py"), "--json", str(record)]
    call += ["--minutes", str(MINUTES), "--people", str(PEOPLE), "--most-growth", str(MOST_GROWTH), "--warm", "32"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=1200, check=False)
    assert record.exists(), done.stderr
    figures = json.loads(record.read_text(encoding="utf-8"))
    assert figures["why"] == []
    assert figures["done"]["packets"] > 4
    assert figures["growth"] <= MOST_GROWTH, done.stdout
    assert done.returncode == 0, done.stdout
