"""One completion from start to end."""

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from proofkit_core.errors import GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_serve.backends.llama.engine import Engine
from proofkit_serve.backends.llama.masks import Constraint, FreeText, SchemaMasks
from proofkit_serve.backends.llama.prefix import PrefixCache
from proofkit_serve.backends.llama.sampling import Sampler
from proofkit_serve.backends.llama.text import TextStream

__all__ = ["Decoded", "Decoder"]


class Decoded(NamedTuple):
    """What was written, before it is told whose weights wrote it."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    first_token_at: float | None
    """`perf_counter` at the first token; None where there was none."""


class Written:
    """What one completion has so far."""

    def __init__(self, stop: tuple[str, ...], on_text: Callable[[str], None] | None) -> None:
        """Start empty."""
        self.tokens: list[int] = []
        self.first_token_at: float | None = None
        self.stream = TextStream(stop)
        self._parts: list[str] = []
        self._on_text = on_text

    def add(self, tokens: list[int], engine: Engine) -> None:
        """Add tokens, and hand on the text that is certain."""
        if self.first_token_at is None:
            self.first_token_at = perf_counter()
        self.tokens.extend(tokens)
        self._emit("".join([self.stream.push(engine.piece(token)) for token in tokens]))

    def finish(self) -> str:
        """Hand on the rest and return the whole text."""
        self._emit(self.stream.finish())
        return "".join(self._parts)

    def _emit(self, text: str) -> None:
        if text:
            self._parts.append(text)
            if self._on_text is not None:
                self._on_text(text)


class Decoder:
    """Completes prompts with one engine, in its owner thread."""

    def __init__(self, engine: Engine, *, prefix_bytes: int) -> None:
        """Take over the engine, with an empty context."""
        self._engine = engine
        self._prefixes = PrefixCache(engine, limit_bytes=prefix_bytes)
        self._masks = SchemaMasks(engine)
        self._free_text = FreeText(engine.vocabulary)

    def complete(
        self,
        request: GenerationRequest,
        *,
        interruption: Callable[[], FinishReason | None],
        on_text: Callable[[str], None] | None,
    ) -> Decoded:
        """Complete one prompt.

        Args:
            request: The prompt and how to decode it.
            interruption: Asked at each token and each chunk of the prompt; a reason ends the completion.
            on_text: Called with each piece of text that is certain.

        Raises:
            GenerationError: The prompt does not fit, its schema cannot be enforced, or llama.cpp failed.
        """
        prompt = request.prompt
        tokens = self._engine.tokenize(prompt.text)
        self._check_fit(len(tokens), prompt.max_tokens)
        schema = prompt.output_schema
        constraint = self._free_text if schema is None else self._masks.constrain(schema)
        written = Written(prompt.stop, on_text)
        reused = self._prefixes.evaluate(tokens, stop=lambda: interruption() is not None)
        if reused is None:
            reason = interruption() or FinishReason.CANCELLED
        else:
            reason = self._write(request, constraint, written, interruption)
        return Decoded(
            text=written.finish(),
            finish_reason=reason,
            prompt_tokens=len(tokens),
            reused_tokens=reused or 0,
            completion_tokens=len(written.tokens),
            first_token_at=written.first_token_at,
        )

    def _write(
        self,
        request: GenerationRequest,
        constraint: Constraint,
        written: Written,
        interruption: Callable[[], FinishReason | None],
    ) -> FinishReason:
        sampler = Sampler(request.decoding)
        ends = self._engine.vocabulary.end_tokens
        tokens = constraint.forced()
        while (reason := interruption()) is None:
            if not tokens:
                token = sampler.choose(self._engine.logits(), written.tokens, constraint)
                if token in ends:
                    return FinishReason.STOP
                # Tokens that must follow are evaluated together with this one, which costs little more than one.
                tokens = [token, *constraint.forced()]
            room = request.prompt.max_tokens - len(written.tokens)
            written.add(tokens[:room], self._engine)
            if written.stream.stopped or (constraint.finished and len(tokens) <= room):
                return FinishReason.STOP
            if len(tokens) >= room:
                return FinishReason.LENGTH
            self._engine.evaluate(tokens)
            tokens = []
        return reason

    def _check_fit(self, prompt_tokens: int, max_tokens: int) -> None:
        context = self._engine.context_tokens
        if not 0 < prompt_tokens <= context - max_tokens:
            raise GenerationError(
                f"The prompt has {prompt_tokens} tokens and asks for up to {max_tokens} more. Expected at least one, "
                f"and together at most the {context} of this context. Shorten the input, or open the model with more "
                f"context tokens.",
            )
