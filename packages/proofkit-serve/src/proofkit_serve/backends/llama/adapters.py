"""Puts a LoRA adapter on a loaded model, and reads what model and adapter say about their training."""

import ctypes
from pathlib import Path
from types import ModuleType
from typing import Any

from proofkit_core.errors import FailureKind, ModelUnavailableError

__all__ = ["put_on", "read_proofkit_keys"]

PREFIX = "proofkit."
WHOLE = 1.0
"""Scale of an adapter: as it was trained."""
_LONGEST_VALUE = 512


Pointer = Any
"""What the binding hands out for an adapter."""


def put_on(library: ModuleType, model: int, context: int, path: Path) -> Pointer:
    """Load an adapter and use it for everything that the context decodes.

    Returns:
        The adapter's pointer; the model frees it.

    Raises:
        ModelUnavailableError: llama.cpp refuses the file, or it does not fit the model.
    """
    adapter = library.llama_adapter_lora_init(model, str(path).encode())
    if adapter:
        adapters = (library.llama_adapter_lora_p_ctypes * 1)(adapter)
        scales = (ctypes.c_float * 1)(WHOLE)
        if library.llama_set_adapters_lora(context, adapters, 1, scales) == 0:
            return adapter
    raise ModelUnavailableError(
        f"llama.cpp refused the adapter at {str(path)!r}. Expected a LoRA adapter in GGUF form, made for these very "
        f"weights. Export it again with `proofkit-train export`, or open the model without it.",
        kind=FailureKind.REFUSED,
    )


def read_proofkit_keys(library: ModuleType, model: int, adapter: Pointer | None) -> dict[str, str]:
    """Return the metadata that starts with `proofkit.`: the adapter's where there is one, else the model's."""
    if adapter is None:
        count, read_key, read_value, owner = (
            library.llama_model_meta_count,
            library.llama_model_meta_key_by_index,
            library.llama_model_meta_val_str_by_index,
            model,
        )
    else:
        count, read_key, read_value, owner = (
            library.llama_adapter_meta_count,
            library.llama_adapter_meta_key_by_index,
            library.llama_adapter_meta_val_str_by_index,
            adapter,
        )
    buffer = ctypes.create_string_buffer(_LONGEST_VALUE)
    found: dict[str, str] = {}
    for number in range(int(count(owner))):
        read_key(owner, number, buffer, _LONGEST_VALUE)
        key = buffer.value.decode("utf-8", "replace")
        if key.startswith(PREFIX):
            read_value(owner, number, buffer, _LONGEST_VALUE)
            found[key] = buffer.value.decode("utf-8", "replace")
    return found
