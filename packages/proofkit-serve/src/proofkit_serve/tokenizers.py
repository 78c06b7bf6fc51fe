"""The tokenizer of the weights that come along, for the token digests of the prompt contract.

`proofkit-prompts check --tokenizer proofkit_serve.tokenizers:embedded_tokenizer` compares what the lock records.
"""

import ctypes
import hashlib
import logging
import weakref
from importlib import import_module
from pathlib import Path
from types import ModuleType

from proofkit_core.errors import GenerationError, ModelUnavailableError
from proofkit_prompts import Tokenizer
from proofkit_serve.models import EMBEDDED_MODEL, ModelSpec, embedded_model_path

__all__ = ["LlamaTokenizer", "embedded_tokenizer"]

DIGEST_LENGTH = 12
NO_EXTRAS, PARSE_SPECIAL = False, True
"""For tokenizing: no token is added at either end, and `<|im_end|>` and its like become one token each."""


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
        data = text.encode()
        room = len(data) + 1
        tokens = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(self._vocabulary, data, len(data), tokens, room, NO_EXTRAS, PARSE_SPECIAL)
        if count < 0:
            raise GenerationError(
                f"llama.cpp could not tokenize a text of {len(data)} bytes (code {count}). "
                f"Expected at most one token a byte. Report this with the model's name.",
            )
        return tokens[:count]


def embedded_tokenizer() -> Tokenizer:
    """Load the tokenizer of the weights that come along.

    Returns:
        A tokenizer whose name follows the weights, so that other weights never pass for these.

    Raises:
        ModelUnavailableError: The weights are missing or changed, or llama.cpp does not load.
    """
    path = embedded_model_path()
    name = f"{EMBEDDED_MODEL.id}-{_read_digest(path, EMBEDDED_MODEL)[:DIGEST_LENGTH]}"
    library = _load_library()
    params = library.llama_model_default_params()
    params.vocab_only = True
    model = library.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelUnavailableError(
            f"llama.cpp refused the weights at {str(path)!r} ({path.stat().st_size} bytes). Expected a whole GGUF "
            f"file of a model that this llama.cpp knows. Reinstall the package {EMBEDDED_MODEL.distribution!r}.",
        )
    return LlamaTokenizer(library, model, name)


def _read_digest(path: Path, spec: ModelSpec) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != spec.sha256:
        raise ModelUnavailableError(
            f"The weights at {str(path)!r} have the SHA-256 {digest}. Expected {spec.sha256} for {spec.name}. "
            f"Reinstall the package {spec.distribution!r}.",
        )
    return digest


def _load_library() -> ModuleType:
    # The binding prints what llama.cpp logs unless this logger is above every level, from its import on.
    logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    try:
        library = import_module("llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelUnavailableError(
            f"llama.cpp could not be loaded: {error}. Expected the package llama-cpp-python, built for this machine. "
            f"Run `uv sync --reinstall-package llama-cpp-python`.",
        ) from error
    library.llama_backend_init()
    return library
