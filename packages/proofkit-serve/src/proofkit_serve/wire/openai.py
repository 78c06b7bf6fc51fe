"""The records of the OpenAI-compatible interface, as far as it is served.

Where OpenAI takes null for what was left out, so do these: many clients send each field they know.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

MOST_TOKENS = 1024
"""Most tokens of one answer."""
_TEXT_CAP = 60_000
_Text = Annotated[str, StringConstraints(max_length=_TEXT_CAP)]
_Stop = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Model = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class TextPart(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A piece of a message; only text is read."""

    type: Literal["text"]
    text: _Text


class ChatMessage(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: _Text | tuple[TextPart, ...]
    name: Annotated[str, StringConstraints(max_length=120)] | None = None
    """Accepted, and not shown to the model."""


class ContractTask(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A task of the prompt contract, rendered by the server to the bytes that the model was trained on."""

    task: Annotated[str, StringConstraints(max_length=80)] = Field(examples=["revise_section"])
    fields: dict[str, _Text | tuple[_Text, ...]]
    """Values by field; the contract names the fields of each task."""


class StreamOptions(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What a stream tells besides text."""

    include_usage: bool | None = None


class JsonSchema(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A schema that the answer has to follow."""

    name: Annotated[str, StringConstraints(max_length=120)] = ""
    schema_: dict[str, object] = Field(alias="schema")
    strict: bool | None = None
    """Accepted; the contract's schemas are always followed."""


class ResponseFormat(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The form of the answer. A schema has to be one of the contract's: others are never compiled."""

    type: Literal["text", "json_schema"]
    json_schema: JsonSchema | None = None


class Sampling(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """How to write; shared by both interfaces."""

    model: _Model = Field(examples=["proofkit"])
    """Id of a model of this server; `proofkit` for the one that comes along."""
    max_tokens: Annotated[int, Field(ge=1, le=MOST_TOKENS)] | None = None
    temperature: Annotated[float, Field(ge=0.0, le=2.0, strict=False)] | None = None
    """0 unless it is given: the likeliest token each time."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0, strict=False)] | None = None
    """Accepted, and not used."""
    frequency_penalty: Annotated[float, Field(ge=-2.0, le=2.0, strict=False)] | None = None
    """Accepted, and not used."""
    presence_penalty: Annotated[float, Field(ge=-2.0, le=2.0, strict=False)] | None = None
    """Accepted, and not used."""
    repeat_penalty: Annotated[float, Field(ge=1.0, le=2.0, strict=False)] = 1.1
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """0 unless it is given."""
    n: Literal[1] | None = None
    stop: _Stop | Annotated[tuple[_Stop, ...], Field(max_length=4)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: ResponseFormat | None = None
    user: Annotated[str, StringConstraints(max_length=200)] | None = None
    """Accepted, and not used."""


class ChatInput(Sampling, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A conversation to continue, or a task of the contract to do."""

    messages: Annotated[tuple[ChatMessage, ...], Field(max_length=100)] = ()
    max_completion_tokens: Annotated[int, Field(ge=1, le=MOST_TOKENS)] | None = None
    proofkit: ContractTask | None = None
    """Instead of messages."""


class CompletionInput(Sampling, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A text to continue, as it is: special tokens in it count as such, so render it yourself."""

    prompt: _Text
    echo: Literal[False] | None = None


class Usage(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What an answer took, in tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Made(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """What ProofKit tells besides: with which prompt the model was asked, and why its answer is marked."""

    prompt_set: str = Field(examples=["frozen v1", "free"])
    task: str = ""
    mark: str = ""


class AnswerMessage(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The message that the model wrote."""

    role: Literal["assistant"] = "assistant"
    content: str


class ChatChoice(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One answer."""

    index: Literal[0] = 0
    message: AnswerMessage
    finish_reason: Literal["stop", "length"]


class ChatAnswer(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The answer to a conversation."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[ChatChoice, ...]
    usage: Usage
    proofkit: Made


class CompletionChoice(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One continuation."""

    index: Literal[0] = 0
    text: str
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class CompletionAnswer(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The continuation of a text."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: tuple[CompletionChoice, ...]
    usage: Usage
    proofkit: Made


class ModelCard(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One model."""

    id: str = Field(examples=["embedded"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "proofkit"


class ModelCards(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The models that can be asked here."""

    object: Literal["list"] = "list"
    data: tuple[ModelCard, ...]


def text_of(message: ChatMessage) -> str:
    """Return what a message says."""
    return message.content if isinstance(message.content, str) else "\n".join(part.text for part in message.content)


def stops_of(wanted: Sampling) -> tuple[str, ...]:
    """Return the texts at which to stop."""
    return (wanted.stop,) if isinstance(wanted.stop, str) else wanted.stop or ()


def wants_usage(wanted: Sampling) -> bool:
    """Say whether a stream is to end with what it took."""
    return wanted.stream_options is not None and wanted.stream_options.include_usage is True
