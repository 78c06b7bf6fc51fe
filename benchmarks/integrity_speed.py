"""Times the integrity rules: composed text up to 1 MB, text full of claims, the import, a batch of short rows.

uv run --group dev python benchmarks/integrity_speed.py
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Carrier, FactLedger, fact_ledger, review_text

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000, 1_000_000)


def composed() -> tuple[str, FactLedger]:
    """Return the sections of the first example's packet, and its facts."""
    from proofkit_core.brief_file import load_brief  # noqa: PLC0415 - the rules are timed without them
    from proofkit_core.making import Workshop, make_packet  # noqa: PLC0415
    from proofkit_core.roles.catalog import load_catalogue  # noqa: PLC0415
    from proofkit_core.roles.index import build_index  # noqa: PLC0415
    from proofkit_prompts import load_contract  # noqa: PLC0415

    brief = load_brief(ROOT / "examples" / "career-changer.toml").brief
    workshop = Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0")
    packet = make_packet(brief, workshop)
    text = "\n\n".join(section.markdown for section in packet.sample.sections)
    return text, fact_ledger(brief, packet.challenge)


def best(work: Callable[[], object], runs: int) -> float:
    """Return the least milliseconds of some runs."""
    times: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def whole_process(*command: str) -> float:
    """Return the least milliseconds of a whole process, of five."""
    return best(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), 5)


def main() -> None:
    """Print the figures."""
    text, facts = composed()
    for size in SIZES:
        sized = (text * (size // len(text) + 1))[:size]
        spent = best(lambda sized=sized: review_text(sized, facts=facts, carrier=Carrier.SECTION), 5)
        print(f"composed text  {size // 1000:5} kB  {spent:8.1f} ms  {1000 * spent / size:6.2f} ms per kB")
    rows = [
        Row.model_validate_json(line)
        for name in ("everyday", "plain")
        for line in (ROOT / "tests" / "integrity" / "corpus" / f"{name}.jsonl").read_text().splitlines()
    ]
    claims = "\n\n".join(row.text for row in rows if not row.text.startswith("{"))[:10_000]
    known = row_ledger(rows[0].context)
    spent = best(lambda: review_text(claims, facts=known, carrier=Carrier.SECTION), 5)
    print(f"full of claims    10 kB  {spent:8.1f} ms")
    bare = whole_process(sys.executable, "-c", "pass")
    for what in (
        "import proofkit_core.integrity",
        "from proofkit_core.integrity import review_text",
        "import pydantic",
    ):
        print(f"{what}: {whole_process(sys.executable, '-c', what) - bare:.0f} ms over bare Python")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        lines = [json.dumps(row.model_dump(mode="json")) for row in rows]
        path.write_text("\n".join((lines * 3)[:1000]) + "\n", encoding="utf-8")
        spent = best(
            lambda: subprocess.run(
                [sys.executable, "-m", "proofkit_ui.cli", "check", "--jsonl", str(path)],
                check=True,
                stdout=subprocess.DEVNULL,
            ),
            2,
        )
    print(f"1,000 short rows, whole process: {spent / 1000:.1f} s")


if __name__ == "__main__":
    main()
