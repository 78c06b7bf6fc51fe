"""The base model's tokenizer, from tokenizer.json or rebuilt from a GGUF file's metadata."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proofkit_prompts.digest import canonical_json, sha256
from proofkit_train.base.gguf_file import read_gguf
from proofkit_train.base.gguf_vocabulary import build_tokenizer
from proofkit_train.base.source import BaseSource
from proofkit_train.base.weight_files import TOKENIZER
from proofkit_train.errors import BaseError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["END_TOKEN", "BaseTokenizer", "open_tokenizer"]

START_TOKEN, END_TOKEN = "<|im_start|>", "<|im_end|>"
_PADDING = ("<|endoftext|>", "<pad>", "<|pad|>", "<unk>")
"""What may pad a batch, by preference; never the end token, whose label must be trained."""


class BaseTokenizer:
    """A tokenizer that reads special tokens in the text and adds none."""

    def __init__(self, tokenizer: "Tokenizer", name: str) -> None:
        """Take over a tokenizer; `open_tokenizer` opens one.

        Raises:
            BaseError: It does not read the contract's chat tokens as one token each.
        """
        self._tokenizer = tokenizer
        self.name = name
        """The base's name and the start of its digest."""
        for token in (START_TOKEN, END_TOKEN):
            if len(self.encode(token)) != 1:
                raise BaseError(
                    f"The tokenizer of {name} reads {token!r} as {len(self.encode(token))} tokens. Expected one, as "
                    f"the contract's chat template needs. Choose a base with ChatML tokens, such as SmolLM2 or Qwen2.5."
                )
        self.end_token_id: int = self.encode(END_TOKEN)[0]
        self.pad_token_id: int = self._find_padding()

    @property
    def vocabulary_size(self) -> int:
        """Return the number of tokens; a model may have more rows than that."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) over tokens, merges, special tokens and the way text is split."""
        whole: Any = json.loads(self._tokenizer.to_str())
        kept = {key: whole[key] for key in ("normalizer", "pre_tokenizer")}
        special = sorted((token["id"], token["content"]) for token in whole["added_tokens"])
        tokens = sorted((number, token) for token, number in self._tokenizer.get_vocab(with_added_tokens=True).items())
        return sha256(canonical_json([tokens, whole["model"]["merges"], special, kept]))

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, its special tokens parsed and none added."""
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens, special tokens included."""
        return self._tokenizer.decode(list(tokens), skip_special_tokens=False)

    def _find_padding(self) -> int:
        ids = (self._tokenizer.token_to_id(token) for token in _PADDING)
        return next((token for token in ids if token is not None), self.end_token_id)


def open_tokenizer(source: BaseSource) -> BaseTokenizer:
    """Open the tokenizer of a base model.

    Args:
        source: The base, as `resolve_base` found it.

    Raises:
        BaseError: The tokenizer is damaged, of an unknown kind or without the contract's chat tokens.
        ModelFileError: The GGUF file is damaged.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - a native library, needed only here

    name = f"{source.name}-{source.digest[:12]}"
    if source.is_gguf:
        return BaseTokenizer(build_tokenizer(read_gguf(source.path)), name)
    path = source.path / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the native library raises nothing narrower
        raise BaseError(
            f"The tokenizer {str(path)!r} could not be read: {error}. Expected a whole tokenizer.json. "
            f"Download the base model again."
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return BaseTokenizer(tokenizer, name)
