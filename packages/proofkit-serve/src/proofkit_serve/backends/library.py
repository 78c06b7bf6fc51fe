"""How llama.cpp's binding is brought in, silent and with plain errors, and how it tokenizes."""

import ctypes
import logging
from importlib import import_module
from types import ModuleType

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError

__all__ = ["load_library", "tokenize"]

NO_EXTRAS = False
"""For tokenizing: no token is added at either end, and `<|im_end|>` and its like become one token each."""

SILENT = logging.CRITICAL + 1
"""Above every level that the binding gives to llama.cpp's messages."""


def load_library() -> ModuleType:
    """Import llama.cpp's binding and keep its messages off the terminal.

    Raises:
        ModelUnavailableError: The binding is missing or its shared library does not load here.
    """
    # The binding prints what llama.cpp logs unless this logger is above it, from its import on.
    logging.getLogger("llama-cpp-python").setLevel(SILENT)
    try:
        library = import_module("llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelUnavailableError(
            f"llama.cpp could not be loaded: {error}. Expected the package llama-cpp-python, built for this machine. "
            f"Run `uv sync --reinstall-package llama-cpp-python`.",
            kind=FailureKind.NOT_FOUND,
        ) from error
    library.llama_backend_init()
    return library


def tokenize(library: ModuleType, vocabulary: int, text: str, *, special: bool = True) -> list[int]:
    """Return the tokens of a text; none is added.

    Args:
        library: The binding.
        vocabulary: Pointer to the model's vocabulary.
        text: A prompt, or the beginning of an answer.
        special: Whether special tokens that are spelled out in it count as such.

    Raises:
        GenerationError: llama.cpp refused the text.
    """
    data = text.encode()
    room = len(data) + 1
    tokens = (ctypes.c_int32 * room)()
    count = library.llama_tokenize(vocabulary, data, len(data), tokens, room, NO_EXTRAS, special)
    if count < 0:
        raise GenerationError(
            f"llama.cpp could not tokenize a prompt of {len(data)} bytes (code {count}). "
            f"Expected at most one token a byte. Report this with the model's name.",
            kind=FailureKind.REFUSED,
        )
    return tokens[:count]
