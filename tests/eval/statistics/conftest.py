"""Chance with a fixed seed, and tables of scores."""

from collections.abc import Callable

import numpy as np  # noqa: TID253 - these tests are about figures
import pytest

from proofkit_eval.statistics import Scores

Table = list[list[list[float | None]]]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_123)


@pytest.fixture
def scores_of() -> Callable[[Table], Scores]:
    def build(table: Table, clusters: list[str] | None = None) -> Scores:
        prompts = tuple(f"p{place}" for place in range(len(table)))
        return Scores(
            models=tuple(f"m{place}" for place in range(len(table[0]))),
            judges=tuple(f"j{place}" for place in range(len(table[0][0]))),
            prompts=prompts,
            clusters=tuple(clusters) if clusters else prompts,
            values=tuple(tuple(tuple(cells) for cells in row) for row in table),
        )

    return build
