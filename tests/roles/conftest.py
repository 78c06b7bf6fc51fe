import math
from collections.abc import Sequence
from itertools import pairwise

import pytest

from proofkit_core.generation import ModelIdentity
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex, build_index


class LetterPairs:
    """A tiny real encoder: counts pairs of letters, so that like spellings are near."""

    def __init__(self, digest: str = "pairs") -> None:
        self.identity = ModelIdentity(id="pairs", name="Letter pairs", artifact_digest=digest)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._encode(f" {text.casefold()} ") for text in texts]

    def _encode(self, text: str) -> list[float]:
        vector = [0.0] * 64
        for one, two in pairwise(text):
            vector[(ord(one) * 7 + ord(two)) % 64] += 1.0
        length = math.sqrt(sum(number * number for number in vector)) or 1.0
        return [number / length for number in vector]


@pytest.fixture(scope="session")
def index() -> RoleIndex:
    return build_index(load_catalogue())


@pytest.fixture
def letter_pairs() -> LetterPairs:
    return LetterPairs()


@pytest.fixture
def other_letter_pairs() -> LetterPairs:
    return LetterPairs("other")
