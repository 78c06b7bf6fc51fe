"""What is made from code says what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="made with the oldest Python that is supported")
@pytest.mark.parametrize("script", ["reference.py", "third_party.py"])
def test_generated_parts_are_up_to_date(script: str, root: Path) -> None:
    call = [sys.executable, root / "scripts" / script, "--check"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_files_lead_somewhere(root: Path) -> None:
    pages = [*root.glob("*.md"), *root.glob("packages/*/README.md"), *(root / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_menu_names_each_page(root: Path) -> None:
    menu = set(re.findall(r": ([\w/-]+\.md)$", (root / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert menu == {path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")}


@pytest.mark.slow
def test_the_documentation_builds_strictly(root: Path) -> None:
    call = [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"]
    done = subprocess.run(call, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "site" / "reference" / "python" / "index.html").is_file()
