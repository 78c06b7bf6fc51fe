"""Backends that draft ProofKit's sections, and encoders that match roles.

Importing this package loads no engine: each is loaded by the function that opens it.
"""

from proofkit_serve.backends.llama_cpp import LlamaCppBackend, open_llama_cpp
from proofkit_serve.embedders.sentence_transformers import SentenceTransformersEmbedder, open_sentence_transformers
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
