"""Reads a request's body before anything looks at it: whole, in time, not too large, and of the right kind."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proofkit_serve.settings import ServiceLimits
from proofkit_serve.wire.kinds import Kind, ProblemError

UPLOAD_PATH = "/v1/uploads"
RESTORE_PATHS = frozenset({"/v1/me/restore", "/data/restore"})
"""Where a file with all of a person's data comes in: over the API, and from a page."""
_RESTORE_BYTES = 64_000_000
_RESTORES_AT_ONCE = 2
"""Their bodies are in memory; the others wait on the wire."""
_FORM_ROOM = 16_384
"""What a form needs besides its file."""
_TYPED_BYTES = 2_000_000
"""A form of a page; what people paste grows to twelve times its letters on the way."""
_FORM_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""The body of any other request is not looked at."""
_SECONDS = 30.0
_DRAINED = 8_000_000
"""A body that is too large is still read up to here, so that its sender gets to read the answer."""


class Bodies:
    """ASGI middleware that hands the whole body on at once, and leaves it in `state["body"]`."""

    def __init__(self, app: ASGIApp, *, limits: ServiceLimits) -> None:
        """Wrap an app.

        Args:
            app: What answers.
            limits: How large a body may be.
        """
        self._app = app
        self._limits = limits
        self._restores = asyncio.Semaphore(_RESTORES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body of one request, and pass both on.

        Raises:
            ProblemError: The body is too large, too slow, or of the wrong kind.
        """
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
        elif scope["path"] in RESTORE_PATHS:
            async with self._restores:
                await self._pass_on(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        body = b""
        if "content-length" in headers or "transfer-encoding" in headers:
            most = self._most(scope["path"], headers.get("content-type", ""))
            body = await _read(receive, most, headers.get("content-length"))
        if body:
            _require_kind(str(scope["path"]), headers.get("content-type", ""))
        scope["state"]["body"] = body
        await self._app(scope, _handing_on(body, receive), send)

    def _most(self, path: str, kind: str) -> int:
        if path in RESTORE_PATHS:
            return _RESTORE_BYTES
        if path == UPLOAD_PATH:
            return self._limits.upload_bytes + _FORM_ROOM
        if not path.startswith("/v1/") and kind.startswith(_FORM_KINDS):
            return max(_TYPED_BYTES, self._limits.upload_bytes + _FORM_ROOM)
        return self._limits.body_bytes


async def _read(receive: Receive, most: int, declared: str | None) -> bytes:
    pieces: list[bytes] = []
    size = 0
    too_large = declared is not None and declared.isdigit() and int(declared) > most
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    break  # the sender went away; the answer reaches nobody
                piece: bytes = message.get("body", b"")
                size += len(piece)
                too_large = too_large or size > most
                if not too_large:
                    pieces.append(piece)
                if not message.get("more_body", False) or size > most + _DRAINED:
                    break
    except TimeoutError as error:
        told = f"The body did not arrive within {_SECONDS:.0f} seconds. Send it again over a faster connection."
        raise ProblemError(Kind.REQUEST_TIMEOUT, told) from error
    if too_large:
        raise ProblemError(Kind.TOO_LARGE, f"The body is larger than {most:,} bytes, the most that is read here.")
    return b"".join(pieces)


def _require_kind(path: str, given: str) -> None:
    kind = given.partition(";")[0].strip().lower()
    expected = "multipart/form-data" if path == UPLOAD_PATH else "application/json"
    if path.startswith("/v1/") and kind != expected:
        raise ProblemError(Kind.UNSUPPORTED_TYPE, f"The body is sent as another kind than {expected}. Send it as that.")


def _handing_on(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body first, and then what the connection tells, such as that the caller went away."""
    first = True

    async def handed() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return handed
