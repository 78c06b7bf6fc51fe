"""Idempotency keys: the same unsafe call, sent twice with the same key, is done once and answered twice.

An answer is kept before its first byte goes out, so that a caller who saw it, or missed it, never has the call done
again. Only a call whose server died can be done again: once its claim is a minute old.
"""

import asyncio
import hashlib
import logging
import re
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proofkit_serve.errors import StoreError, log_line
from proofkit_serve.store.protocol import Store
from proofkit_serve.store.records import CallAnswer, Claimed, Finished, InProgress
from proofkit_serve.wire.kinds import Kind, ProblemError

_LOG = logging.getLogger("proofkit_serve.api")
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_UNSAFE = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_KEY = re.compile(r"[!-~]{1,200}")
_KEPT = frozenset({"content-type", "etag", "location"})
_NEVER_KEPT = frozenset({"/v1/uploads", "/v1/chat/completions", "/v1/completions"})
"""Their answers are texts that belong to no session, so nothing would ever delete them with one."""
_MOST_BYTES = 2_000_000
_FAILED = 400
_LEASE_S = 60.0
_RENEW_S = _LEASE_S / 4
_AGAIN_S = 0.5
_PAUSES_S = (0.2, 1.0, 3.0)
"""Before an answer is written down again where the store failed."""


class Idempotency:
    """ASGI middleware; it needs the owner and the body, so put it below those that find them."""

    def __init__(self, app: ASGIApp, *, store: Store) -> None:
        """Wrap an app.

        Args:
            app: What answers.
            store: Where answers are kept.
        """
        self._app = app
        self._store = store
        self._releasing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, perhaps as it was answered before.

        Raises:
            ProblemError: The key is malformed, in use, or was used for something else.
        """
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        owner = scope["state"].get("owner") if key is not None else None
        if key is None or owner is None or scope["method"] not in _UNSAFE:
            await self._app(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            told = (
                f"{HEADER} is empty, too long or holds strange characters. Expected 1 to 200 visible ASCII characters."
            )
            raise ProblemError(Kind.MALFORMED_HEADER, told)
        claim = await self._store.claim_idempotency(owner, key, _fingerprint(scope), lease_s=_LEASE_S)
        if isinstance(claim, Claimed):
            await self._first(_Call(scope, owner, key, claim.token), receive, send)
        elif isinstance(claim, Finished):
            headers = {**claim.headers, REPLAYED: "true"}
            await Response(claim.body, status_code=claim.status, headers=headers)(scope, receive, send)
        elif isinstance(claim, InProgress):
            told = "The first request with this key is still being worked on. Wait for its answer, or ask again later."
            raise ProblemError(Kind.IDEMPOTENCY_IN_PROGRESS, told, retry_after_s=claim.retry_after_s)
        else:
            told = "This key was sent before with another request. Use a new key for a new request."
            raise ProblemError(Kind.IDEMPOTENCY_MISMATCH, told)

    async def _first(self, call: "_Call", receive: Receive, send: Send) -> None:
        """Do the call; keep a good answer, and give the key back after a bad one so that it can be sent again."""
        kept = _Answer()
        held: list[Message] = []

        async def told(message: Message) -> None:
            kept.add(message)
            held.append(message)
            if kept.is_stream and not call.finished:
                await self._finish_stream(call)
            elif kept.is_whole and not call.finished:
                await self._finish(call, kept)
            if kept.is_stream or kept.is_whole or kept.size > _MOST_BYTES:
                for each in held:
                    await send(each)
                held.clear()

        renewing = asyncio.create_task(self._renew(call))
        try:
            await self._app(call.scope, receive, told)
        finally:
            renewing.cancel()
            if not call.finished:
                await self._release(call)

    async def _renew(self, call: "_Call") -> None:
        """Tell that a long call is still worked on, so that nobody does it beside this one."""
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                await self._store.keep_idempotency(call.owner, call.key, call.token, lease_s=_LEASE_S)
            except StoreError as error:
                _LOG.warning("a claimed call could not be kept claimed: %s", log_line(error))

    async def _release(self, call: "_Call") -> None:
        """Give a key back. Where the store is away the caller gets their answer now, and the key as soon as it can."""
        try:
            await self._store.release_idempotency(call.owner, call.key, call.token)
        except StoreError as error:
            _LOG.warning("a claimed call could not be released: %s", log_line(error))
            later = asyncio.create_task(self._release_later(call))
            self._releasing.add(later)
            later.add_done_callback(self._releasing.discard)

    async def _release_later(self, call: "_Call") -> None:
        for _ in range(round(_LEASE_S / _AGAIN_S)):  # then the claim has ended by itself
            await asyncio.sleep(_AGAIN_S)
            with suppress(StoreError):
                await self._store.release_idempotency(call.owner, call.key, call.token)
                return

    async def _finish(self, call: "_Call", kept: "_Answer") -> None:
        if kept.status >= _FAILED or kept.size > _MOST_BYTES or call.scope["path"] in _NEVER_KEPT:
            call.finished = True
            await self._release(call)
            return
        await self._keep(call, kept.status, kept.headers, b"".join(kept.pieces))

    async def _finish_stream(self, call: "_Call") -> None:
        """A stream cannot be kept; sent again, the call is answered with the job that it started."""
        instead: tuple[int, dict[str, str], bytes] | None = call.scope["state"].get("instead_of_stream")
        if instead is None:
            return
        await self._keep(call, *instead)

    async def _keep(self, call: "_Call", status: int, headers: dict[str, str], body: bytes) -> None:
        call.finished = True  # from here on the call is done: its key is never given back
        answer = CallAnswer(
            token=call.token, status=status, headers=headers, body=body, session_id=_session_of(call.scope)
        )
        for pause_s in _PAUSES_S:
            try:
                await self._store.finish_idempotency(call.owner, call.key, answer)
            except StoreError:
                await asyncio.sleep(pause_s)
            else:
                return
        try:
            await self._store.finish_idempotency(call.owner, call.key, answer)
        except StoreError as error:  # what was done is done; its caller is told all the same
            _LOG.warning("the answer of a claimed call could not be kept: %s", log_line(error))


class _Call:
    """A call that has claimed its key."""

    def __init__(self, scope: Scope, owner: str, key: str, token: str) -> None:
        self.scope = scope
        self.owner = owner
        self.key = key
        self.token = token
        self.finished = False


class _Answer:
    """An answer as it passes by."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_stream = False
        self.is_whole = False
        self.size = 0
        self.pieces: list[bytes] = []

    def add(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            raw: list[tuple[bytes, bytes]] = message.get("headers", [])
            named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
            self.headers = {name: value for name, value in named.items() if name in _KEPT}
            self.is_stream = named.get("content-type", "").startswith("text/event-stream")
        elif message["type"] == "http.response.body" and not self.is_stream:
            self.pieces.append(message.get("body", b""))
            self.size += len(self.pieces[-1])
            self.is_whole = not message.get("more_body", False)


def _session_of(scope: Scope) -> str | None:
    """Return the session that an answer tells about: the one that a route named, else that of the address."""
    state: dict[str, Any] = scope["state"]
    found: str | None = state.get("session_id", scope.get("path_params", {}).get("session_id"))
    return found


def _fingerprint(scope: Scope) -> str:
    state: dict[str, Any] = scope["state"]
    condition = Headers(scope=scope).get("if-match", "")
    asked = "\n".join([scope["method"], scope["path"], scope["query_string"].decode("latin-1"), condition, ""])
    return hashlib.sha256(asked.encode() + state.get("body", b"")).hexdigest()
