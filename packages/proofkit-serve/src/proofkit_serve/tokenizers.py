"""The tokenizer of the weights that come along, for the token digests of the prompt contract.

`proofkit-prompts check --tokenizer proofkit_serve.tokenizers:embedded_tokenizer` compares what the lock records.
"""

import weakref
from types import ModuleType

from proofkit_core.errors import ModelUnavailableError
from proofkit_prompts import Tokenizer
from proofkit_serve.backends.library import load_library, tokenize
from proofkit_serve.backends.weights import identify
from proofkit_serve.models import EMBEDDED_MODEL, embedded_model_path

__all__ = ["LlamaTokenizer", "embedded_tokenizer"]

DIGEST_LENGTH = 12


class LlamaTokenizer:
    """llama.cpp's tokenizer of one GGUF file, loaded without its tensors. One thread at a time."""

    def __init__(self, library: ModuleType, model: int, name: str) -> None:
        """Take over a model; `embedded_tokenizer` loads one."""
        self._library = library
        self._vocabulary = library.llama_model_get_vocab(model)
        self._name = name
        weakref.finalize(self, library.llama_model_free, model)

    @property
    def name(self) -> str:
        """Return the model's id and the start of its weights' SHA-256."""
        return self._name

    def encode(self, text: str) -> list[int]:
        """Return the token ids of a whole prompt, its special tokens parsed and none added.

        Raises:
            GenerationError: llama.cpp refused the text.
        """
        return tokenize(self._library, self._vocabulary, text)


def embedded_tokenizer() -> Tokenizer:
    """Load the tokenizer of the weights that come along.

    Returns:
        A tokenizer whose name follows the weights, so that other weights never pass for these.

    Raises:
        ModelUnavailableError: The weights are missing or changed, or llama.cpp does not load.
    """
    path = embedded_model_path()
    identity = identify(path, EMBEDDED_MODEL)
    name = f"{identity.id}-{identity.artifact_digest[:DIGEST_LENGTH]}"
    library = load_library()
    params = library.llama_model_default_params()
    params.vocab_only = True
    model = library.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelUnavailableError(
            f"llama.cpp refused the weights at {str(path)!r} ({path.stat().st_size} bytes). Expected a whole GGUF "
            f"file of a model that this llama.cpp knows. Reinstall the package {EMBEDDED_MODEL.distribution!r}.",
        )
    return LlamaTokenizer(library, model, name)
