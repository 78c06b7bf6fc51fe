"""What the tests of the prompt contract share."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from proofkit_prompts import Contract, load_contract
from proofkit_prompts.folder import CONTRACTS

Fields = dict[str, str | list[str]]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract("v1")


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A copy of all contracts, free to change."""
    return Path(shutil.copytree(CONTRACTS, tmp_path / "contracts"))


@pytest.fixture(scope="session")
def plain() -> Mapping[str, Fields]:
    """Fields of the golden `plain` by task; do not change them in place."""
    return {
        path.parent.name: json.loads(path.read_bytes()) for path in CONTRACTS.glob("v1/goldens/*/plain.fields.json")
    }
