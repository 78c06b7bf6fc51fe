"""Opens the registry of a service from its settings."""

import time
from collections.abc import Callable, Mapping

from proofkit_prompts import Contract, load_contract
from proofkit_serve.registry.card import CardBackend
from proofkit_serve.registry.file import read_models
from proofkit_serve.registry.registry import Registry
from proofkit_serve.settings.model import Settings

__all__ = ["open_registry"]


def open_registry(
    settings: Settings,
    *,
    environ: Mapping[str, str],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    contract: Contract | None = None,
    card: CardBackend | None = None,
) -> Registry:
    """Open the registry of a service. No model is opened yet, and no server is asked.

    Args:
        settings: Names the file of models and the default one.
        environ: The environment; only the variables that the file of models names count.
        clock: Seconds that only go forward.
        sleep: Waits some seconds.
        contract: The frozen prompts; without them, those of this program.
        card: The model that a ZeroGPU Space opened before; the registry closes it with the others.

    Returns:
        The registry, to be used in a `with` statement or closed by hand.

    Raises:
        InputError: The file of models cannot be read or makes no sense.
    """
    return Registry(
        read_models(settings.models),
        contract or load_contract(),
        environ=environ,
        clock=clock,
        sleep=sleep,
        default_id=settings.default_model,
        card=card,
    )
