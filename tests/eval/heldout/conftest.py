"""The set that comes along, read once."""

import pytest

from proofkit_eval.heldout import HeldOutSet, load_set


@pytest.fixture(scope="session")
def held_out() -> HeldOutSet:
    """Return the set that is reported."""
    return load_set()
