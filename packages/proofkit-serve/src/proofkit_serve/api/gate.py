"""Who may come in: pages of other sites not, callers without a key not where keys are needed, and nobody too often."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from proofkit_serve.api.buckets import Buckets
from proofkit_serve.api.keys import bearer_key, key_digest
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store
from proofkit_serve.wire.kinds import Kind, ProblemError

LOCAL_OWNER = "local"
"""Whose everything is where no keys are needed: on this computer's own loopback address."""
_OPEN = ("/healthz", "/readyz", "/openapi.json")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_GUESS = 10.0
"""A wrong key costs as much as so many requests."""
_NO_KEY = "This server takes requests with an API key only. Send `Authorization: Bearer pk_…`; the operator gives keys."
_BAD_KEY = "This API key is not known here, or was revoked. Check it, or ask the operator for another one."
_FOREIGN = (
    "A page of another site, or one under a strange name of this computer, asked. Expected a program, or a page of an "
    "origin that the operator named in `cors_origins`."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate goes by."""

    settings: Settings
    store: Store
    buckets: Buckets


def request_buckets(settings: Settings, clock: Callable[[], float]) -> Buckets:
    """Return the buckets of requests, filled for a minute."""
    per_minute = settings.limits.requests_per_minute
    return Buckets(size=per_minute, per_second=per_minute / 60 or 1.0, clock=clock)


class Gate:
    """ASGI middleware that tells the layers below whose request it is, in `state["owner"]`.

    A layer above may know whose page it is, and leave that in `state["visitor"]`: people with a browser need no key.
    """

    def __init__(self, app: ASGIApp, *, rules: Rules) -> None:
        """Wrap an app.

        Args:
            app: What answers those that come in.
            rules: What to go by.
        """
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or refuse it.

        Raises:
            ProblemError: It is refused.
        """
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            self._refuse_foreign(str(scope["method"]), headers)
            visitor = scope["state"].get("visitor")
            scope["state"]["owner"] = self._visitor(scope, visitor) if visitor else await self._owner(scope, headers)
        await self._app(scope, receive, send)

    def _visitor(self, scope: Scope, visitor: str) -> str:
        """Let a page's visitor in. Those who come for the first time share what one address may ask for.

        Otherwise whoever throws the cookie away could ask without end.
        """
        self._spend(f"address {_address(scope)}" if scope["state"].get("visitor_is_new") else f"visitor {visitor}")
        return visitor

    async def _owner(self, scope: Scope, headers: Headers) -> str | None:
        address = _address(scope)
        if scope["path"] in _OPEN or not self._rules.settings.needs_keys:
            self._spend(f"address {address}")
            return None if scope["path"] in _OPEN else LOCAL_OWNER
        key = bearer_key(headers.get("authorization"))
        digest = key_digest(key) if key else ""
        found = await self._rules.store.find_key(digest) if key else None
        if found is None or not hmac.compare_digest(found.digest, digest):
            # Only those without a good key pay: behind a front end or a proxy, everybody has one address.
            guesses = f"guesses from {address}"
            self._require_room(guesses)
            self._rules.buckets.take(guesses, _GUESS)
            raise ProblemError(Kind.UNAUTHORIZED, _BAD_KEY if "authorization" in headers else _NO_KEY)
        self._spend(f"key {found.id}")
        return found.owner

    def _spend(self, caller: str) -> None:
        self._require_room(caller)
        self._rules.buckets.take(caller)

    def _require_room(self, caller: str) -> None:
        wait_s = self._rules.buckets.wait_s(caller)
        if wait_s > 0:
            told = f"More than {self._rules.settings.limits.requests_per_minute} requests in a minute. Ask again later."
            raise ProblemError(Kind.RATE_LIMITED, told, retry_after_s=wait_s)

    def _refuse_foreign(self, method: str, headers: Headers) -> None:
        """Refuse what a page of another site sends through a visitor's browser.

        Where no key is needed, a page could also reach this computer under a name of its own; such a name is refused.
        """
        settings = self._rules.settings
        host = headers.get("host", "")
        name = _named(f"//{host}").hostname or ""
        if not settings.needs_keys and name not in _LOOPBACK_NAMES | {settings.host}:
            raise ProblemError(Kind.FOREIGN_PAGE, _FOREIGN)
        origin = headers.get("origin")
        if origin is None or method in _SAFE or origin in settings.cors_origins:
            return
        if _named(origin).netloc != host:
            raise ProblemError(Kind.FOREIGN_PAGE, _FOREIGN)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def _named(address: str) -> SplitResult:
    """Return the parts of an address; of one that cannot be read, none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
