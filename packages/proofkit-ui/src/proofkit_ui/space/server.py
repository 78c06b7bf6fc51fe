"""Starts the Space: Gradio listens, because ZeroGPU starts with it, and our own app answers."""

import asyncio
import os
import secrets
import signal
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from fastapi import FastAPI

from proofkit_serve.backends.zero_gpu import ZeroGpuBackend
from proofkit_serve.commands.serving import opened_app, start_log, warm_up
from proofkit_serve.settings import Settings, load_settings, write_resolved
from proofkit_serve.store import open_store
from proofkit_ui.space.front import Front
from proofkit_ui.space.line import NAME, line_to, queued
from proofkit_ui.space.quotas import Quotas
from proofkit_ui.web.app import create_web_app
from proofkit_ui.web.embedding import Embedding

__all__ = ["ON_A_SPACE", "run_space"]

ON_A_SPACE = Embedding(framed_by=("https://huggingface.co", "https://*.hf.space"), scripts=("space.js",))
"""The Hub shows a Space inside a page of its own."""
_CALLS_AT_ONCE = 8
_END_S = 15.0


class _Opened:
    """What the start leaves for the end."""

    def __init__(self) -> None:
        self.app: FastAPI | None = None
        self.loop: asyncio.AbstractEventLoop | None = None


def run_space(config: Path, *, card: ZeroGpuBackend | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Serve until a signal says to stop.

    Args:
        config: The settings, a TOML file; the environment wins, as it always does.
        card: The model that was put on a ZeroGPU card before, for the backend `zero_gpu`.
        environ: The environment.

    Raises:
        ProofKitError: A setting, the store or the models cannot be used.
    """
    settings = load_settings(config, environ=environ)
    write_resolved(settings, settings.data_dir)
    start_log(settings)
    # Gradio gives the start five seconds, so what takes long the first time is done before.
    asyncio.run(_prepare(settings))
    server: Any = import_module("gradio").Server()
    key = secrets.token_urlsafe(32)
    if card is not None:
        server.api(queued(card.stream), name=NAME, concurrency_limit=_CALLS_AT_ONCE, api_visibility="undocumented")
        card = card.by_way_of(line_to(lambda: ("127.0.0.1", settings.port), key))
    opened = _Opened()
    lifespan = partial(_lifespan, opened=opened, settings=settings, environ=environ, card=card, key=key)
    _serve(server, settings, lifespan, opened)


async def _prepare(settings: Settings) -> None:
    store = await open_store(settings.store_url.get_secret_value())
    await store.close()


def _serve(server: Any, settings: Settings, lifespan: Any, opened: _Opened) -> None:  # noqa: ANN401 - see import_module
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.launch(
        server_name=settings.host,
        server_port=settings.port,
        app_kwargs={"lifespan": lifespan},  # what `Server(lifespan=…)` is given is dropped
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        num_workers=0,
    )
    stopped.wait()
    if opened.app is not None and opened.loop is not None:
        draining = opened.app.state.services.jobs.drain(settings.drain_s)
        asyncio.run_coroutine_threadsafe(draining, opened.loop).result(settings.drain_s + _END_S)
    server.get_blocks().close(verbose=False)


@asynccontextmanager
async def _lifespan(
    server: Any,  # noqa: ANN401 - the same
    *,
    opened: _Opened,
    settings: Settings,
    environ: Mapping[str, str],
    card: ZeroGpuBackend | None,
    key: str,
) -> AsyncGenerator[None]:
    """Open everything, and put our own app before Gradio's; that of another app mounted below it would not run."""
    create = partial(create_web_app, embedding=ON_A_SPACE)
    async with opened_app(settings, environ, create, card=card) as app, app.router.lifespan_context(app):
        # Gradio adds layers of its own when it is launched, so this one is put around them once they stand.
        server.middleware_stack = Front(ours=app, gradio=server.middleware_stack, key=key, quotas=Quotas())
        opened.app, opened.loop = app, asyncio.get_running_loop()
        warm_up(app.state.services.registry)
        yield
