"""Turns a prompt and its completion into the tokens and labels that a model is trained on."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from proofkit_train.errors import DataSetError

__all__ = ["NO_LABEL", "TokenRow", "TokenSource", "tokenize_row"]

NO_LABEL = -100
"""The label of a token that is read but not learned."""


class TokenSource(Protocol):
    """Any tokenizer that reads special tokens in the text and adds none."""

    def encode(self, text: str) -> Sequence[int]:
        """Return the tokens of a text."""
        ...


class TokenRow(NamedTuple):
    """A row as a model sees it."""

    input_ids: tuple[int, ...]
    labels: tuple[int, ...]
    """As long as `input_ids`; `NO_LABEL` over the prompt."""

    @property
    def trained(self) -> int:
        """Return how many tokens are learned."""
        return sum(label != NO_LABEL for label in self.labels)


def tokenize_row(tokenizer: TokenSource, prompt: str, completion: str) -> TokenRow:
    """Return the tokens of a row; the completion's tokens, the end token among them, are its labels.

    Args:
        tokenizer: The base model's tokenizer.
        prompt: The whole rendered prompt, its special tokens as text.
        completion: The target and the end token.

    Raises:
        DataSetError: The prompt's tokens are not the first tokens of prompt and completion together, so that the model
            would be trained on other tokens than it is asked with.
    """
    asked = tuple(tokenizer.encode(prompt))
    whole = tuple(tokenizer.encode(prompt + completion))
    if whole[: len(asked)] != asked:
        raise DataSetError(
            f"The prompt ends in {prompt[-20:]!r} and the completion starts with {completion[:20]!r}: together they "
            f"are split into other tokens than the prompt alone. Expected the prompt's {len(asked)} tokens as the "
            f"first ones. Let the completion start with a letter, or the prompt end in a special token or a line break."
        )
    return TokenRow(whole, (NO_LABEL,) * len(asked) + whole[len(asked) :])
