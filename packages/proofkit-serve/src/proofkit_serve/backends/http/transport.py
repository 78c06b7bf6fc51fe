"""The one module that knows the HTTP library.

httpx's successor has the same classes under the same names; to move to it, change the import here.
"""

import json
import ssl
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.http.endpoints import Endpoint
from proofkit_serve.backends.http.events import EventReader
from proofkit_serve.backends.http.failures import of_status, of_transport
from proofkit_serve.backends.http.limits import Limits

__all__ = ["Transport"]

OK = 200
MOST_ERROR_BYTES = 8192
KEPT_CONNECTIONS = 20
SHORTEST_SECRET = 8
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""How a connection ends that the server had closed already."""


class Transport:
    """Sends requests and reads streams. Used on the loop's thread, but for `__init__`."""

    def __init__(self, *, key: SecretStr | None, limits: Limits, ca_file: Path | None = None) -> None:
        """Make a client; nothing is connected yet.

        Args:
            key: Sent as a bearer token to the endpoints it is called with, and shown nowhere.
            limits: How long a connection may take, and how much is read.
            ca_file: Certificates to trust instead of the usual ones.
        """
        self._key = key if key is not None and key.get_secret_value() else None
        self._limits = limits
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=limits.connect_s),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS),
            follow_redirects=False,  # the key and the prompt would go along
            trust_env=False,  # nor do proxies and key files of the environment decide where they go
            verify=verify,
        )

    async def stream(self, endpoint: Endpoint, path: str, body: Mapping[str, Any], take: Callable[[str], bool]) -> None:
        """Post a request, and hand on the payload of each event.

        Args:
            endpoint: The server.
            path: What follows its URL.
            body: The JSON to post.
            take: Called with each payload; once it returns True, the rest is not read and the connection is closed.

        Raises:
            GenerationError: There is no connection, it broke, the status is not 200, or there is no end to it.
        """
        begun = False
        with self._told_apart(endpoint, lambda: begun):
            async with self._open("POST", f"{endpoint.url}{path}", body) as response:
                await self._check(endpoint, response)
                begun = True
                reader = self._reader(endpoint, response)
                size = 0
                async for chunk in response.aiter_raw():
                    size += len(chunk)
                    self._check_size(endpoint, size)
                    if any(take(self._without_key(payload)) for payload in reader.push(chunk)):
                        return
                for payload in reader.finish():
                    take(self._without_key(payload))

    async def ask(
        self, endpoint: Endpoint, method: str, url: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send a small request and return the object that comes back.

        Raises:
            GenerationError: As for `stream`, or it is no object.
        """
        with self._told_apart(endpoint, lambda: False):
            async with self._open(method, url, body) as response:
                await self._check(endpoint, response)
                content = b""
                async for chunk in response.aiter_raw():
                    content += chunk
                    self._check_size(endpoint, len(content))
        try:
            value = json.loads(content)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise _not_spoken(endpoint, content[:40])
        return cast("dict[str, Any]", value)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def _open(self, method: str, url: str, body: Mapping[str, Any] | None) -> AsyncGenerator[httpx.Response]:
        response = await self._send(method, url, body)
        try:
            yield response
        finally:
            await response.aclose()

    async def _send(self, method: str, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        """Send a request, on another connection where the server had closed the kept one.

        llama-server promises to keep a connection and closes it after each streamed answer. A request that follows at
        once finds out only as it is sent; nothing was answered then, so it is no failure of the server's.
        """
        for _ in range(KEPT_CONNECTIONS):
            connection = _Connection()
            try:
                return await self._client.send(self._request(method, url, body, connection), stream=True)
            except _STALE:
                if connection.is_new:
                    raise
        return await self._client.send(self._request(method, url, body, _Connection()), stream=True)

    def _request(
        self, method: str, url: str, body: Mapping[str, Any] | None, connection: "_Connection"
    ) -> httpx.Request:
        # A compressed answer could grow without bounds while it is unpacked.
        headers = {"accept": "text/event-stream, application/json", "accept-encoding": "identity"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key.get_secret_value()}"
        return self._client.build_request(
            method, url, json=body, headers=headers, extensions={"trace": connection.note}
        )

    async def _check(self, endpoint: Endpoint, response: httpx.Response) -> None:
        if response.status_code == OK:
            return
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MOST_ERROR_BYTES:
                break
        body = self._hidden(body.decode(errors="replace")).encode()
        headers = {name.lower(): value for name, value in response.headers.items()}
        raise of_status(response.status_code, headers, body, where=endpoint.shown, now=datetime.now(UTC))

    def _without_key(self, payload: str) -> str:
        return self._hidden(payload) if '"error"' in payload else payload

    def _hidden(self, text: str) -> str:
        """Return what a server says about an error without the key, which some servers repeat."""
        key = self._key.get_secret_value() if self._key is not None else ""
        # Servers that ask for no key are often given a word, such as `none`, which is no secret.
        return text.replace(key, "***") if len(key) >= SHORTEST_SECRET else text

    def _reader(self, endpoint: Endpoint, response: httpx.Response) -> "EventReader | _WholeBody":
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _not_spoken(endpoint, b"a compressed answer")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/event-stream":
            return EventReader(line_bytes=self._limits.line_bytes)
        if kind == "application/json":
            return _WholeBody()
        raise _not_spoken(endpoint, f"content of the type {kind!r}".encode())

    def _check_size(self, endpoint: Endpoint, size: int) -> None:
        if size > self._limits.body_bytes:
            raise GenerationError(
                f"{endpoint.shown} sent over {self._limits.body_bytes} bytes. Expected an answer that ends. Use "
                f"another model.",
                kind=FailureKind.BAD_ANSWER,
            )

    @contextmanager
    def _told_apart(self, endpoint: Endpoint, begun: Callable[[], bool]) -> Generator[None]:
        try:
            yield
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise of_transport(error, where=endpoint.shown, begun=begun()) from error


class _Connection:
    """Notes whether a request had to connect, or was sent on a kept connection."""

    def __init__(self) -> None:
        self.is_new = False

    async def note(self, event: str, info: Mapping[str, Any]) -> None:
        del info
        self.is_new = self.is_new or event.startswith("connection.connect")


class _WholeBody:
    """Stands in for the reader of events where a server answers in one piece although it was asked to stream."""

    def __init__(self) -> None:
        self._held = b""

    def push(self, chunk: bytes) -> list[str]:
        self._held += chunk
        return []

    def finish(self) -> list[str]:
        return [self._held.decode(errors="replace")]


def _not_spoken(endpoint: Endpoint, got: bytes) -> GenerationError:
    return GenerationError(
        f"{endpoint.shown} sent {got.decode(errors='replace')!r}. Expected the OpenAI-compatible interface. Check the "
        f"base URL.",
        kind=FailureKind.BAD_ANSWER,
    )
