"""Puts the pages on the service: one app, one process, one state."""

import time
from collections.abc import Callable

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from proofkit_core.workshop import Workshop
from proofkit_serve.api.app import create_app
from proofkit_serve.registry.registry import Registry
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_ui.web.embedding import ALONE, Embedding
from proofkit_ui.web.pages.routers import ROUTERS
from proofkit_ui.web.refusals import Refusals
from proofkit_ui.web.rendering import default_words, environment, load_static
from proofkit_ui.web.visitors import Visitors, is_page

__all__ = ["create_web_app"]

_WORTH_IT = 800
"""Bytes from which an answer is packed."""
_LEVEL = 5
_FOR_EVER = "public, max-age=31536000, immutable"


class _Packed:
    """ASGI middleware that sends pages packed; what the service answers to programs stays as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed = GZipMiddleware(app, minimum_size=_WORTH_IT, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_packed = scope["type"] == "http" and is_page(scope["path"])
        await (self._packed if is_packed else self._app)(scope, receive, send)


_files = APIRouter(include_in_schema=False)


@_files.get("/static/{name}")
async def read_static(name: str) -> Response:
    """Return a file that pages load; its name holds its digest, so it never changes."""
    found = load_static().get(name)
    if found is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no such file.")
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": _FOR_EVER})


@_files.get("/favicon.ico")
async def read_icon(request: Request) -> Response:
    """Return nothing, for browsers that ask without being told to."""
    del request
    return Response(status_code=204)


def create_web_app(
    settings: Settings,
    *,
    store: Store,
    registry: Registry,
    workshop: Workshop,
    clock: Callable[[], float] = time.monotonic,
    embedding: Embedding = ALONE,
) -> FastAPI:
    """Return the service with its pages.

    Args:
        settings: What the service was told.
        store: Where sessions live; the caller opens and closes it.
        registry: The models; the caller opens and closes it.
        workshop: Contract and catalogue.
        clock: Seconds that only go forward, for the limits.
        embedding: Where the pages are shown.
    """
    app = create_app(settings, store=store, registry=registry, workshop=workshop, clock=clock)
    app.state.words = default_words()
    app.state.templates = environment(app.state.words, load_static(), embedding.scripts)
    app.state.embedding = embedding
    for router in (_files, *ROUTERS):
        app.include_router(router, include_in_schema=False)
    # The last one added is the outermost.
    app.add_middleware(Refusals)
    app.add_middleware(_Packed)
    app.add_middleware(Visitors, embedding=embedding)
    return app
