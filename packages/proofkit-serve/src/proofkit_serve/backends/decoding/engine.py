"""What decoding needs of an engine: one model with one context, used by one thread at a time."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Engine", "Saved", "Vocabulary", "drained"]

T = TypeVar("T")


class Vocabulary(NamedTuple):
    """What decoding must know of the model's tokens."""

    size: int
    """Number of scores."""
    end_tokens: frozenset[int]
    """Tokens that end a turn."""
    end_token: int
    """The one of them that grammars know."""
    control_tokens: "NDArray[np.intp]"
    """Tokens that do not end a turn and have no place in a completion: those with a meaning of their own, and gaps."""


class Saved(NamedTuple):
    """A copy of what a context held."""

    state: object
    size: int
    """Bytes of memory."""


class Engine(Protocol):
    """One model with one context. Not thread-safe: its owner thread makes, uses and closes it."""

    @property
    def chunk(self) -> int:
        """Return how many prompt tokens are evaluated at a time."""
        ...

    @property
    def context_tokens(self) -> int:
        """Return the most tokens of a prompt and its completion together."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Return what is known of the tokens."""
        ...

    @property
    def metadata(self) -> dict[str, str]:
        """Return what model or adapter say about their training: their keys that start with `proofkit.`."""
        ...

    @property
    def model_bytes(self) -> int:
        """Return the memory that the weights take."""
        ...

    @property
    def context_bytes(self) -> int:
        """Return the memory that the keys and values of a full context take."""
        ...

    def tokenize(self, text: str, *, special: bool = True) -> list[int]:
        """Return the tokens of a text; none is added.

        Args:
            text: A whole prompt, or the beginning of an answer.
            special: Whether special tokens that are spelled out in it count as such.
        """
        ...

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; none for a special one."""
        ...

    def token_table(self) -> Generator[None, None, object]:
        """Return llguidance's table of the tokens, made in short steps."""
        ...

    def evaluate(self, tokens: Sequence[int]) -> None:
        """Append tokens to what the context holds; the scores after the last of them become current.

        Raises:
            GenerationError: The engine failed.
        """
        ...

    def logits(self) -> "NDArray[np.float32]":
        """Return the scores of the next token, to be read only, until the next `evaluate`."""
        ...

    def rewind(self, length: int) -> bool:
        """Forget all tokens after the first `length`; False where the model cannot, and now holds none."""
        ...

    def save(self) -> Saved:
        """Return a copy of what the context holds."""
        ...

    def restore(self, saved: Saved) -> bool:
        """Replace what the context holds by a copy; False where that fails, and it now holds none."""
        ...

    def close(self) -> None:
        """Free the context and the model."""
        ...


def drained(steps: Generator[object, None, T]) -> T:
    """Run all steps of a generator and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value
