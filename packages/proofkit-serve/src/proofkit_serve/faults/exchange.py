"""One answer on the wire: HTTP/1.1 in chunks, and events in it."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Exchange", "Writer"]

_REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class Writer(Protocol):
    """What an answer is written to, such as `asyncio.StreamWriter`."""

    def write(self, data: bytes) -> None:
        """Take bytes."""
        ...

    async def drain(self) -> None:
        """Wait until there is room for more."""
        ...


class Exchange:
    """Writes the answer to one request. Where the client does not want events, they are put together at the end."""

    def __init__(self, writer: Writer, *, chat: bool, streams: bool, model: str, prompt_tokens: int) -> None:
        """Start before the first byte.

        Args:
            writer: The connection.
            chat: Whether events have the form of a chat.
            streams: Whether events are wanted.
            model: The model's name, repeated in events.
            prompt_tokens: For the count of tokens.
        """
        self._writer = writer
        self._chat = chat
        self.streams = streams
        self._model = model
        self._prompt_tokens = prompt_tokens
        self._texts: list[str] = []
        self._count = 0
        self._reasoning_count = 0
        self._begun = False
        self.broken_off = False
        self.over = False

    async def begin(self) -> None:
        """Send the head of a stream."""
        if self._begun or not self.streams:
            return
        self._begun = True
        self._writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        await self._writer.drain()

    async def text(self, text: str) -> None:
        """Send a piece of the answer."""
        self._count += 1
        self._texts.append(text)
        await self._choice({"content": text} if self._chat else text)

    async def reasoning(self, text: str) -> None:
        """Send a piece of what the model thinks, in the field for it."""
        self._count += 1
        self._reasoning_count += 1
        if self._chat:
            await self._choice({"reasoning_content": text, "content": None})

    async def finish(self, reason: str) -> None:
        """Send why the answer ended, what it cost, and the end of the stream."""
        if not self.streams:
            message = {"role": "assistant", "content": "".join(self._texts)}
            said = {"message": message} if self._chat else {"text": message["content"]}
            choice = {"index": 0, "finish_reason": reason, **said}
            body = {"model": self._model, "choices": [choice], "usage": self._usage()}
            await self.whole(200, json.dumps(body).encode(), {})
            return
        await self._choice({} if self._chat else "", finish=reason)
        await self.event({"model": self._model, "choices": [], "usage": self._usage()})
        await self.done()

    async def done(self) -> None:
        """Send the end of the stream."""
        await self.raw(b"data: [DONE]\n\n")
        self._writer.write(b"0\r\n\r\n")
        self.over = True
        await self._writer.drain()

    async def event(self, payload: Mapping[str, Any]) -> None:
        """Send an event."""
        if self.streams:
            await self.raw(b"data: " + json.dumps(payload).encode() + b"\n\n")

    async def comment(self, text: str) -> None:
        """Send a comment."""
        await self.raw(f": {text}\n\n".encode())

    async def raw(self, data: bytes) -> None:
        """Send bytes as a chunk of the stream."""
        await self.begin()
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()

    async def whole(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send an answer in one piece."""
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.over = True
        await self._writer.drain()

    def break_off(self) -> None:
        """Close the connection without a word when the scenario is over."""
        self.broken_off = True

    async def _choice(self, said: dict[str, Any] | str, finish: str | None = None) -> None:
        part = {"delta": said} if self._chat else {"text": said}
        choice = {"index": 0, **part, "finish_reason": finish}
        await self.event({"id": "fault", "model": self._model, "choices": [choice]})

    def _usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._count,
            "total_tokens": self._prompt_tokens + self._count,
            "completion_tokens_details": {"reasoning_tokens": self._reasoning_count},
        }
