"""What one event of a stream brings, read from the JSON of completions and of chat alike."""

import json
from typing import Any, NamedTuple, cast

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.http.failures import of_error_object

__all__ = ["DONE", "Delta", "Usage", "read_delta", "read_object"]

DONE = "[DONE]"
"""The payload that ends a stream."""


class Usage(NamedTuple):
    """What a completion cost, as the server counts."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Reasoning included."""
    reasoning_tokens: int = 0
    cached_tokens: int = 0


class Delta(NamedTuple):
    """What one event adds."""

    text: str = ""
    reasoning: str = ""
    finish: str = ""
    """Why the answer ended, in the server's word; empty while it goes on."""
    usage: Usage | None = None


def read_delta(payload: str) -> Delta:
    """Read one event.

    Args:
        payload: The JSON of one event, or of a whole response.

    Raises:
        GenerationError: It is no such JSON, or it tells of an error.
    """
    try:
        value = json.loads(payload)
    except ValueError:
        raise _garbage(payload) from None
    if not isinstance(value, dict):
        raise _garbage(payload)
    return read_object(cast("dict[str, Any]", value))


def read_object(event: dict[str, Any]) -> Delta:
    """Read one event that was parsed already.

    Raises:
        GenerationError: It tells of an error, or has not the form of an event.
    """
    if event.get("error") or event.get("object") == "error":
        raise of_error_object(event)
    choices = event.get("choices")
    usage = _read_usage(event)
    if not isinstance(choices, list):
        if usage is None:
            raise _garbage(json.dumps(event))
        return Delta(usage=usage)
    if not choices:
        return Delta(usage=usage)
    choice = _mapping(cast("list[object]", choices)[0])
    message = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
    text, thought = _read_content(choice.get("text") if "text" in choice else message.get("content"))
    reasoning = thought + _text(message.get("reasoning_content") or message.get("reasoning"))
    return Delta(text=text, reasoning=reasoning, finish=_text(choice.get("finish_reason")), usage=usage)


def _read_content(content: object) -> tuple[str, str]:
    """Return the text and the thinking of a content, which some servers send in parts."""
    if not isinstance(content, list):
        return _text(content), ""
    parts = [_mapping(part) for part in cast("list[object]", content)]
    text = "".join(_text(part.get("text")) for part in parts if part.get("type") == "text")
    # What a thinking part holds is dropped; that there was one is what matters.
    return text, "…" if any(part.get("type") == "thinking" for part in parts) else ""


def _read_usage(event: dict[str, Any]) -> Usage | None:
    usage = _mapping(event.get("usage"))
    timings = _mapping(event.get("timings"))  # llama-server
    if not usage and not timings:
        return None
    prompt_details = _mapping(usage.get("prompt_tokens_details"))
    details = _mapping(usage.get("completion_tokens_details"))
    cached = _count(timings.get("cache_n"))
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")) or _count(timings.get("prompt_n")) + cached,
        completion_tokens=_count(usage.get("completion_tokens")) or _count(timings.get("predicted_n")),
        reasoning_tokens=_count(details.get("reasoning_tokens")),
        cached_tokens=_count(prompt_details.get("cached_tokens")) or cached,
    )


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # Half of a surrogate pair, which broken servers send, is no text.
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0


def _garbage(payload: str) -> GenerationError:
    return GenerationError(
        f"The server sent {payload[:80]!r}. Expected events of the OpenAI-compatible interface, in JSON. Check that "
        f"the base URL leads to such a server.",
        kind=FailureKind.BAD_ANSWER,
    )
