"""Times a whole `proofkit make --template-only`, all exports, as a process of its own.

    uv run python benchmarks/template_packet.py

Prints wall seconds and peak memory against the goals (1.5 s, 250 MB), and the share of a bare Python start.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BRIEF = Path(__file__).parents[1] / "examples" / "career-changer.toml"
WALL_GOAL_S = 1.5
MEMORY_GOAL_MB = 250


def timed(command: list[str]) -> float:
    """Run a command and return its wall seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, "-m", "proofkit_ui.cli", "make", str(BRIEF), "--template-only", "--quiet"]
        bare = [sys.executable, "-c", "pass"]
        timed([*make, "--out", f"{folder}/warm"])
        pairs = [(timed([*make, "--out", f"{folder}/{i}"]), timed(bare)) for i in range(runs)]
    walls = [wall for wall, _ in pairs]
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"template-only make, whole process, {runs} runs")
    print(f"  wall    median {statistics.median(walls):.2f} s, best {min(walls):.2f} s   (goal {WALL_GOAL_S} s)")
    print(f"  memory  peak {peak_mb:.0f} MB   (goal {MEMORY_GOAL_MB} MB)")
    print(f"  ratio to a bare Python start: {statistics.median(w / b for w, b in pairs):.1f}")


if __name__ == "__main__":
    main()
