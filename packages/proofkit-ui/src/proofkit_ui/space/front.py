"""Decides what each request is for: our own app as a rule, and Gradio only for what this program itself asks."""

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from proofkit_serve.settings.model import is_loopback
from proofkit_ui.space.quotas import Quotas

__all__ = ["DOOR", "Front"]

DOOR = "x-proofkit-door"
"""The header with the key to Gradio's own addresses."""
_STARTING = "/gradio_api/startup-events"
"""Gradio asks itself for this once it listens, which starts its queue; asking again changes nothing."""


class Front:
    """ASGI app in front of two others.

    Gradio's own addresses would let anybody use its queue, its uploads and its proxy, and its headers allow any site to
    read what a visitor sees. So nobody but this program reaches them, and nothing of Gradio's touches our pages.
    """

    def __init__(self, *, ours: ASGIApp, gradio: ASGIApp, key: str, quotas: Quotas) -> None:
        """Take the two apps.

        Args:
            ours: The service with its pages.
            gradio: Gradio's own app, with its layers.
            key: Opens Gradio's addresses; made anew at each start, and known to this process alone.
            quotas: Knows whose quota a visitor's drafts spend.
        """
        self._ours, self._gradio = ours, gradio
        self._key = key.encode()
        self._quotas = quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if self._is_own(scope, headers):
            await self._gradio(scope, receive, send)
            return
        self._quotas.note(scope, headers)
        # Whoever looks whether the Space is up asks for the head alone; the server leaves the body away.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        await self._ours(asked, receive, send)

    def _is_own(self, scope: Scope, headers: Headers) -> bool:
        if hmac.compare_digest(headers.get(DOOR, "").encode(), self._key):
            return True
        client = scope.get("client")
        return scope["path"] == _STARTING and client is not None and is_loopback(client[0])
