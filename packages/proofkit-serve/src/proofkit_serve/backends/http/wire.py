"""What is posted: a prompt as the body of a completion or of a chat."""

from typing import Any, Literal, NamedTuple, cast

from pydantic import BaseModel, Field

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import Decoding, GenerationRequest
from proofkit_prompts.errors import PromptKindError
from proofkit_prompts.prompt import EditablePrompt, FreePrompt, FrozenPrompt
from proofkit_serve.backends.http.channels import Reasoning

__all__ = ["Dialect", "JsonMode", "Posting", "Wire", "WireName", "messages_of", "post", "require_editable"]

WireName = Literal["completions", "chat"]
JsonMode = Literal["schema", "object", "prompted"]
"""`schema` sends the schema along, `object` asks for any JSON, `prompted` leaves it to the prompt."""
Dialect = Literal["generic", "openai", "vllm", "llama_server", "ollama"]
"""Whose names the fields have that the interface leaves open."""

_PENALTY = {"vllm": "repetition_penalty", "llama_server": "repeat_penalty"}
_UNKNOWN_TO_OPENAI = frozenset({"minLength", "maxLength"})
_SPECIAL = ("<|", "</s>", "<s>")


class Wire(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How a server wants to be asked."""

    name: WireName
    model: str
    json_mode: JsonMode = "schema"
    dialect: Dialect = "generic"
    reasoning: Reasoning = "auto"
    reasoning_allowance: int = Field(default=0, ge=0)
    """Tokens on top of the task's own cap, for what the model thinks before it answers."""


class Posting(NamedTuple):
    """One request, ready to be sent."""

    path: str
    body: dict[str, Any]
    stop: tuple[str, ...]


def post(request: GenerationRequest, wire: Wire) -> Posting:
    """Return what to send for a request.

    Args:
        request: A frozen prompt goes out as the contract rendered it, unless the wire is chat.
        wire: How the server wants it.

    Raises:
        GenerationError: An opening where the form of the answer is fixed, or where chat has no place for it.
    """
    prompt = request.prompt
    _check_opening(request, wire)
    body: dict[str, Any] = {
        "model": wire.model,
        "stream": True,  # the only way in which ending a call early also ends the work
        "stream_options": {"include_usage": True},
        **_decoding(request.decoding, wire),
        **_cap(prompt.max_tokens + wire.reasoning_allowance, wire),
        **_form(prompt, wire),
    }
    stop = prompt.stop if isinstance(prompt, FrozenPrompt) else ()
    if stop:
        body["stop"] = list(stop)
    if wire.name == "completions" and isinstance(prompt, FrozenPrompt):
        if wire.dialect == "vllm":
            body["add_special_tokens"] = False  # the prompt has all of its own
        return Posting("/completions", {**body, "prompt": prompt.text + _spelled_out(request.opening)}, stop)
    return Posting("/chat/completions", {**body, "messages": messages_of(prompt.system, prompt.user)}, stop)


def messages_of(system: str, user: str) -> list[dict[str, str]]:
    """Return the messages of a chat."""
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def require_editable(prompt: FrozenPrompt | EditablePrompt | FreePrompt) -> EditablePrompt:
    """Return the prompt if it is of the editable set.

    Raises:
        PromptKindError: It is another one.
    """
    if isinstance(prompt, EditablePrompt):
        return prompt
    got = "free prompt" if isinstance(prompt, FreePrompt) else f"frozen prompt for task {prompt.task}"
    raise PromptKindError(
        f"Got a {got}; this backend takes editable prompts only, because its model was not trained on other ones. "
        "Render it with `render_editable`."
    )


def _check_opening(request: GenerationRequest, wire: Wire) -> None:
    task = request.prompt.task
    if not request.opening:
        return
    if request.prompt.output_schema is not None:
        where, reason = f"the task {task!r}, whose answers have a schema", "the schema fixes how an answer begins"
    elif wire.name == "chat":
        where, reason = f"the task {task!r} on the wire `chat`", "a chat has no place for it"
    else:
        return
    raise GenerationError(
        f"Got an opening for {where}. Expected none: {reason}. Leave the opening out.", kind=FailureKind.REFUSED
    )


def _decoding(decoding: Decoding, wire: Wire) -> dict[str, Any]:
    if wire.dialect == "openai" and wire.reasoning_allowance:
        return {}  # its reasoning models take no other temperature than their own
    sent: dict[str, Any] = {"temperature": decoding.temperature, "seed": decoding.seed}
    penalty = _PENALTY.get(wire.dialect)
    if penalty:
        sent[penalty] = decoding.repeat_penalty
    return sent


def _cap(tokens: int, wire: Wire) -> dict[str, int]:
    return {"max_completion_tokens" if wire.dialect == "openai" and wire.name == "chat" else "max_tokens": tokens}


def _form(prompt: FrozenPrompt | EditablePrompt | FreePrompt, wire: Wire) -> dict[str, Any]:
    schema = prompt.output_schema
    if schema is None or wire.json_mode == "prompted":
        return {}
    if wire.json_mode == "object":
        return {"response_format": {"type": "json_object"}}
    if wire.dialect == "llama_server" and wire.name == "completions":
        return {"json_schema": schema}
    # What is left out here is checked on our side all the same, when the answer is parsed.
    sent = _without(schema, _UNKNOWN_TO_OPENAI) if wire.dialect == "openai" else schema
    named = {"name": prompt.task, "strict": True, "schema": sent}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _without(node: Any, names: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        return {name: _without(value, names) for name, value in found.items() if name not in names}
    if isinstance(node, list):
        return [_without(item, names) for item in cast("list[Any]", node)]
    return node


def _spelled_out(opening: str) -> str:
    """Return an opening in which no server reads a special token: what a person typed is no instruction."""
    for mark in _SPECIAL:
        opening = opening.replace(mark, f"{mark[0]} {mark[1:]}")
    return opening
