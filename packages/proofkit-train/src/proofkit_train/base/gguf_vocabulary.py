"""Rebuilds a byte-level BPE tokenizer from the metadata of a GGUF file, to the same tokens as llama.cpp's."""

from typing import TYPE_CHECKING

from proofkit_train.base.gguf_file import GgufFile
from proofkit_train.errors import BaseError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.pre_tokenizers import PreTokenizer

__all__ = ["build_tokenizer"]

_MODEL = "tokenizer.ggml.model"
_PRE = "tokenizer.ggml.pre"
_TOKENS = "tokenizer.ggml.tokens"
_TYPES = "tokenizer.ggml.token_type"
_MERGES = "tokenizer.ggml.merges"
_CONTROL, _USER_DEFINED = 3, 4
"""Types of tokens that stand for themselves, whatever surrounds them."""

_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen2 splits a text before its merges apply."""


def build_tokenizer(file: GgufFile) -> "Tokenizer":
    """Return the tokenizer of a GGUF file.

    Args:
        file: The file's metadata.

    Raises:
        BaseError: The vocabulary is of a kind that is not known here, or damaged.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models  # noqa: PLC0415 - a native library

    kind, pre = file.text(_MODEL), file.text(_PRE)
    if kind != "gpt2":
        raise BaseError(
            f"The tokenizer of {str(file.path)!r} is of the kind {kind!r}. Expected byte-level BPE, which GGUF calls "
            f"'gpt2'. Choose another base, such as SmolLM2 or Qwen2.5."
        )
    tokens, types = [str(token) for token in file.items(_TOKENS)], file.items(_TYPES)
    merges = [tuple(str(merge).split(" ", 1)) for merge in file.items(_MERGES)]
    if not tokens or len(types) != len(tokens) or not merges:
        raise BaseError(
            f"The tokenizer of {str(file.path)!r} has {len(tokens)} tokens, {len(types)} token types and "
            f"{len(merges)} merges. Expected as many types as tokens, and some merges. Convert the model again."
        )
    vocabulary = {token: number for number, token in enumerate(tokens)}
    try:
        model = models.BPE(vocab=vocabulary, merges=[(left, right) for left, right in merges])
    except Exception as error:  # the native library raises nothing narrower
        raise BaseError(
            f"The merges of the tokenizer of {str(file.path)!r} do not fit its tokens: {error}. Convert the model "
            f"again."
        ) from error
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = _splitter(pre, file)
    tokenizer.decoder = decoders.ByteLevel()
    whole = [
        AddedToken(token, special=kind == _CONTROL, normalized=False)
        for token, kind in zip(tokens, types, strict=True)
        if kind in {_CONTROL, _USER_DEFINED}
    ]
    tokenizer.add_special_tokens(whole)  # pyright: ignore[reportUnknownMemberType]
    return tokenizer


def _splitter(pre: str, file: GgufFile) -> "PreTokenizer":
    from tokenizers import Regex, pre_tokenizers  # noqa: PLC0415

    if pre == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        return pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    if pre == "qwen2":
        split = pre_tokenizers.Split(Regex(_QWEN2), behavior="isolated", invert=False)
        return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    raise BaseError(
        f"The tokenizer of {str(file.path)!r} splits text in the way {pre!r}. Expected 'smollm' or 'qwen2', whose "
        f"rules are known here. Choose another base, or a folder with tokenizer.json."
    )
