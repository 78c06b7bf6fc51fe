"""Whose quota of ZeroGPU a visitor's drafts spend.

The page around a Space knows who is signed in at the Hub and gives our script a short-lived token, which comes here in
the header `x-ip-token`. It is held in memory for some minutes, for this visitor's own drafts, and written nowhere.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from proofkit_ui.web.visitors import COOKIE, owner_of

__all__ = ["HEADER", "Quotas"]

HEADER = "x-ip-token"
_LONGEST = 4096
_KEPT_S = 600.0
_MOST = 10_000


class Quotas:
    """The tokens of those who are here now. Only used from one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Know nobody yet.

        Args:
            clock: Seconds that only go forward.
        """
        self._clock = clock
        self._tokens: OrderedDict[str, tuple[SecretStr, float]] = OrderedDict()

    def note(self, scope: Scope, headers: Headers) -> None:
        """Take the token of a request where it brings one, and leave the visitor's where the pages look for it.

        Args:
            scope: The request.
            headers: Its headers.
        """
        brought = headers.get(HEADER, "")
        visitor = HTTPConnection(scope).cookies.get(COOKIE, "")
        token = SecretStr(brought) if 0 < len(brought) <= _LONGEST else None
        if visitor:
            token = self._kept(owner_of(visitor), token)
        if token is not None:
            state: dict[str, Any] = scope.setdefault("state", {})
            state["model_token"] = token

    def _kept(self, owner: str, token: SecretStr | None) -> SecretStr | None:
        now = self._clock()
        if token is not None:
            self._tokens[owner] = (token, now + _KEPT_S)
            self._tokens.move_to_end(owner)
        while self._tokens and (len(self._tokens) > _MOST or next(iter(self._tokens.values()))[1] <= now):
            self._tokens.popitem(last=False)
        known = self._tokens.get(owner)
        return known[0] if known else None
