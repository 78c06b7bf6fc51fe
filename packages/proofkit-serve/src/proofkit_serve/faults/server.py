"""The fault server itself: reads requests, picks a scenario for each, and counts."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from proofkit_serve.faults.asked import Asked, read_asked
from proofkit_serve.faults.exchange import Exchange
from proofkit_serve.faults.scenarios import Pace, Scenario
from proofkit_serve.faults.scenes import Answer, Play, play

__all__ = ["Counts", "FaultyServer"]

BY_MODEL = "fault:"
"""A model of this name and a scenario's plays that scenario."""
MOST_BODY_BYTES = 4_000_000
MODEL = "faulty-1"


class Counts(NamedTuple):
    """What goes on, and what went on."""

    connections_open: int
    connections_total: int
    in_flight: int
    """Requests that are being answered."""
    requests: int
    abandoned: int
    """Requests whose client left before the answer was whole."""


class FaultyServer:
    """Runs on one event loop."""

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        *,
        pace: Pace,
        answer: Answer,
        key: str,
        template: Callable[[str, str], str] | None,
    ) -> None:
        """Start with nothing asked.

        Args:
            scenarios: One for each request for text, in order; the last one goes on.
            pace: How slow, how long and how much.
            answer: Writes the good answers.
            key: The bearer token that requests must have; empty for none.
            template: Makes a prompt of a system and a user message; None to have no such route.
        """
        self._waiting = deque(scenarios)
        self._last = Scenario.GOOD
        self._pace = pace
        self._answer = answer
        self._key = key
        self._template = template
        self.seen: list[Asked] = []
        self._open = self._total = self._in_flight = self._abandoned = 0

    @property
    def counts(self) -> Counts:
        """Return what goes on."""
        return Counts(self._open, self._total, self._in_flight, len(self.seen), self._abandoned)

    def then(self, scenarios: Sequence[Scenario]) -> None:
        """Set what the next requests get."""
        self._waiting = deque(scenarios)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        self._open += 1
        self._total += 1
        ahead: bytes | None = b""
        try:
            while ahead is not None:
                ahead = await self._serve_one(reader, writer, ahead)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the server is closing
        finally:
            self._open -= 1
            writer.transport.abort()

    async def _serve_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ahead: bytes
    ) -> bytes | None:
        """Answer one request.

        Args:
            reader: Where requests come from.
            writer: Where answers go.
            ahead: What was read of the request already.

        Returns:
            What was read of the next one; None where the connection has to be closed.
        """
        head = ahead + await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        content = await reader.readexactly(min(int(headers.get("content-length", "0")), MOST_BODY_BYTES))
        try:
            asked = read_asked(target.partition("?")[0], headers, content)
        except ValueError as error:
            asked = Asked(target, headers, {"error": str(error)})
        exchange = Exchange(
            writer,
            chat=asked.path.endswith("/chat/completions"),
            streams=asked.streams,
            model=str(asked.body.get("model", MODEL)),
            prompt_tokens=len(asked.prompt.split()),
        )
        if method == "POST" and asked.path.endswith("/completions"):
            ahead = await self._answer_text(asked, exchange, reader)
        else:
            ahead = b""
            status, body = self._answer_fact(method, asked)
            await exchange.whole(status, json.dumps(body).encode(), {})
        return ahead if exchange.over and not exchange.broken_off else None

    async def _answer_text(self, asked: Asked, exchange: Exchange, reader: asyncio.StreamReader) -> bytes:
        self.seen.append(asked)
        scene = Play(asked=asked, exchange=exchange, pace=self._pace, answer=self._answer)
        playing = asyncio.ensure_future(play(self._choose(asked), scene))
        self._in_flight += 1
        whole = False
        try:
            ahead = await _watch(playing, reader)
            whole = True
        finally:
            self._in_flight -= 1
            self._abandoned += not whole
        return ahead

    def _choose(self, asked: Asked) -> Scenario:
        if self._key and asked.headers.get("authorization") != f"Bearer {self._key}":
            return Scenario.UNAUTHORIZED
        model = str(asked.body.get("model", ""))
        if model.startswith(BY_MODEL):
            return Scenario(model.removeprefix(BY_MODEL))
        if self._waiting:
            self._last = self._waiting.popleft()
        return self._last

    def _answer_fact(self, method: str, asked: Asked) -> tuple[int, Mapping[str, object]]:
        """Answer what is asked about the server."""
        if asked.path.endswith("/models"):
            return 200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "proofkit"}]}
        if asked.path == "/health":
            return 200, {"status": "ok"}
        if asked.path == "/props" and self._template is not None:
            return 200, {"model_alias": MODEL, "total_slots": 4, "default_generation_settings": {"n_ctx": 4096}}
        if method == "POST" and asked.path == "/apply-template" and self._template is not None:
            system, user = (str(message["content"]) for message in asked.body["messages"])
            return 200, {"prompt": self._template(system, user)}
        return 404, {"error": {"message": f"no route {method} {asked.path}", "code": 404}}


async def _watch(playing: "asyncio.Future[None]", reader: asyncio.StreamReader) -> bytes:
    """Wait for an answer to be whole; a client that leaves before ends the work at once.

    Returns:
        What came meanwhile: the first byte of the next request, if anything.

    Raises:
        ConnectionResetError: The client left.
    """
    coming = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({playing, coming}, return_when=asyncio.FIRST_COMPLETED)
        if coming.done() and not coming.result() and not playing.done():
            raise ConnectionResetError
        await playing
    finally:
        for task in (playing, coming):
            task.cancel()
        await asyncio.gather(playing, coming, return_exceptions=True)
    return b"" if coming.cancelled() else coming.result()
