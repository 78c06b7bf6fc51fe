"""What stands in the files of the repository."""

import re
from pathlib import Path

import pytest

from proofkit_core.brief_file import load_brief
from proofkit_serve.models import embedded_adapter_path

# Letters in brackets keep these patterns from finding themselves.
REGISTRY = re.compile(r"pypi[.]org|python[h]osted[.]org|registry[.]npm|/[s]imple/|index-[u]rl *=", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:[w]ork|[r]oot|[h]ome|[U]sers)/\w")
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
MOST_BYTES_OF_A_FILE = 1_200_000
"""The held-out prompts are the largest: text, and never changed under their name."""


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_only_the_lock_file_knows_a_package_registry(kept_files: list[Path], root: Path) -> None:
    files = [path for path in kept_files if path != root / "uv.lock"]
    assert [path.relative_to(root) for path in files if REGISTRY.search(text_of(path))] == []


def test_no_file_knows_a_path_of_one_machine(kept_files: list[Path], root: Path) -> None:
    assert [path.relative_to(root) for path in kept_files if MACHINE_PATH.search(text_of(path))] == []


def test_no_file_but_the_tuned_adapter_is_large(kept_files: list[Path], root: Path) -> None:
    sizes = {path.relative_to(root): path.stat().st_size for path in kept_files if path != embedded_adapter_path()}
    assert {path: size for path, size in sizes.items() if size > MOST_BYTES_OF_A_FILE} == {}


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_is_a_brief_without_a_notice(path: Path) -> None:
    assert load_brief(path).notices == ()


def test_people_read_work_sample_and_never_artifact(kept_files: list[Path], root: Path) -> None:
    """The word is for developers; docs for them may say it of a file with a digest."""
    word = re.compile(r"\b[a]rtifacts?\b", re.IGNORECASE)
    for_people = [
        root / "README.md",
        *(root / "docs" / "tutorial").rglob("*.md"),
        *(root / "docs" / "guides").rglob("*.md"),
    ]
    assert [path.relative_to(root) for path in for_people if path in kept_files and word.search(text_of(path))] == []
