"""One completion from start to end."""

from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt
from proofkit_serve.backends.decoding.engine import Engine, drained
from proofkit_serve.backends.decoding.masks import Constraint, FreeText, SchemaMasks
from proofkit_serve.backends.decoding.prefix import PrefixCache, PrefixUse
from proofkit_serve.backends.decoding.sampling import Sampler
from proofkit_serve.backends.decoding.warming import WarmUp
from proofkit_serve.backends.decoding.written import Decoded, Written

__all__ = ["Decoder", "DecoderState"]

Interruption = Callable[[], FinishReason | None]
"""Asked at each step; a reason ends the completion."""


class DecoderState(NamedTuple):
    """What a decoder takes and saves."""

    model_bytes: int
    context_bytes: int
    prefixes: PrefixUse


class Decoder:
    """Completes prompts with one engine, in its owner thread."""

    def __init__(self, engine: Engine, *, prefix_bytes: int) -> None:
        """Take over the engine, with an empty context."""
        self._engine = engine
        self._prefixes = PrefixCache(engine, limit_bytes=prefix_bytes)
        self._masks = SchemaMasks(engine)
        self._free_text = FreeText(engine.vocabulary)

    def state(self) -> DecoderState:
        """Return what this takes and saves at the moment."""
        return DecoderState(self._engine.model_bytes, self._engine.context_bytes, self._prefixes.use())

    def complete(
        self,
        request: GenerationRequest,
        prompt: FrozenPrompt | FreePrompt,
        written: Written,
        interruption: Interruption,
    ) -> Decoded:
        """Complete one prompt.

        Args:
            request: How to decode.
            prompt: The request's prompt.
            written: Takes what is written, as it is written.
            interruption: Asked at each token and each chunk of the prompt; a reason ends the completion.

        Raises:
            GenerationError: The prompt does not fit, its schema cannot be enforced, or the engine failed.
        """
        return drained(self.steps(request, prompt, written, interruption))

    def steps(
        self,
        request: GenerationRequest,
        prompt: FrozenPrompt | FreePrompt,
        written: Written,
        interruption: Interruption,
    ) -> Generator[None, None, Decoded]:
        """Complete one prompt, as `complete` does, a chunk of the prompt or a token a step."""
        tokens = self._engine.tokenize(prompt.text)
        self._check(tokens, request, prompt)
        schema = prompt.output_schema
        constraint = self._free_text if schema is None else self._masks.constrain(schema)
        written.prompt_tokens = len(tokens)
        reason = interruption()
        if reason is None:
            reason = yield from self._read(tokens, written, interruption)
        if reason is None:
            reason = yield from self._write(request, prompt, constraint, written, interruption)
        written.finish()
        return written.decoded(reason)

    def warm(self, what: WarmUp) -> Iterator[None]:
        """Get ready, in short steps between which completions may be made."""
        for text in what.beginnings:
            whole = self._whole_chunks(text)
            while not self._prefixes.pin(whole):
                yield
        for schema in what.schemas:
            yield from self._masks.prepare(schema)
        for text in what.prompts:
            whole = self._whole_chunks(text)
            read = len(whole) if len(whole) > self._engine.context_tokens else 0
            while (read := self._prefixes.read_ahead(whole, read)) < len(whole):
                yield

    def _whole_chunks(self, text: str) -> tuple[int, ...]:
        # How a text ends may be cut into other tokens once more follows it, so its last token does not count.
        tokens = self._engine.tokenize(text)[:-1]
        return tuple(tokens[: len(tokens) - len(tokens) % self._engine.chunk])

    def _read(
        self, tokens: list[int], written: Written, interruption: Interruption
    ) -> Generator[None, None, FinishReason | None]:
        written.reused_tokens = self._prefixes.begin(tokens)
        for start in range(written.reused_tokens, len(tokens), self._engine.chunk):
            reason = interruption()
            if reason is not None:
                return reason
            self._prefixes.extend(tokens[start : start + self._engine.chunk])
            yield
        return None

    def _write(
        self,
        request: GenerationRequest,
        prompt: FrozenPrompt | FreePrompt,
        constraint: Constraint,
        written: Written,
        interruption: Interruption,
    ) -> Generator[None, None, FinishReason]:
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
            room = prompt.max_tokens - len(written.tokens)
            written.add(tokens[:room], self._engine)
            if written.stream.stopped or (constraint.finished and len(tokens) <= room):
                return FinishReason.STOP
            if len(tokens) >= room:
                return FinishReason.LENGTH
            self._engine.evaluate(tokens)
            tokens = []
            yield
        return reason

    def _check(self, tokens: list[int], request: GenerationRequest, prompt: FrozenPrompt | FreePrompt) -> None:
        context = self._engine.context_tokens
        if not 0 < len(tokens) <= context - prompt.max_tokens:
            raise GenerationError(
                f"The prompt has {len(tokens)} tokens and asks for up to {prompt.max_tokens} more. Expected at least "
                f"one, and together at most the {context} of this context. Shorten the input, or open the model with "
                f"more context tokens.",
                kind=FailureKind.REFUSED,
            )
        if prompt.output_schema is not None and request.opening:
            raise GenerationError(
                f"Got an opening for the task {prompt.task!r}, whose answers have a schema. Expected none: the schema "
                f"fixes how an answer begins. Leave the opening out.",
                kind=FailureKind.REFUSED,
            )
