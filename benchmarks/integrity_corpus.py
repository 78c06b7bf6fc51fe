"""Scores the integrity rules on the corpus: accuracy, false keeps on rewrite rows, changed keep rows, file by file.

    uv run --group dev python benchmarks/integrity_corpus.py [--wrong] [FILE ...]

Without files every file of `tests/integrity/corpus` is scored. `--wrong` shows each row that is not as expected.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from proofkit_core.checking.rows import Row, check_row

CORPUS = Path(__file__).parents[1] / "tests" / "integrity" / "corpus"


class Scored(NamedTuple):
    """A row with what the rules made of it."""

    row: dict[str, Any]
    action: str
    text: str
    rules: tuple[str, ...]


def score(path: Path) -> Iterator[Scored]:
    """Yield every row of a corpus file with its verdict."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        result = check_row(Row.model_validate(row))
        yield Scored(row, result.action.value, result.text, tuple(finding.rule for finding in result.findings))


def report(name: str, rows: list[Scored], *, wrong: bool) -> None:
    """Print the figures of one file."""
    right = sum(each.action == each.row["expect"] for each in rows)
    rewrites = [each for each in rows if each.row["expect"].startswith("rewrite_")]
    keeps = [each for each in rows if each.row["expect"] == "keep"]
    false_keeps = sum(each.action == "keep" for each in rewrites)
    changed = sum(each.text != each.row["text"] for each in keeps)
    print(
        f"{name:24} {len(rows):5} rows  accuracy {right / len(rows):6.1%}  "
        f"false keeps {false_keeps:3} of {len(rewrites):3} rewrite rows  "
        f"changed {changed:3} of {len(keeps):3} keep rows"
    )
    if wrong:
        for each in rows:
            if each.action != each.row["expect"]:
                print(f"  {each.row['id']}: expected {each.row['expect']}, got {each.action} {each.rules}")
                print(f"    {each.row['text'][:300]!r} ({each.row['why']})")


def main() -> None:
    """Score the files that were named, or all."""
    parser = argparse.ArgumentParser(description="Scores the integrity rules on the corpus.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--wrong", action="store_true", help="show the rows that are not as expected")
    args = parser.parse_args()
    everything: list[Scored] = []
    for path in args.files or sorted(CORPUS.glob("*.jsonl")):
        rows = list(score(path))
        everything += rows
        report(path.stem, rows, wrong=args.wrong)
    report("all", everything, wrong=False)
    for near, count in sorted(Counter(each.row["near"] for each in everything).items()):
        hit = sum(each.action == each.row["expect"] for each in everything if each.row["near"] == near)
        print(f"  near {near:20} {count:5} rows  accuracy {hit / count:6.1%}")


if __name__ == "__main__":
    main()
