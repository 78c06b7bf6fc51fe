"""Composes samples as the program does, without a model."""

from collections.abc import Callable

import pytest

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.provenance import digest_of
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.samples.catalog import sample_type

Compose = Callable[..., tuple[Material, FrameDeck]]


@pytest.fixture(scope="session")
def catalogue() -> tuple[CatalogueRole, ...]:
    return load_catalogue()


@pytest.fixture(scope="session")
def gather(catalogue: tuple[CatalogueRole, ...]) -> Compose:
    def _gather(brief: Brief, role_id: str, sample_id: str = "", seed: int = 0) -> tuple[Material, FrameDeck]:
        role = next(entry.role for entry in catalogue if entry.role.id == role_id)
        digest = digest_of(brief)
        challenge = draw_challenge(role.scenarios[0], role_title=role.title, brief_digest=digest, seed=seed)
        sample = sample_type(sample_id or role.work_samples[0])
        material = gather_material(brief, brief_digest=digest, seed=seed, role=role, sample=sample, challenge=challenge)
        return material, FrameDeck(digest, seed)

    return _gather
