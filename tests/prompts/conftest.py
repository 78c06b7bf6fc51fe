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
    """A copy of all contracts, free to change: drafts again, whatever they are as shipped."""
    copy = Path(shutil.copytree(CONTRACTS, tmp_path / "contracts"))
    for lock in copy.glob("*/lock.json"):
        text = lock.read_text(encoding="utf-8")
        lock.write_text(text.replace('"status": "frozen"', '"status": "draft"'), encoding="utf-8", newline="\n")
    return copy


@pytest.fixture(scope="session")
def plain() -> Mapping[str, Fields]:
    """Fields of the golden `plain` by task; do not change them in place."""
    return {
        path.parent.name: json.loads(path.read_bytes()) for path in CONTRACTS.glob("v1/goldens/*/plain.fields.json")
    }
