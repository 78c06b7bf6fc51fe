"""`proofkit app`: the service and its pages in one process, and a browser that shows them."""

import argparse
import os
import threading
import webbrowser
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from proofkit_core.errors import InputError
from proofkit_serve.commands.run import listen, url_of
from proofkit_serve.commands.serving import serve, start_log
from proofkit_serve.settings import Settings, load_settings, write_resolved

if TYPE_CHECKING:
    import socket

    from proofkit_serve.commands.serving import MakeApp

_USUAL_PORT = 8000
_READY = "ProofKit is open at {url}\nYour work is kept in {folder}\nLeave this window open; press Ctrl-C to stop.\n"


def run_app(args: argparse.Namespace, *, environ: Mapping[str, str] = os.environ) -> int:
    """Serve the pages until the person stops them.

    Returns:
        0 once it was stopped.

    Raises:
        ProofKitError: A setting, the store or the address cannot be used.
    """
    settings, listening = _open(args, environ)
    write_resolved(settings, settings.data_dir)
    start_log(settings)
    url = url_of(settings, listening)
    show = _nothing if args.no_browser else _browser(url)

    def on_ready() -> None:
        print(_READY.format(url=url, folder=settings.data_dir), end="", flush=True)
        show()

    serve(settings, environ, listening, on_ready, load_app=_pages)
    print("Stopped. Everything is saved.", flush=True)
    return 0


def _open(args: argparse.Namespace, environ: Mapping[str, str]) -> tuple[Settings, "socket.socket"]:
    """Return the settings with an open socket: the usual port, or any free one where that is taken."""
    given: dict[str, object] = {"host": args.host, "port": args.port, "default_model": args.model}
    if args.data is not None:
        given["data_dir"] = str(args.data)
    settings = load_settings(args.config, environ=environ, given={"log_level": "warning", **given})
    if settings.workers > 1:
        raise InputError(
            f"Got {settings.workers} workers; expected 1, because the app runs in one process. Leave `workers` out, "
            "or use `proofkit-serve`."
        )
    if args.port or settings.port != _USUAL_PORT:
        return settings, listen(settings)
    try:
        return settings, listen(settings)
    except InputError:
        free = settings.model_copy(update={"port": 0})
        return free, listen(free)


def _pages() -> "MakeApp":
    from proofkit_ui.web.app import create_web_app  # noqa: PLC0415 - loaded while nothing is open yet

    return create_web_app


def _browser(url: str) -> Callable[[], None]:
    def show() -> None:
        # Some computers take seconds to open a browser, or have none; the server answers meanwhile.
        threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()

    return show


def _nothing() -> None:
    """Open no browser."""
