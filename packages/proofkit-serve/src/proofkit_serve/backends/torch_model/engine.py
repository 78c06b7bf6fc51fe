"""A Transformers model as an engine: keys and values in a cache of its own, one prompt at a time."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np  # noqa: TID253 - imported only when a model is opened
from llguidance import LLTokenizer  # noqa: TID253 - the same

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_serve.backends.decoding.engine import Saved, Vocabulary
from proofkit_serve.backends.torch_model.loading import Loaded

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TorchEngine"]

CHUNK_CPU, CHUNK_CARD = 32, 128
"""Prompt tokens evaluated at a time: what takes about a tenth of a second."""


class TorchEngine:
    """One model with one cache. Not thread-safe: its owner makes, uses and closes it."""

    def __init__(self, loaded: Loaded, *, context_tokens: int, metadata: dict[str, str]) -> None:
        """Take over a loaded model.

        Args:
            loaded: The model and its tokenizer.
            context_tokens: Most tokens of a prompt and its completion together.
            metadata: What it says about its training.

        Raises:
            ModelUnavailableError: The model was trained for fewer tokens, or names no end of a turn.
        """
        config = loaded.model.config.get_text_config(decoder=True)
        _require_use(config, loaded.end_tokens, context_tokens)
        self.metadata = metadata
        self.context_tokens = context_tokens
        self.vocabulary = _read_vocabulary(loaded)
        self.model_bytes = sum(int(weight.nbytes) for weight in loaded.model.parameters())
        self.context_bytes = context_tokens * _bytes_a_token(config, int(loaded.model.dtype.itemsize))
        self.chunk = CHUNK_CPU if loaded.model.device.type == "cpu" else CHUNK_CARD
        self._loaded = loaded
        self._cache: Any = None
        self._scores: Any = None
        self._table: Any = _read_table(loaded, self.vocabulary)

    def tokenize(self, text: str, *, special: bool = True) -> list[int]:
        """Return the tokens of a text; none is added.

        Args:
            text: A whole prompt, or the beginning of an answer.
            special: Whether special tokens that are spelled out in it count as such.
        """
        tokenizer = self._loaded.tokenizer
        tokenizer.encode_special_tokens = not special  # the library's word for taking them as plain text
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; none for a special one."""
        return b"" if token in self._loaded.special_tokens else bytes(self._table.decode_bytes([token]))

    def token_table(self) -> Generator[None, None, object]:
        """Return llguidance's table of the tokens, which was made when the model was opened."""
        yield
        return self._table

    def evaluate(self, tokens: Sequence[int]) -> None:
        """Append tokens to what the cache holds; the scores after the last of them become current.

        Raises:
            GenerationError: torch failed, for want of memory above all.
        """
        torch, model = self._loaded.torch, self._loaded.model
        if self._cache is None:
            self._cache = self._new_cache()
        for start in range(0, len(tokens), self.chunk):
            chunk = list(tokens[start : start + self.chunk])
            try:
                with torch.inference_mode():
                    given = torch.tensor([chunk], dtype=torch.long, device=model.device)
                    done = model(input_ids=given, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
                    self._scores = done.logits[0, -1].float().cpu().numpy()
            except RuntimeError as error:  # running out of memory is one of them
                raise GenerationError(
                    f"torch stopped while it evaluated {len(chunk)} tokens: {error}. Expected scores. Try again; if it "
                    f"stays, free memory or open the model with fewer context tokens.",
                    kind=FailureKind.SERVER,
                ) from error

    def logits(self) -> "NDArray[np.float32]":
        """Return the scores of the next token, to be read only."""
        return cast("NDArray[np.float32]", self._scores)

    def rewind(self, length: int) -> bool:
        """Forget all tokens after the first `length`; False where the model cannot, and now holds none."""
        held = self._held()
        if length and length == held:
            return True
        layers = self._layers() if 0 < length < held else None
        self._cache = None
        if layers is not None:
            self._fill([(keys[..., :length, :], values[..., :length, :]) for keys, values in layers])
        return layers is not None or length == 0

    def save(self) -> Saved:
        """Return a copy of what the cache holds; only models that can be rewound are asked for one."""
        copies = [(keys.clone(), values.clone()) for keys, values in self._layers() or []]
        return Saved(copies, sum(keys.nbytes + values.nbytes for keys, values in copies))

    def restore(self, saved: Saved) -> bool:
        """Replace what the cache holds by a copy; False where there is nothing in it."""
        self._cache = None
        layers = cast("list[tuple[Any, Any]]", saved.state)
        if layers:
            self._fill(layers)
        return bool(layers)

    def close(self) -> None:
        """Let go of the model."""
        self._cache = self._scores = self._table = None
        device, torch = self._loaded.model.device.type, self._loaded.torch
        del self._loaded
        if device == "cuda":
            torch.cuda.empty_cache()

    def _new_cache(self) -> Any:  # noqa: ANN401 - Transformers has no types for it
        return self._loaded.dynamic_cache(config=self._loaded.model.config)

    def _held(self) -> int:
        return 0 if self._cache is None else int(self._cache.get_seq_length())

    def _layers(self) -> list[tuple[Any, Any]] | None:
        """Return keys and values of each layer; None for models that keep something else."""
        # Windows and recurrent states cannot be cut back; layers that keep all keys are of this very class.
        plain = all(type(layer).__name__ == "DynamicLayer" for layer in self._cache.layers)
        return [(layer.keys, layer.values) for layer in self._cache.layers] if plain else None

    def _fill(self, layers: Sequence[tuple[Any, Any]]) -> None:
        cache = self._new_cache()
        with self._loaded.torch.inference_mode():
            for place, (keys, values) in enumerate(layers):
                cache.update(keys, values, place)  # which copies them
        self._cache = cache


def _read_table(loaded: Loaded, vocabulary: Vocabulary) -> Any:  # noqa: ANN401 - its methods differ from its stubs
    try:
        return LLTokenizer(loaded.tokenizer.to_str(), n_vocab=vocabulary.size, eos_token=vocabulary.end_token)
    except ValueError as error:
        raise ModelUnavailableError(
            f"llguidance cannot read the model's tokenizer: {error}. Expected a byte-level one, or one that falls back "
            f"on bytes. Use another model, or a GGUF file with llama.cpp.",
            kind=FailureKind.REFUSED,
        ) from error


def _require_use(config: Any, end_tokens: frozenset[int], context_tokens: int) -> None:  # noqa: ANN401 - the same
    trained = int(getattr(config, "max_position_embeddings", 0) or context_tokens)
    if not 0 < context_tokens <= trained:
        raise ModelUnavailableError(
            f"Got a context of {context_tokens} tokens. Expected 1 to {trained} for this model. Open the model with "
            f"fewer context tokens.",
            kind=FailureKind.REFUSED,
        )
    if not end_tokens:
        raise ModelUnavailableError(
            "The model names no token that ends its answers. Expected `eos_token_id` in its configuration, or a "
            "tokenizer that knows `<|im_end|>`. Save the model with its generation_config.json.",
            kind=FailureKind.REFUSED,
        )


def _bytes_a_token(config: Any, value_bytes: int) -> int:  # noqa: ANN401 - the same
    """Return the memory that keys and values of one token take, in a model that keeps them all."""
    heads = int(config.num_attention_heads)
    shared = int(getattr(config, "num_key_value_heads", None) or heads)
    width = int(getattr(config, "head_dim", None) or config.hidden_size // heads)
    return 2 * int(config.num_hidden_layers) * shared * width * value_bytes


def _read_vocabulary(loaded: Loaded) -> Vocabulary:
    size = int(loaded.model.get_output_embeddings().weight.shape[0])
    known = frozenset(loaded.tokenizer.get_vocab(with_added_tokens=True).values())
    control = [
        token
        for token in range(size)
        if token not in loaded.end_tokens and (token in loaded.special_tokens or token not in known)
    ]
    return Vocabulary(
        size=size,
        end_tokens=loaded.end_tokens,
        end_token=min(loaded.end_tokens),
        control_tokens=np.array(control, dtype=np.intp),
    )
