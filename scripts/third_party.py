"""Writes the table of packages in THIRD_PARTY.md: what a default install brings along, and under which licence.

Names come from the lock file, licences from the installed packages' own metadata. Run it after changing a dependency:
`python scripts/third_party.py`. With `--check` it writes nothing and fails when the table is out of date.
"""

import argparse
import re
import tomllib
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD_PARTY.md"
TABLE = re.compile(r"(<!-- generated: packages -->\n).*?(<!-- end generated -->)", re.DOTALL)
OURS = "proofkit-"
LONGEST_NAME = 60
SPELLED = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache",
}
"""Licences that older metadata names in words."""


def locked_packages() -> dict[str, list[dict[str, Any]]]:
    """Return the packages of the lock file by name; some have one version for each of several Pythons."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        found.setdefault(package["name"], []).append(package)
    return found


def default_closure(packages: dict[str, list[dict[str, Any]]]) -> dict[str, set[str]]:
    """Return each package of a default install with the packages that ask for it."""
    asked_by: dict[str, set[str]] = {}
    waiting = ["proofkit-workspace"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for dependency in (each for version in packages[name] for each in version.get("dependencies", [])):
            asked_by.setdefault(dependency["name"], set()).add(name)
            waiting.append(dependency["name"])
    return {name: by for name, by in asked_by.items() if not name.startswith(OURS)}


def licence_of(about: Message) -> str:
    """Return a package's licence as its metadata states it."""
    if expression := about.get("License-Expression"):
        return expression
    stated = about.get("License") or ""
    if stated and len(stated) < LONGEST_NAME:
        return SPELLED.get(stated, stated)
    classifiers = [
        line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")
    ]
    return ", ".join(SPELLED.get(name, name) for name in classifiers) or "see the package"


def table() -> str:
    """Return the table of packages."""
    packages = locked_packages()
    lines = ["| package | version | licence | asked for by |", "|---|---|---|---|"]
    for name, by in sorted(default_closure(packages).items()):
        try:
            about = cast("Message", metadata(name))
        except PackageNotFoundError:
            continue  # only on another system, such as colorama on Windows
        versions = ", ".join(package["version"] for package in packages[name])
        lines.append(f"| {name} | {versions} | {licence_of(about)} | {', '.join(sorted(by))} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the table, or with `--check` tell whether it is out of date.

    Returns:
        0, or 1 when `--check` found an old table.
    """
    parser = argparse.ArgumentParser(description="Writes the table of packages in THIRD_PARTY.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the table is out of date")
    check = parser.parse_args().check
    before = PAGE.read_text(encoding="utf-8")
    after = TABLE.sub(lambda found: f"{found[1]}\n{table()}\n{found[2]}", before)
    if after == before:
        return 0
    print(f"{PAGE.name}: {'out of date; run scripts/third_party.py' if check else 'written'}")
    if not check:
        PAGE.write_text(after, encoding="utf-8")
    return 1 if check else 0


if __name__ == "__main__":
    raise SystemExit(main())
