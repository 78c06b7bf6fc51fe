import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def desk(tmp_path: Path, root: Path) -> Path:
    """An empty folder with the examples in it, as a reader's own folder would look."""
    shutil.copytree(root / "examples", tmp_path / "examples")
    return tmp_path
