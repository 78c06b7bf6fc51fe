"""A request to the fault server, as much of it as a scenario needs."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

__all__ = ["Asked", "read_asked"]

_TOKEN = re.compile(r"\btok-[0-9a-z]{4,}\b")
DEFAULT_MAX_TOKENS = 256


class Asked(NamedTuple):
    """One request for text."""

    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Mapping[str, Any]

    @property
    def is_chat(self) -> bool:
        """Return whether messages came, and not a prompt."""
        return "messages" in self.body

    @property
    def prompt(self) -> str:
        """Return all that was asked, as one text."""
        if not self.is_chat:
            return str(self.body.get("prompt", ""))
        messages = cast("list[Mapping[str, Any]]", self.body["messages"])
        return "\n".join(str(message.get("content", "")) for message in messages)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Return the marks like `tok-4f2a91` in the prompt, which an answer repeats, so that mixing shows."""
        return tuple(dict.fromkeys(_TOKEN.findall(self.prompt)))

    @property
    def max_tokens(self) -> int:
        """Return the most tokens that were asked for."""
        asked = self.body.get("max_tokens") or self.body.get("max_completion_tokens") or DEFAULT_MAX_TOKENS
        return int(asked)

    @property
    def schema(self) -> dict[str, Any] | None:
        """Return the schema that the answer has to meet, by whatever name it came."""
        form = cast("dict[str, Any]", self.body.get("response_format") or {})
        named = cast("dict[str, Any]", form.get("json_schema") or {})
        found = self.body.get("json_schema") or named.get("schema") or form.get("schema") or form.get("value")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else None

    @property
    def key(self) -> str:
        """Return the bearer token that came along."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def streams(self) -> bool:
        """Return whether events are wanted."""
        return bool(self.body.get("stream"))


def read_asked(path: str, headers: Mapping[str, str], content: bytes) -> Asked:
    """Return a request.

    Raises:
        ValueError: Its body is no JSON object.
    """
    body = json.loads(content or b"{}")
    if not isinstance(body, dict):
        raise ValueError(f"Got {type(body).__name__} as the body. Expected a JSON object.")  # noqa: TRY004 - as for other bad JSON
    return Asked(path, headers, cast("dict[str, Any]", body))
