"""The outermost layer: each request gets an id, each answer its headers, and each failure becomes a problem."""

import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proofkit_core.errors import ProofKitError
from proofkit_serve.api.openai_errors import with_openai_part
from proofkit_serve.api.problems import problem_response
from proofkit_serve.errors import log_line
from proofkit_serve.wire.kinds import TABLE, ProblemError, problem_of
from proofkit_serve.wire.translating import as_problem, internal_problem

_LOG = logging.getLogger("proofkit_serve.api")
_FAULT = 500
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What an answer says where the route says nothing else: data, never a page."""


class Seen(NamedTuple):
    """What is known of a request once it is over. It holds no body and no secret."""

    method: str
    route: str
    """The address with names in place of ids; `other` where there is none."""
    status: int
    seconds: float
    name: str
    """The route's own name, such as `create_session`; empty where there is none."""
    owner: str | None
    subject: str
    """Id of the session or generation that the address names, or that was made."""


class Envelope:
    """ASGI middleware; put it outermost."""

    def __init__(self, app: ASGIApp, *, on_seen: Callable[[Seen], None]) -> None:
        """Wrap an app.

        Args:
            app: What answers.
            on_seen: Called once for each request, after its answer.
        """
        self._app = app
        self._on_seen = on_seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = secrets.token_hex(8)
        started = time.perf_counter()
        status = 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), state["request_id"])
            await send(message)

        try:
            await self._answer(scope, receive, told, lambda: status != 0)
        finally:
            self._on_seen(_seen(scope, status or 499, time.perf_counter() - started))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, begun: Callable[[], bool]) -> None:
        try:
            await self._app(scope, receive, send)
        except ProofKitError as error:
            problem = as_problem(error)
            if TABLE[problem.kind].status >= _FAULT:
                _LOG.warning("request %s: %s", scope["state"]["request_id"], log_line(error))
        except Exception as error:  # noqa: BLE001 - the boundary: whatever went wrong, the caller gets an answer
            problem = internal_problem()
            # The frames alone: an exception's text can hold what the caller sent.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _LOG.error("request %s: %s\n%s", scope["state"]["request_id"], type(error).__name__, frames)
        else:
            return
        if begun():
            return
        await send_problem(problem, scope, receive, send)


async def send_problem(error: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem, from anywhere above the routes."""
    name = str(scope["state"].get("request_id", ""))
    written = with_openai_part(problem_of(error, name), str(scope["path"]))
    await problem_response(error, name, problem=written)(scope, receive, send)


def _add_headers(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


def _seen(scope: Scope, status: int, seconds: float) -> Seen:
    params: dict[str, str] = scope.get("path_params", {})
    named = [value for name, value in params.items() if name.endswith("_id") and _ID.fullmatch(value)]
    return Seen(
        method=scope["method"] if scope["method"] in _METHODS else "other",
        route=str(scope["state"].get("route", "other")),
        status=status,
        seconds=seconds,
        name=str(scope["state"].get("route_name", "")),
        owner=scope["state"].get("owner"),
        subject=named[0] if named else scope["state"].get("session_id") or "",
    )
