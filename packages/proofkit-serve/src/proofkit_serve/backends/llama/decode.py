"""One completion from start to end."""

from collections.abc import Callable

from proofkit_core.errors import GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_serve.backends.llama.engine import Engine
from proofkit_serve.backends.llama.masks import Constraint, FreeText, SchemaMasks
from proofkit_serve.backends.llama.prefix import PrefixCache
from proofkit_serve.backends.llama.sampling import Sampler
from proofkit_serve.backends.llama.written import Decoded, Written

__all__ = ["Decoder"]


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
        written: Written,
        interruption: Callable[[], FinishReason | None],
    ) -> Decoded:
        """Complete one prompt.

        Args:
            request: The prompt and how to decode it.
            written: Takes what is written, as it is written.
            interruption: Asked at each token and each chunk of the prompt; a reason ends the completion.

        Raises:
            GenerationError: The prompt does not fit, its schema cannot be enforced, or llama.cpp failed.
        """
        prompt = request.prompt
        tokens = self._engine.tokenize(prompt.text)
        self._check_fit(len(tokens), prompt.max_tokens)
        schema = prompt.output_schema
        if schema is not None and request.opening:
            raise GenerationError(
                f"Got an opening for the task {prompt.task!r}, whose answers have a schema. Expected none: the schema "
                f"fixes how an answer begins. Leave the opening out."
            )
        constraint = self._free_text if schema is None else self._masks.constrain(schema)
        written.prompt_tokens = len(tokens)
        reused = self._prefixes.evaluate(tokens, stop=lambda: interruption() is not None)
        if reused is None:
            reason = interruption() or FinishReason.CANCELLED
        else:
            written.reused_tokens = reused
            reason = self._write(request, constraint, written, interruption)
        written.finish()
        return written.decoded(reason)

    def _write(
        self,
        request: GenerationRequest,
        constraint: Constraint,
        written: Written,
        interruption: Callable[[], FinishReason | None],
    ) -> FinishReason:
        sampler = Sampler(request.decoding)
        ends = self._engine.vocabulary.end_tokens
        # What a person typed is no instruction: a stop token that they spelled out is plain text here.
        opening = self._engine.tokenize(request.opening, special=False) if request.opening else []
        tokens = opening or constraint.forced()
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
