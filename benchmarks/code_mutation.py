"""Changes the code of the integrity rules in one place at a time and counts the changes that no test notices.

    uv run --group mutation python benchmarks/code_mutation.py [--keep | --report | --show] [--jobs N] [MUTANT ...]

The work is mutmut's, with the settings under `[tool.mutmut]`. It expects one `src` folder, so the packages and the
tests are laid out as one below `build/mutation`; the working tree is never changed. A `MUTANT` is a name or a pattern
such as `*scope*`. `--keep` goes on where the last run stopped, `--report` prints what it found and `--show` the changes
that no test noticed. Functions with a decorator and values at module level are not changed; for the rules that are data
there is `rule_mutation.py`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGE = ROOT / "build" / "mutation"
SURVIVED = {0}
UNTESTED = {5, 33}
"""Exit statuses of mutmut: no test reaches the changed function."""


def lay_out() -> None:
    """Copy what mutmut needs; the held-out corpus stays where it is."""
    shutil.rmtree(STAGE, ignore_errors=True)
    kept = shutil.ignore_patterns("__pycache__", "held_out*.jsonl")
    for source in sorted(ROOT.glob("packages/*/src/*")):
        shutil.copytree(source, STAGE / "src" / source.name, ignore=kept)
    shutil.copytree(ROOT / "tests" / "integrity", STAGE / "tests" / "integrity", ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", STAGE)


def check_names() -> None:
    """Stop where a module of the settings is gone, which would quietly leave it out."""
    settings = tomllib.loads((STAGE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    present = [path.relative_to(STAGE).as_posix() for path in STAGE.glob("src/**/*.py")]
    missing = [name for name in settings["only_mutate"] if not any(fnmatch(path, name) for path in present)]
    if missing:
        sys.exit(f"[tool.mutmut] only_mutate has {missing}, expected names of modules that exist. Correct them.")


def run_mutmut(mutants: list[str], jobs: int) -> int:
    """Run mutmut in the copy and return its exit status."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs), *mutants]
    return subprocess.run(command, cwd=STAGE, check=False).returncode


def report() -> None:
    """Print the score of each module, then the mutants that no test noticed."""
    total: Counter[str] = Counter()
    survivors: list[str] = []
    for path in sorted(STAGE.glob("mutants/src/**/*.meta")):
        statuses: dict[str, int | None] = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        counts = Counter(_fate(status) for status in statuses.values())
        survivors += [name for name, status in statuses.items() if _fate(status) in {"survived", "untested"}]
        total += counts
        _print_score(path.stem.removesuffix(".py"), counts)
    _print_score("all", total)
    print("\nmutants that no test noticed; `--show` prints their change:")
    print("\n".join(f"  {name}" for name in survivors))


def _fate(status: int | None) -> str:
    if status is None:
        return "not run"
    if status in SURVIVED:
        return "survived"
    return "untested" if status in UNTESTED else "killed"


def _print_score(name: str, counts: Counter[str]) -> None:
    ran = counts.total() - counts["not run"]
    if ran:
        print(f"{name:16} {ran:5} mutants  {counts['killed'] / ran:6.1%} killed  {dict(counts)}")


def show() -> None:
    """Print the change of every mutant that no test noticed."""
    for path in sorted(STAGE.glob("mutants/src/**/*.meta")):
        statuses: dict[str, int | None] = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        for name, status in statuses.items():
            if _fate(status) in {"survived", "untested"}:
                subprocess.run([sys.executable, "-m", "mutmut", "show", name], cwd=STAGE, check=True)


def main() -> None:
    """Lay out a copy, run mutmut on it and report."""
    parser = argparse.ArgumentParser(description="Mutation testing of the integrity rules.")
    parser.add_argument("mutants", nargs="*", help="names or patterns of mutants; all of them if none is given")
    parser.add_argument("--keep", action="store_true", help="go on with the last copy")
    parser.add_argument("--report", action="store_true", help="only print what the last run found")
    parser.add_argument("--show", action="store_true", help="only print the changes that no test noticed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants tested at the same time")
    args = parser.parse_args()
    if args.show:
        show()
        return
    status = 0
    if not args.report:
        if not args.keep:
            lay_out()
        check_names()
        status = run_mutmut(args.mutants, args.jobs)
    report()
    sys.exit(status)


if __name__ == "__main__":
    main()
