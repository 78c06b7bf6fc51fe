"""Runs the app in one process: opens what it needs, serves, and closes everything again."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.commands.collecting import nothing_collected
from proofkit_serve.commands.heaps import share_heaps
from proofkit_serve.registry import ModelStatus, Registry, open_registry
from proofkit_serve.settings import Settings
from proofkit_serve.store import open_store

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from proofkit_serve.registry.card import CardBackend
    from proofkit_serve.store.protocol import Store


class MakeApp(Protocol):
    """Makes an app, as `proofkit_serve.api.app.create_app` does."""

    def __call__(self, settings: Settings, *, store: "Store", registry: Registry, workshop: Workshop) -> "FastAPI":
        """Return the app; who asks opens and closes what it works with."""
        ...


_LOG = logging.getLogger("proofkit_serve")
_LOOK_S = 0.05
_AFTER_DRAIN_S = 10


def _service() -> MakeApp:
    from proofkit_serve.api.app import create_app  # noqa: PLC0415 - loaded while nothing is open yet

    return create_app


def serve(
    settings: Settings,
    environ: Mapping[str, str],
    listening: socket.socket,
    on_ready: Callable[[], None],
    *,
    load_app: Callable[[], MakeApp] = _service,
) -> None:
    """Serve on an open socket until a signal says to stop.

    Args:
        settings: What the service was told.
        environ: The environment; only the variables that the file of models names count.
        listening: Where to take requests.
        on_ready: Called once requests are answered.
        load_app: Loads what makes the app, while nothing is open yet; by default the service without pages.

    Raises:
        ProofKitError: The store or the models cannot be opened.
    """
    share_heaps()
    # The server raises the signal again once it has stopped; without these, that would end the process at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)
    asyncio.run(_serve(settings, environ, listening, on_ready, load_app))


def start_log(settings: Settings) -> None:
    """Let this program's own parts say what they do, at the chosen level; the others only warn.

    At their lower levels, drivers write down what passes through them.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    level = settings.log_level.upper()
    for name in ("proofkit_serve", "uvicorn.error"):
        logging.getLogger(name).setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # whatever the root is set to


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has its own handler while it runs."""


async def _serve(
    settings: Settings,
    environ: Mapping[str, str],
    listening: socket.socket,
    on_ready: Callable[[], None],
    load_app: Callable[[], MakeApp],
) -> None:
    with nothing_collected():
        create_app = load_app()

    async with opened_app(settings, environ, create_app) as app:

        def ready() -> None:
            on_ready()
            warm_up(app.state.services.registry)

        await _answer(app, settings, listening, ready)


@asynccontextmanager
async def opened_app(
    settings: Settings, environ: Mapping[str, str], create_app: MakeApp, *, card: "CardBackend | None" = None
) -> AsyncGenerator["FastAPI"]:
    """Open the store and the models, make the app, and close everything again at the end.

    Args:
        settings: What the service was told.
        environ: The environment; only the variables that the file of models names count.
        create_app: Makes the app.
        card: The model that a ZeroGPU Space opened before.

    Raises:
        ProofKitError: The store or the models cannot be opened.
    """
    store = await open_store(settings.store_url.get_secret_value())
    try:
        contract = load_contract()
        with open_registry(settings, environ=environ, contract=contract, card=card) as registry:
            workshop = Workshop(
                contract=contract,
                index=build_index(load_catalogue()),
                product_version=version("proofkit-core"),
                time_limit_s=settings.budget_s,
            )
            yield create_app(settings, store=store, registry=registry, workshop=workshop)
    finally:
        await store.close()


def warm_up(registry: Registry) -> None:
    """Open the models in a thread of their own, while nobody waits for them."""
    threading.Thread(target=_warm_up, args=(registry,), name="warm-up", daemon=True).start()


def _warm_up(registry: Registry) -> None:
    registry.warm_up(registry.default_id)
    for state in registry.states():
        if state.status is ModelStatus.BROKEN:
            _LOG.warning("the model %s cannot be used: %s", state.id, state.last_error)


async def _answer(app: "FastAPI", settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    import uvicorn  # noqa: PLC0415 - only where requests are answered

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the figures and the audit log say what is needed, without addresses and queries
        proxy_headers=False,  # a caller could name any address in them
        server_header=False,
        timeout_graceful_shutdown=round(settings.drain_s) + _AFTER_DRAIN_S,
    )
    server = uvicorn.Server(config)
    watching = asyncio.create_task(_watch(server, app, settings.drain_s, on_ready))
    try:
        await server.serve(sockets=[listening])
    finally:
        watching.cancel()


async def _watch(server: "uvicorn.Server", app: "FastAPI", drain_s: float, on_ready: Callable[[], None]) -> None:
    """Tell when the server is ready; and when it is to stop, let the generations come to an end.

    The server waits for open event streams, and those wait for their generations.
    """
    while not server.started:  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(_LOOK_S)
    on_ready()
    while not server.should_exit:  # noqa: ASYNC110 - the same
        await asyncio.sleep(_LOOK_S)
    await app.state.services.jobs.drain(drain_s)
