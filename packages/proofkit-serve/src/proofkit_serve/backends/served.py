"""Decides which files llama.cpp opens for a model with an adapter."""

from pathlib import Path
from typing import Literal, NamedTuple

from proofkit_core.generation import ModelIdentity
from proofkit_prompts import Contract
from proofkit_serve.backends.handshake import read_training, require_known
from proofkit_serve.backends.merged_cache import find_merged, make_merged
from proofkit_serve.backends.merging import Ingredients, own_keys
from proofkit_serve.backends.weights import Adapter, identify, identify_adapted
from proofkit_serve.models import ModelSpec

__all__ = ["ServeAdapter", "Served", "choose_served"]

ServeAdapter = Literal["merged", "at load"]


class Served(NamedTuple):
    """What llama.cpp opens."""

    model: Path
    adapter: Path | None
    identity: ModelIdentity | None
    """Which weights these are; None where nobody looked yet."""


def choose_served(
    path: Path,
    spec: ModelSpec | None,
    adapter: Adapter | None,
    how: ServeAdapter,
    cache: Path,
    contract: Contract | None,
) -> Served:
    """Return what to open, after merging where that is wanted and was not done before.

    Args:
        path: The model's file.
        spec: Its spec where it is the one that ProofKit brings along.
        adapter: What is put on it, if anything.
        how: As a merged model, which is quicker, or as two files.
        cache: Where merged models are kept.
        contract: The contract whose prompts it will be asked; None where that does not matter. An adapter of another
            one is refused before a merge, not after.

    Raises:
        ModelUnavailableError: A file is not what its spec says, or the two cannot be merged.
    """
    if adapter is None or how == "at load":
        return Served(path, adapter.path if adapter else None, None)
    # What is found in the cache was merged from weights that had this digest, so they need not be read again.
    base = ModelIdentity(id=spec.id, name=spec.name, artifact_digest=spec.sha256) if spec else identify(path, None)
    identity = identify_adapted(base, adapter)
    given = Ingredients(path, base.artifact_digest, adapter.path, identity.artifact_digest)
    merged = find_merged(given, cache)
    if merged is None:
        if spec is not None:
            identify(path, spec)
        if contract is not None:
            require_known(read_training(own_keys(adapter.path)), contract)
        merged = make_merged(given, cache)
    return Served(path, adapter.path, identity) if merged is None else Served(merged, None, identity)
