"""How llama.cpp's binding is brought in: silent, and with a plain error where it cannot be."""

import logging
from importlib import import_module
from types import ModuleType

from proofkit_core.errors import ModelUnavailableError

__all__ = ["load_library"]

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
        ) from error
    library.llama_backend_init()
    return library
