import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Member(NamedTuple):
    folder: Path
    distribution: str
    import_name: str
    project: dict[str, Any]


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def find_members() -> list[Member]:
    found: list[Member] = []
    for folder in sorted(path for path in (ROOT / "packages").iterdir() if path.is_dir()):
        project = read_toml(folder / "pyproject.toml")["project"]
        name = str(project["name"])
        found.append(Member(folder, name, name.replace("-", "_"), project))
    return found


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def workspace() -> dict[str, Any]:
    return read_toml(ROOT / "pyproject.toml")


@pytest.fixture(scope="session")
def members() -> list[Member]:
    return find_members()


@pytest.fixture(params=find_members(), ids=lambda member: member.distribution)
def member(request: pytest.FixtureRequest) -> Member:
    return request.param
