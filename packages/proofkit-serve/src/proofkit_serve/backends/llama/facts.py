"""What llama.cpp says about a loaded model."""

import ctypes
from types import ModuleType

import numpy as np

from proofkit_serve.backends.decoding.engine import Vocabulary

__all__ = ["bytes_a_token", "read_vocabulary"]

LONGEST_VALUE = 64
BYTES_A_VALUE = 2
"""llama.cpp keeps keys and values as 16-bit floats."""


def bytes_a_token(library: ModuleType, model: int) -> int:
    """Return the memory that keys and values of one token take."""
    heads, width = int(library.llama_model_n_head(model)), int(library.llama_model_n_embd(model))
    layers, shared = int(library.llama_model_n_layer(model)), int(library.llama_model_n_head_kv(model))
    even = width // max(1, heads)
    keys = _number(library, model, "attention.key_length", even)
    values = _number(library, model, "attention.value_length", even)
    return layers * shared * (keys + values) * BYTES_A_VALUE


def _number(library: ModuleType, model: int, key: str, default: int) -> int:
    """Return a number of the model's metadata, from the part about its family."""
    buffer = ctypes.create_string_buffer(LONGEST_VALUE)
    known = library.llama_model_meta_val_str(model, b"general.architecture", buffer, LONGEST_VALUE) >= 0
    name = buffer.value + f".{key}".encode()
    known = known and library.llama_model_meta_val_str(model, name, buffer, LONGEST_VALUE) >= 0
    return int(buffer.value) if known and buffer.value.isdigit() else default


def read_vocabulary(library: ModuleType, model: int) -> Vocabulary:
    """Return what decoding must know of a model's tokens."""
    pointer = library.llama_model_get_vocab(model)
    size = int(library.llama_vocab_n_tokens(pointer))
    ends = frozenset(token for token in range(size) if library.llama_vocab_is_eog(pointer, token))
    control = [token for token in range(size) if token not in ends and library.llama_vocab_is_control(pointer, token)]
    return Vocabulary(
        size=size,
        end_tokens=ends,
        end_token=int(library.llama_vocab_eos(pointer)),
        control_tokens=np.array(control, dtype=np.intp),
    )
