"""llama.cpp with types: one model, one context, used by one thread.

The binding's functions come untyped, as attributes of a module; they are called here and nowhere else.
"""

import ctypes
from collections.abc import Generator, Sequence
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, cast

import numpy as np
from llguidance import LLTokenizer
from numpy.typing import NDArray

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_serve.backends.decoding.engine import Saved
from proofkit_serve.backends.library import load_library, tokenize
from proofkit_serve.backends.llama.adapters import put_on, read_proofkit_keys
from proofkit_serve.backends.llama.facts import bytes_a_token, read_vocabulary
from proofkit_serve.backends.llama.pace import Pace

__all__ = ["CHUNK", "LlamaEngine", "open_engine"]

CHUNK = 16
"""Prompt tokens evaluated at a time.

Small, so that a cancelled prompt ends within one chunk; larger ones are at most a tenth faster on a CPU.
"""
MAIN_SEQUENCE = 0
KEEP_BUFFERS = False
"""For clearing: what is stored need not be overwritten with zeros."""
LONGEST_PIECE = 512
READ_AT_A_TIME = 4096
"""Tokens whose bytes are read in one step: some milliseconds."""


class LlamaEngine:
    """One model with one context. Not thread-safe: its owner thread makes, uses and closes it."""

    chunk = CHUNK

    def __init__(
        self, library: ModuleType, model: int, context: int, *, threads: int, metadata: dict[str, str]
    ) -> None:
        """Take over the pointers; `open_engine` makes them."""
        self.metadata = metadata
        self.vocabulary = read_vocabulary(library, model)
        self.context_tokens = int(library.llama_n_ctx(context))
        self.model_bytes = int(library.llama_model_size(model))
        self.context_bytes = self.context_tokens * bytes_a_token(library, model)
        self._library = library
        self._model = model
        self._context = context
        self._tokens = library.llama_model_get_vocab(model)
        self._memory = library.llama_get_memory(context)
        self._pace = Pace(threads)
        self._pieces: dict[int, bytes] = {}
        self._buffer = ctypes.create_string_buffer(LONGEST_PIECE)

    def tokenize(self, text: str, *, special: bool = True) -> list[int]:
        """Return the tokens of a text; none is added.

        Args:
            text: A whole prompt, or the beginning of an answer.
            special: Whether special tokens that are spelled out in it count as such.
        """
        return tokenize(self._library, self._tokens, text, special=special)

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token, special=False)
        return known

    def token_table(self) -> Generator[None, None, object]:
        """Return llguidance's table of the tokens, made in short steps; a few tenths of a second in all.

        llguidance has a function for this too, but it calls what the binding has deprecated, with a warning a token.
        """
        pieces: list[bytes] = []
        for token in range(self.vocabulary.size):
            pieces.append(self._spelled_out(token))
            if token % READ_AT_A_TIME == 0:
                yield
        tokenizer_type = cast("Any", LLTokenizer)  # its stubs leave this constructor out
        return cast(
            "object",
            tokenizer_type.from_llamacpp(
                tokens=pieces,
                vocab_ptr=self._tokens,
                tokenize_fptr=self._tokenizer_address(),
                eos_token=self.vocabulary.end_token,
            ),
        )

    def _spelled_out(self, token: int) -> bytes:
        """Return the bytes of a token; what is no plain text is spelled out, after the byte 0xFF."""
        library = self._library
        attributes = library.llama_vocab_get_attr(self._tokens, token)
        piece = self._read_piece(token, special=True)
        named = attributes & library.LLAMA_TOKEN_ATTR_USER_DEFINED and piece[:1] == b"<" and piece[-1:] == b">"
        is_text = not named and not attributes & library.LLAMA_TOKEN_ATTR_CONTROL
        return piece if is_text else b"\xff" + piece

    def _tokenizer_address(self) -> int:
        """Return the address of llama.cpp's C function that tokenizes."""
        shared_library = self._library.llama_cpp._lib  # noqa: SLF001 - the binding gives its address nowhere else
        return ctypes.cast(shared_library.llama_tokenize, ctypes.c_void_p).value or 0

    def _read_piece(self, token: int, *, special: bool) -> bytes:
        count = self._library.llama_token_to_piece(self._tokens, token, self._buffer, LONGEST_PIECE, 0, special)
        return self._buffer.raw[: max(0, count)]

    def evaluate(self, tokens: Sequence[int]) -> None:
        """Append tokens to what the context holds; the scores after the last of them become current."""
        for start in range(0, len(tokens), CHUNK):
            chunk = tokens[start : start + CHUNK]
            array = (ctypes.c_int32 * len(chunk))(*chunk)
            threads = self._pace.threads
            self._library.llama_set_n_threads(self._context, threads, threads)
            started = perf_counter()
            code = self._library.llama_decode(self._context, self._library.llama_batch_get_one(array, len(chunk)))
            self._pace.note(len(chunk), perf_counter() - started)
            if code != 0:
                raise GenerationError(
                    f"llama.cpp stopped with code {code} while it evaluated {len(chunk)} tokens. Expected code 0. "
                    f"Try again; if it stays, free memory or open the model with fewer context tokens.",
                    kind=FailureKind.SERVER,
                )

    def logits(self) -> NDArray[np.float32]:
        """Return the scores of the next token: a view that the next `evaluate` overwrites, so never write to it."""
        pointer = self._library.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))

    def rewind(self, length: int) -> bool:
        """Forget all tokens after the first `length`; False where the model cannot, and now holds none."""
        if length and self._library.llama_memory_seq_rm(self._memory, MAIN_SEQUENCE, length, -1):
            return True
        self._library.llama_memory_clear(self._memory, KEEP_BUFFERS)
        return length == 0

    def save(self) -> Saved:
        """Return a copy of what the context holds."""
        size = int(self._library.llama_state_seq_get_size(self._context, MAIN_SEQUENCE))
        state = bytearray(size)
        target = (ctypes.c_uint8 * size).from_buffer(state)
        written = int(self._library.llama_state_seq_get_data(self._context, target, size, MAIN_SEQUENCE))
        del target
        return Saved(state[:written] if written != size else state, written)

    def restore(self, saved: Saved) -> bool:
        """Replace what the context holds by a saved copy; False where llama.cpp refuses it, and it now holds none."""
        self._library.llama_memory_clear(self._memory, KEEP_BUFFERS)
        source = (ctypes.c_uint8 * saved.size).from_buffer(cast("bytearray", saved.state))
        read = self._library.llama_state_seq_set_data(self._context, source, saved.size, MAIN_SEQUENCE)
        if read == 0:
            self._library.llama_memory_clear(self._memory, KEEP_BUFFERS)
        return bool(read)

    def close(self) -> None:
        """Free the context and the model."""
        self._library.llama_free(self._context)
        self._library.llama_model_free(self._model)


def open_engine(path: Path, *, adapter: Path | None, context_tokens: int, threads: int) -> LlamaEngine:
    """Load weights and make a context for them.

    Args:
        path: The weights.
        adapter: A LoRA adapter to put on them, if any.
        context_tokens: Most tokens of a prompt and its completion together.
        threads: Threads to decode with.

    Raises:
        ModelUnavailableError: llama.cpp cannot be loaded, or refuses the weights or the context size.
    """
    library = load_library()
    model = library.llama_model_load_from_file(str(path).encode(), library.llama_model_default_params())
    if not model:
        raise ModelUnavailableError(
            f"llama.cpp refused the weights at {str(path)!r} ({path.stat().st_size} bytes). Expected a whole GGUF "
            f"file of a model that this llama.cpp knows; the file may be cut off or of a newer kind. "
            f"Download or convert the model again.",
            kind=FailureKind.NOT_FOUND,
        )
    trained = int(library.llama_model_n_ctx_train(model))
    context = None
    if 0 < context_tokens <= trained:
        context = library.llama_init_from_model(model, _context_params(library, context_tokens, threads))
    if not context:
        library.llama_model_free(model)
        raise ModelUnavailableError(
            f"llama.cpp made no context of {context_tokens} tokens. Expected 1 to {trained} for this model, and free "
            f"memory for them. Open the model with fewer context tokens.",
            kind=FailureKind.REFUSED,
        )
    try:
        worn = None if adapter is None else put_on(library, model, context, adapter)
    except ModelUnavailableError:
        library.llama_free(context)
        library.llama_model_free(model)
        raise
    metadata = read_proofkit_keys(library, model, worn)
    return LlamaEngine(library, model, context, threads=threads, metadata=metadata)


def _context_params(library: ModuleType, context_tokens: int, threads: int) -> object:
    params = library.llama_context_default_params()
    params.n_ctx = context_tokens
    params.n_batch = params.n_ubatch = CHUNK
    params.n_threads = params.n_threads_batch = threads
    # Flash attention is a little faster, but its scores change with the number of threads, which may change here.
    params.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.no_perf = True
    return params
