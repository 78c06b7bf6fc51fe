"""Makes the example packets with the embedded model and prints how many pieces it wrote, as the table of the README.

uv run python benchmarks/make_report.py
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = ("career-changer", "nurse-educator", "long-tail")


def summary_of(name: str, folder: str) -> dict[str, Any]:
    """Make one packet and return the command's own summary."""
    command = [sys.executable, "-m", "proofkit_ui.cli", "make", str(EXAMPLES / f"{name}.toml"), "--json"]
    done = subprocess.run([*command, "--out", f"{folder}/{name}"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def row(name: str, summary: dict[str, Any]) -> str:
    """Return one row of the table."""
    writers = Counter(piece["writer"] for piece in summary["pieces"])
    reasons = Counter(piece["message"] for piece in summary["pieces"] if "message" in piece)
    top, count = reasons.most_common(1)[0] if reasons else ("none", 0)
    pieces = f"{writers['model']} of {len(summary['pieces'])}"
    return f"| `examples/{name}.toml` | {pieces} | {writers['template']} | {top} ({count} ×) |"


def main() -> None:
    """Print the table."""
    print("| brief | pieces by the model | pieces by the template | most frequent reason |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            print(row(name, summary_of(name, folder)), flush=True)


if __name__ == "__main__":
    main()
