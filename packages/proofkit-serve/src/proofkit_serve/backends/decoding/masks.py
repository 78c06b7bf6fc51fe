"""What a completion may go on with: free text, or only what keeps to a JSON schema.

llguidance is asked about the likeliest token first. Its mask over all tokens is computed only where it refuses that
one, so a model that mostly keeps to the schema by itself pays next to nothing.
"""

import json
from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Protocol, cast

import numpy as np  # noqa: TID253 - imported only when a model is opened
from llguidance import LLMatcher  # noqa: TID253 - the same
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.decoding.engine import Engine, Vocabulary

__all__ = ["Constraint", "FreeText", "SchemaMasks"]

KEPT_SCHEMAS = 32
WRITING: dict[str, Any] = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""How JSON is written: the bytes of `Contract.serialize`, which models were trained on.

Free white space would let a small model write spaces and line breaks up to its cap.
"""


class Constraint(Protocol):
    """What decoding asks at each token."""

    @property
    def finished(self) -> bool:
        """True once nothing more may follow."""
        ...

    def accept(self, token: int) -> bool:
        """Take a token, or return False where it may not come next."""
        ...

    def allowed(self) -> NDArray[np.bool_]:
        """Return for each token whether it may come next."""
        ...

    def forced(self) -> list[int]:
        """Take and return the tokens that must come next whatever the model says."""
        ...


class FreeText:
    """Text without control tokens."""

    finished = False

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Note which tokens are no text."""
        self._allowed = np.ones(vocabulary.size, dtype=np.bool_)
        self._allowed[vocabulary.control_tokens] = False

    def accept(self, token: int) -> bool:
        """Take any token of text, or one that ends the turn."""
        return bool(self._allowed[token])

    def allowed(self) -> NDArray[np.bool_]:
        """Return which tokens are text or end the turn."""
        return self._allowed

    def forced(self) -> list[int]:
        """Return nothing: free text goes anywhere."""
        return []


class Matcher(Protocol):
    """The calls of `llguidance.LLMatcher` that are used here."""

    def is_error(self) -> bool: ...
    def get_error(self) -> str: ...
    def deep_copy(self) -> "Matcher": ...
    def is_accepting(self) -> bool: ...
    def is_stopped(self) -> bool: ...
    def compute_ff_tokens(self) -> list[int]: ...
    def try_consume_tokens(self, tokens: list[int]) -> int: ...
    def compute_bitmask(self) -> bytes: ...


class SchemaText:
    """JSON text of one schema, its properties in the schema's order, spaced as in training."""

    def __init__(self, matcher: Matcher, vocabulary: Vocabulary) -> None:
        """Take over a fresh matcher."""
        self._matcher = matcher
        self._vocabulary = vocabulary

    @property
    def finished(self) -> bool:
        """True once the JSON value is whole and cannot be longer."""
        return self._matcher.is_stopped()

    def accept(self, token: int) -> bool:
        """Take a token that keeps to the schema, or an end of turn once the value is whole."""
        if token in self._vocabulary.end_tokens:
            return self._matcher.is_accepting()
        return self._matcher.try_consume_tokens([token]) == 1

    def allowed(self) -> NDArray[np.bool_]:
        """Return which tokens keep to the schema."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        mask = np.unpackbits(bits, bitorder="little")[: self._vocabulary.size].view(np.bool_)
        if self._matcher.is_error() or not mask.any():
            raise GenerationError(
                f"The schema let nothing follow: {self._matcher.get_error() or 'no token is allowed'}. Expected a way "
                f"to the end of the value. Report this with the task's schema.",
                kind=FailureKind.BAD_ANSWER,
            )
        return mask

    def forced(self) -> list[int]:
        """Take and return the tokens that the schema leaves no choice about, such as names of properties."""
        tokens = self._matcher.compute_ff_tokens()
        taken = self._matcher.try_consume_tokens(tokens) if tokens else 0
        return tokens[:taken]


class SchemaMasks:
    """Compiles schemas for one model. The model's tokens are read once, a schema once as long as it stays in use."""

    def __init__(self, engine: Engine) -> None:
        """Note the engine; the first schema reads its tokens."""
        self._engine = engine
        self._tokens: object | None = None
        self._reading: Generator[None, None, object] | None = None
        self._compiled: OrderedDict[str, Matcher] = OrderedDict()

    def prepare(self, schema: Mapping[str, Any]) -> Iterator[None]:
        """Compile a schema ahead, in short steps.

        Raises:
            GenerationError: The schema says something that cannot be enforced.
        """
        while self._tokens is None:
            self._read_on()
            yield
        self.constrain(schema)
        yield

    def constrain(self, schema: Mapping[str, Any]) -> SchemaText:
        """Return a fresh constraint for a schema.

        Raises:
            GenerationError: The schema says something that cannot be enforced.
        """
        key = json.dumps(schema)  # unsorted: the order of properties is part of the schema here
        matcher = self._compiled.get(key) or self._compile(key)
        self._compiled[key] = matcher
        self._compiled.move_to_end(key)
        while len(self._compiled) > KEPT_SCHEMAS:
            self._compiled.popitem(last=False)
        return SchemaText(matcher.deep_copy(), self._engine.vocabulary)

    def _compile(self, schema: str) -> Matcher:
        while self._tokens is None:
            self._read_on()
        grammar = LLMatcher.grammar_from_json_schema(schema, overrides=cast("Any", WRITING))
        matcher = cast("Matcher", LLMatcher(cast("Any", self._tokens), grammar, log_level=0))
        if matcher.is_error():
            raise GenerationError(
                f"The schema {schema[:200]!r} cannot be enforced: {matcher.get_error()}. Expected only keywords that "
                f"llguidance enforces. Simplify the task's schema.",
                kind=FailureKind.REFUSED,
            )
        return matcher

    def _read_on(self) -> None:
        """Take one short step towards the table of tokens."""
        reading = self._reading or self._engine.token_table()
        self._reading = None  # where this step fails, the next call begins anew
        try:
            next(reading)
        except StopIteration as done:
            self._tokens = done.value
        else:
            self._reading = reading
