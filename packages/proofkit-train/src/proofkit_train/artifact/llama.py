"""llama.cpp with types: quantising, scoring and greedy completions, for what will be published.

The binding's functions come untyped, as attributes of a module; they are called here and nowhere else.
"""

import ctypes
import logging
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from proofkit_train.artifact.grammar import grammar_of
from proofkit_train.errors import ModelFileError

if TYPE_CHECKING:
    from numpy import float32, intp
    from numpy.typing import NDArray

__all__ = ["QUANT_TYPES", "Completed", "LlamaModel", "free_cores", "open_llama", "quantize"]

QUANT_TYPES = {
    "q8_0": "LLAMA_FTYPE_MOSTLY_Q8_0",
    "q6_k": "LLAMA_FTYPE_MOSTLY_Q6_K",
    "q5_1": "LLAMA_FTYPE_MOSTLY_Q5_1",
    "q4_k_m": "LLAMA_FTYPE_MOSTLY_Q4_K_M",
    "q4_1": "LLAMA_FTYPE_MOSTLY_Q4_1",
    "q4_0": "LLAMA_FTYPE_MOSTLY_Q4_0",
}
"""llama.cpp's mixes of tensor types that can be asked for, by the name people know."""

_SILENT = logging.CRITICAL + 1
_NO_EXTRAS, _PARSE_SPECIAL = False, True
_LONGEST_PIECE = 512
_CHUNK = 256
"""Prompt tokens evaluated at a time."""
_SCORED = 64
"""Tokens evaluated at a time where the scores after each are wanted."""
_SEQUENCE = 0
_ADAPTER_SCALE = 1.0


class Completed(NamedTuple):
    """One greedy completion."""

    text: str
    tokens: int
    ended: bool
    """Whether the model wrote an end token within its room."""


class LlamaModel:
    """One model, with an adapter or without, and one context. Not thread-safe; close it, or use it in a `with`."""

    def __init__(self, library: ModuleType, model: int, context: int) -> None:
        """Take over the pointers; `open_llama` makes them."""
        self._library, self._model, self._context = library, model, context
        self._vocabulary = library.llama_model_get_vocab(model)
        self._buffer = ctypes.create_string_buffer(_LONGEST_PIECE)
        self.vocabulary_size = int(library.llama_vocab_n_tokens(self._vocabulary))

    @property
    def is_ready(self) -> bool:
        """Return whether there is a context to work in."""
        return self._context != 0

    @property
    def context_tokens(self) -> int:
        """Return the most tokens of a prompt and its completion together."""
        return int(self._library.llama_n_ctx(self._context))

    def put_on(self, adapter: Path) -> bool:
        """Use an adapter from now on; False where llama.cpp refuses it."""
        library = self._library
        loaded = library.llama_adapter_lora_init(self._model, str(adapter).encode())  # the model frees it
        if not loaded:
            return False
        adapters = (library.llama_adapter_lora_p_ctypes * 1)(loaded)
        scales = (ctypes.c_float * 1)(_ADAPTER_SCALE)
        return library.llama_set_adapters_lora(self._context, adapters, 1, scales) == 0

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of a whole prompt, its special tokens parsed and none added."""
        data = text.encode()
        room = len(data) + 1
        tokens = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(
            self._vocabulary, data, len(data), tokens, room, _NO_EXTRAS, _PARSE_SPECIAL
        )
        return tokens[: max(0, count)]

    def scores(self, tokens: Sequence[int]) -> "NDArray[float32]":
        """Return the scores of the next token after each token of a text, a row each.

        Raises:
            ModelFileError: llama.cpp failed.
        """
        import numpy as np

        self._forget()
        rows = np.empty((len(tokens), self.vocabulary_size), dtype=np.float32)
        for start in range(0, len(tokens), _SCORED):
            chunk = tokens[start : start + _SCORED]
            self._evaluate_all(chunk, start)
            pointer = self._library.llama_get_logits(self._context)
            rows[start : start + len(chunk)] = np.ctypeslib.as_array(pointer, (len(chunk), self.vocabulary_size))
        return rows

    def complete(
        self, prompt: str, *, max_tokens: int, repeat_penalty: float, schema: Mapping[str, Any] | None = None
    ) -> Completed:
        """Complete a prompt with the likeliest token each time.

        Args:
            prompt: The whole prompt.
            max_tokens: Most tokens to write.
            repeat_penalty: Divides the scores of tokens already written; 1 changes nothing.
            schema: What a JSON completion must fit; enforced token by token.

        Raises:
            ModelFileError: The prompt does not fit, or llama.cpp failed.
        """
        tokens = self.tokenize(prompt)
        if len(tokens) + max_tokens > self.context_tokens:
            raise ModelFileError(
                f"The prompt has {len(tokens)} tokens and asks for {max_tokens} more. Expected at most "
                f"{self.context_tokens} together. Open the model with a longer context."
            )
        self._forget()
        for start in range(0, len(tokens), _CHUNK):
            self._evaluate(tokens[start : start + _CHUNK])
        grammar = self._grammar(schema) if schema is not None else None
        try:
            return self._write(max_tokens, repeat_penalty, grammar)
        finally:
            if grammar is not None:
                self._library.llama_sampler_free(grammar)

    def close(self) -> None:
        """Free everything."""
        if self._context:
            self._library.llama_free(self._context)
        if self._model:
            self._library.llama_model_free(self._model)  # frees its adapters too
        self._model = self._context = 0

    def __enter__(self) -> Self:
        """Return the open model."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the model."""
        self.close()

    def _write(self, max_tokens: int, repeat_penalty: float, grammar: int | None) -> Completed:
        written: list[int] = []
        pieces: list[bytes] = []
        while len(written) < max_tokens:
            token = self._choose(written, repeat_penalty, grammar)
            if self._library.llama_vocab_is_eog(self._vocabulary, token):
                return Completed(b"".join(pieces).decode(errors="replace"), len(written), ended=True)
            written.append(token)
            pieces.append(self._piece(token))
            self._evaluate([token])
        return Completed(b"".join(pieces).decode(errors="replace"), len(written), ended=False)

    def _choose(self, written: list[int], repeat_penalty: float, grammar: int | None) -> int:
        import numpy as np

        scores = self._current().copy()
        seen = np.unique(np.asarray(written, dtype=np.intp))
        scores[seen] = np.where(scores[seen] > 0, scores[seen] / repeat_penalty, scores[seen] * repeat_penalty)
        best = int(scores.argmax())
        if grammar is None:
            return best
        # Looking at one token first spares a walk through the whole vocabulary nearly every time.
        if np.isneginf(self._masked(grammar, scores, np.asarray([best]))).all():
            best = int(self._masked(grammar, scores, np.arange(self.vocabulary_size)).argmax())
        self._library.llama_sampler_accept(grammar, best)
        return best

    def _masked(self, grammar: int, scores: "NDArray[float32]", tokens: "NDArray[intp]") -> "NDArray[float32]":
        """Return the scores of some tokens, minus infinity for those that the grammar does not let follow."""
        import numpy as np

        library = self._library
        data = np.zeros(len(tokens), dtype=[("id", "i4"), ("score", "f4"), ("share", "f4")])
        data["id"], data["score"] = tokens, scores[tokens]
        candidates = (library.llama_token_data * len(tokens)).from_buffer(data)
        found = library.llama_token_data_array(candidates, len(tokens), -1, False)  # noqa: FBT003 - a C structure
        library.llama_sampler_apply(grammar, ctypes.byref(found))
        return data["score"]

    def _grammar(self, schema: Mapping[str, Any]) -> int:
        rules = grammar_of(schema).encode()
        grammar = self._library.llama_sampler_init_grammar(self._vocabulary, rules, b"root")
        if not grammar:
            raise ModelFileError(
                "llama.cpp refused the grammar of a task's schema. Expected one that it can read. Report this with the "
                "contract's version."
            )
        return grammar

    def _forget(self) -> None:
        memory = self._library.llama_get_memory(self._context)
        self._library.llama_memory_clear(memory, False)  # noqa: FBT003 - a C function

    def _evaluate(self, tokens: Sequence[int]) -> None:
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        batch = self._library.llama_batch_get_one(array, len(tokens))
        self._check(self._library.llama_decode(self._context, batch), len(tokens))

    def _evaluate_all(self, tokens: Sequence[int], start: int) -> None:
        """Evaluate tokens and keep the scores after each of them."""
        batch = self._library.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for place, token in enumerate(tokens):
                batch.token[place], batch.pos[place], batch.logits[place] = token, start + place, 1
                batch.n_seq_id[place], batch.seq_id[place][0] = 1, _SEQUENCE
            self._check(self._library.llama_decode(self._context, batch), len(tokens))
        finally:
            self._library.llama_batch_free(batch)

    def _check(self, code: int, count: int) -> None:
        if code != 0:
            raise ModelFileError(
                f"llama.cpp stopped with code {code} while it evaluated {count} tokens. Expected code 0. Free memory "
                f"and try again."
            )

    def _current(self) -> "NDArray[float32]":
        import numpy as np

        pointer = self._library.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,))

    def _piece(self, token: int) -> bytes:
        room, strip, special = _LONGEST_PIECE, 0, True
        count = self._library.llama_token_to_piece(self._vocabulary, token, self._buffer, room, strip, special)
        return self._buffer.raw[: max(0, count)]


def free_cores() -> int:
    """Return how many threads to compute with: a core for each that other programs leave free, and at least one.

    llama.cpp's threads wait for the slowest at each layer, so one thread too many costs much more than it brings.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, cores - round(busy))


def open_llama(
    path: Path, *, adapter: Path | None = None, context_tokens: int = 4096, threads: int = 0, exact: bool = False
) -> LlamaModel:
    """Load a model, and an adapter beside it.

    Args:
        path: A GGUF model.
        adapter: A GGUF adapter of that model.
        context_tokens: Most tokens of a prompt and its completion together.
        threads: Threads to compute with; 0 for the cores that are free now.
        exact: Keep what was read in full precision, to compare scores; the app keeps it in half.

    Raises:
        ModelFileError: llama.cpp cannot be loaded, or refuses a file.
    """
    library = _load()
    model = library.llama_model_load_from_file(str(path).encode(), library.llama_model_default_params())
    if not model:
        raise _refused(path, "a whole GGUF model of a family that it knows")
    opened = LlamaModel(library, model, _new_context(library, model, context_tokens, threads, exact=exact))
    try:
        if not opened.is_ready:
            raise _refused(path, "memory for its context")
        if adapter is not None and not opened.put_on(adapter):
            raise _refused(adapter, f"an adapter of {path.name}")
    except ModelFileError:
        opened.close()
        raise
    return opened


def _new_context(library: ModuleType, model: int, tokens: int, threads: int, *, exact: bool) -> int:
    params = library.llama_context_default_params()
    params.n_ctx = min(tokens, int(library.llama_model_n_ctx_train(model)))
    params.n_batch = params.n_ubatch = _CHUNK
    params.n_threads = params.n_threads_batch = threads or free_cores()
    params.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED  # as the app has it
    params.no_perf = True
    if exact:
        params.type_k = params.type_v = library.GGML_TYPE_F32
    return library.llama_init_from_model(model, params) or 0


def quantize(source: Path, target: Path, kind: str, *, threads: int = 0) -> None:
    """Quantise a GGUF model in this process.

    Args:
        source: A model of F32 or F16 weights.
        target: The file to write, whatever was there.
        kind: One of `QUANT_TYPES`.
        threads: Threads to compute with; 0 for the cores that are free now.

    Raises:
        ModelFileError: llama.cpp failed, as it does where the disk is full; the caller removes what was written.
    """
    library = _load()
    params = library.llama_model_quantize_default_params()
    params.ftype = getattr(library, QUANT_TYPES[kind])
    params.nthread = threads or free_cores()
    code = library.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params))
    if code != 0:
        raise ModelFileError(
            f"llama.cpp could not quantise {str(source)!r} to {kind} (code {code}). Expected code 0. Check that "
            f"there is room on the disk for another file of that size, and run it again."
        )


def _load() -> ModuleType:
    # The binding prints what llama.cpp logs unless this logger is above it, from its import on.
    logging.getLogger("llama-cpp-python").setLevel(_SILENT)
    try:
        library = import_module("llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelFileError(
            f"llama.cpp could not be loaded: {error}. Expected the package llama-cpp-python, built for this machine. "
            f"Install the extra `gguf` of proofkit-train."
        ) from error
    library.llama_backend_init()
    return library


def _refused(path: Path, expected: str) -> ModelFileError:
    return ModelFileError(
        f"llama.cpp refused {str(path)!r} ({path.stat().st_size if path.is_file() else 'no'} bytes). Expected "
        f"{expected}. Export it again, from the base that it belongs to."
    )
