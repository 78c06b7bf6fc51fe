"""Who looks at the pages: a cookie with random bits, and the owner that it stands for."""

import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proofkit_ui.web.embedding import ALONE, Embedding

__all__ = ["COOKIE", "Visitors", "is_page", "owner_of", "token_of", "wants_fragment"]

COOKIE = "proofkit_visitor"
_BYTES = 24
"""192 random bits: nobody guesses another's."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_YEAR_S = 365 * 86_400
_SERVICE = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")
STATIC = "/static/"
_HEADERS = {
    # With `no-referrer`, as the service answers, a browser would send its forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
}
_FRAMES = "X-Frame-Options"
_AT_LEAST = {
    "X-Content-Type-Options": "nosniff",
    _FRAMES: "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What the service says of its own answers; those that are made above it need it too."""


def is_page(path: str) -> bool:
    """Say whether an address is one for people; the others are the service's own."""
    return not (path.startswith(_SERVICE) or path == "/v1")


def owner_of(token: str) -> str:
    """Return whose sessions a cookie opens. The store never learns the cookie itself."""
    return f"visitor-{hashlib.sha256(token.encode()).hexdigest()[:40]}"


def token_of(request: HTTPConnection) -> SecretStr | None:
    """Return the token that a layer above found for the model, where one did: on a Space, whose quota is spent."""
    found: SecretStr | None = getattr(request.state, "model_token", None)
    return found


def wants_fragment(headers: Headers) -> bool:
    """Say whether a request asks for a piece of a page."""
    return headers.get("hx-request") == "true"


class Visitors:
    """ASGI middleware that tells pages apart by visitor; put it outermost, so that the gate below finds them."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        embedding: Embedding = ALONE,
        make_token: Callable[[], str] = lambda: secrets.token_urlsafe(_BYTES),
    ) -> None:
        """Wrap an app.

        Args:
            app: What answers.
            embedding: Where the pages are shown.
            make_token: Makes a cookie's value.
        """
        self._app = app
        self._embedding = embedding
        self._headers = {**_HEADERS, "Content-Security-Policy": embedding.policy}
        self._make_token = make_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the visitor of one request, or make one."""
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        known = connection.cookies.get(COOKIE, "")
        is_new = not _TOKEN.fullmatch(known)
        token = self._make_token() if is_new else known
        state: dict[str, Any] = scope.setdefault("state", {})
        state["visitor"] = owner_of(token)
        state["visitor_is_new"] = is_new
        secure = connection.url.scheme == "https"
        cookie = self._embedding.cookie(COOKIE, token, max_age=_YEAR_S, secure=secure)
        told = cookie if is_new and _gets_one(scope) else ""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                for name, value in _AT_LEAST.items():
                    headers.setdefault(name, value)
                if self._embedding.framed_by:  # it cannot name a site; the policy does
                    del headers[_FRAMES]
                if told:
                    headers.append("set-cookie", told)
            await send(message)

        await self._app(scope, receive, with_headers)


def _gets_one(scope: Scope) -> bool:
    """Say whether a new visitor gets a cookie: files are for everybody."""
    return not scope["path"].startswith(STATIC)
