"""How core asks for text: the protocols a backend fulfils, and the records that pass between them.

Core knows no engine. A backend in `proofkit_serve`, or a teacher in `proofkit_train`, fulfils `TextGenerator`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, Field

from proofkit_prompts.prompt import EditablePrompt, FreePrompt, FrozenPrompt


class FinishReason(StrEnum):
    """Why a completion ended. Only `STOP` is a whole answer."""

    STOP = "stop"
    LENGTH = "length"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"


class ModelIdentity(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Which weights answered, by digest and not by name alone."""

    id: str
    """Short stable id, such as `smollm2-135m-instruct-q4_1`."""
    name: str
    """Name to show to a person."""
    artifact_digest: str
    """SHA-256 (hex) of the weights file, or the server's own name for the model where there is no file."""
    base_digest: str = ""
    """SHA-256 (hex) of the weights under an adapter; `artifact_digest` is the adapter's then."""


class Decoding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How tokens are chosen."""

    temperature: float = Field(default=0.0, ge=0.0)
    """0 takes the likeliest token."""
    repeat_penalty: float = Field(default=1.0, ge=1.0)
    """Divides the scores of tokens already written; 1 changes nothing."""
    seed: int = 0


class GenerationRequest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One completion to make."""

    prompt: FrozenPrompt | EditablePrompt | FreePrompt = Field(discriminator="kind")
    """A backend for models trained on the contract takes no editable ones, and checks that with `require_frozen`, or
    with `require_rendered` where it may be asked directly. ProofKit's own drafts never use a free one."""
    opening: str = ""
    """Words that the answer begins with; the model goes on from them. Only where no schema fixes the form."""
    decoding: Decoding = Decoding()
    time_limit_s: float = Field(default=45.0, gt=0.0)
    """Seconds from the call to the last token."""


class Completion(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a backend wrote, unparsed, with what it cost."""

    text: str
    """The whole answer, its opening included."""
    finish_reason: FinishReason
    model: ModelIdentity
    prompt_tokens: int
    reused_tokens: int
    """Prompt tokens taken from the prefix cache."""
    completion_tokens: int
    first_token_s: float
    """Seconds from the call to the first token."""
    total_s: float
    """Seconds from the call to the last token."""
    queued_s: float = 0.0
    """Seconds of them spent waiting for a place."""
    reasoning_tokens: int = 0
    """Tokens the model spent on thinking aloud, which is dropped; they are not among `completion_tokens`."""


class CancelSignal(Protocol):
    """Anything with `is_set`, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Return True once the work should stop."""
        ...


class TextGenerator(Protocol):
    """A backend that completes prompts."""

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        ...

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Checked at each token; once set, the call ends within 200 ms.
            on_text: Called with each piece of text as it is written, the opening included; never with reasoning.
            on_place: Called with the number of calls before this one whenever it changes, 0 as the work starts. Only a
                backend with a queue calls it.

        Returns:
            The completion; `finish_reason` tells whether it is whole. It has text: an empty answer is an error.

        Raises:
            GenerationError: The backend could not answer; `kind` tells why.
        """
        ...


class PromptKind(StrEnum):
    """Which of the two sets of prompts a model is asked with."""

    FROZEN = "frozen"
    """The contract's exact bytes, for a model trained on them."""
    EDITABLE = "editable"
    """The plain-worded set, for large general models."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of a chain, and how to ask it."""

    generator: TextGenerator
    prompts: PromptKind = PromptKind.FROZEN
    mark: str = ""
    """Why this model is asked although it was not trained on these prompts; empty for one that was. Told with every
    answer."""


class Embedder(Protocol):
    """A sentence encoder."""

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights encode."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one unit-length vector a text, in order."""
        ...
