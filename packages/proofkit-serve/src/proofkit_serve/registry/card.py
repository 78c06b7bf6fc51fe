"""The model of a ZeroGPU Space, which is opened before the service is: while the Space's `app.py` is imported."""

from typing import Protocol

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_serve.backends.handshake import Training
from proofkit_serve.registry.lazy import OpenBackend
from proofkit_serve.registry.spec import ModelSpec

__all__ = ["CardBackend", "require_card"]


class CardBackend(OpenBackend, Protocol):
    """A backend that is open and knows what its model was trained on, as `ZeroGpuBackend` does."""

    @property
    def training(self) -> Training | None:
        """Return what the model says it was trained on."""
        ...


def require_card(spec: ModelSpec, card: CardBackend | None) -> CardBackend:
    """Return the model that was opened.

    Args:
        spec: The model that needs it.
        card: What the program that starts the service opened, if anything.

    Raises:
        ModelUnavailableError: Nothing was opened.
    """
    if card is None:
        raise ModelUnavailableError(
            f"{spec.shown_name} has the backend 'zero_gpu', and no card was lent to this program. Expected a ZeroGPU "
            f"Space, whose app.py opens the model. Run `proofkit space` to make one, or choose another backend.",
            kind=FailureKind.REFUSED,
        )
    return card
