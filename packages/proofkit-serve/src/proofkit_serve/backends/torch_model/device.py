"""Where a model runs: the CPU, a graphics card, or a ZeroGPU Space, whose cards are lent for one function call."""

from collections.abc import Mapping
from types import ModuleType

from proofkit_core.errors import FailureKind, ModelUnavailableError

__all__ = ["choose_device", "on_zero_gpu"]

_SET = frozenset({"1", "t", "true"})
"""What the package `spaces` takes as yes."""


def on_zero_gpu(environ: Mapping[str, str]) -> bool:
    """Return whether this is a ZeroGPU Space."""
    return environ.get("SPACES_ZERO_GPU", "").lower() in _SET


def choose_device(torch: ModuleType, wanted: str, environ: Mapping[str, str]) -> str:
    """Return the name of the device to put a model on.

    Args:
        torch: The library.
        wanted: A name that torch knows, or `auto`.
        environ: The environment, which tells ZeroGPU.

    Raises:
        ModelUnavailableError: On ZeroGPU a card may be touched in its own function alone.
    """
    if on_zero_gpu(environ):
        raise ModelUnavailableError(
            "This is a ZeroGPU Space, where a thread of its own cannot hold a graphics card. Expected the backend for "
            "it. Open the model with `open_zero_gpu`, or use the llama.cpp backend, which needs no card.",
            kind=FailureKind.REFUSED,
        )
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"
