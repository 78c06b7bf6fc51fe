import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path for path in (ROOT / "packages").iterdir() if (path / "pyproject.toml").is_file())


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def workspace() -> dict[str, Any]:
    return read_toml(ROOT / "pyproject.toml")


@pytest.fixture(scope="session")
def members() -> dict[str, dict[str, Any]]:
    """The pyproject of each member, by the name of its folder."""
    return {folder.name: read_toml(folder / "pyproject.toml") for folder in FOLDERS}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of one member."""
    return request.param


@pytest.fixture(scope="session")
def import_names() -> list[str]:
    return [folder.name.replace("-", "_") for folder in FOLDERS]


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Each Python file of each member."""
    return sorted(path for folder in FOLDERS for path in (folder / "src").rglob("*.py"))


@pytest.fixture(scope="session")
def kept_files() -> list[Path]:
    """Each file that is or would be in the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the list of files comes from git: {error}")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]
