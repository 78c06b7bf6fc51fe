"""Backends that draft ProofKit's sections, encoders that match roles, and the service that offers both over HTTP.

A name is loaded when it is first used, and each engine by the function that opens it: importing this package costs next
to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofkit_serve.backends.llama_cpp import LlamaCppBackend, open_llama_cpp
    from proofkit_serve.embedders.sentence_transformers import (
        SentenceTransformersEmbedder,
        open_sentence_transformers,
    )
    from proofkit_serve.models import EMBEDDED_MODEL, ModelSpec, embedded_model_path

__all__ = [
    "EMBEDDED_MODEL",
    "LlamaCppBackend",
    "ModelSpec",
    "SentenceTransformersEmbedder",
    "embedded_model_path",
    "open_llama_cpp",
    "open_sentence_transformers",
]
_PLACES = {
    "LlamaCppBackend": "backends.llama_cpp",
    "SentenceTransformersEmbedder": "embedders.sentence_transformers",
    "open_llama_cpp": "backends.llama_cpp",
    "open_sentence_transformers": "embedders.sentence_transformers",
}
"""Where a name is defined; the others are in `models`."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it returns depends on the name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES.get(name, 'models')}"), name)
