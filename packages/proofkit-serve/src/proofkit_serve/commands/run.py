"""`proofkit-serve run`: starts the service and stops it in good order."""

import argparse
import socket
from collections.abc import Mapping
from typing import TextIO

from proofkit_core.errors import InputError
from proofkit_serve.commands.serving import serve, start_log
from proofkit_serve.commands.workers import run_workers
from proofkit_serve.registry import open_registry
from proofkit_serve.settings import Settings, load_settings, write_resolved

_BACKLOG = 512


def run_server(args: argparse.Namespace, *, environ: Mapping[str, str], out: TextIO) -> int:
    """Serve until a signal says to stop; running generations get some seconds to finish.

    Raises:
        ProofKitError: A setting, the store or the address cannot be used.
    """
    given = {name: value for name in ("host", "port", "workers") if (value := getattr(args, name)) is not None}
    settings = load_settings(args.config, environ=environ, given=given)
    if settings.workers > 1:
        _require_shareable(settings, environ)
    write_resolved(settings, settings.data_dir)
    start_log(settings)
    listening = listen(settings)
    url = url_of(settings, listening)

    def on_ready() -> None:
        print(f"ProofKit listens on {url}", file=out, flush=True)

    if settings.workers > 1:
        return run_workers(settings, environ, listening, on_ready)
    serve(settings, environ, listening, on_ready)
    return 0


def _require_shareable(settings: Settings, environ: Mapping[str, str]) -> None:
    """Refuse several processes where each would hold the weights, or where they cannot share the store."""
    with open_registry(settings, environ=environ) as registry:
        held = registry.in_process
    if held:
        raise InputError(
            f"Got {settings.workers} workers with {', '.join(held)} in this process; expected models behind a server, "
            "because each worker would hold the weights again and have a queue of its own. Serve the model on its own "
            "(such as llama-server) and name it as `openai_compatible`, or run one worker."
        )
    if settings.store_url.get_secret_value().startswith("sqlite"):
        raise InputError(
            f"Got {settings.workers} workers with a SQLite file; expected Postgres, which several processes can share. "
            "Set PROOFKIT_DATABASE_URL, or run one worker."
        )


def listen(settings: Settings) -> socket.socket:
    """Return the open socket, so that the address is known and checked before anything is loaded.

    Raises:
        InputError: The address cannot be listened on.
    """
    host = settings.host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        raise InputError(
            f"{settings.host} port {settings.port} cannot be listened on ({error.strerror}). Expected a free address "
            "of this computer. Choose another with --host and --port."
        ) from error
    listening.set_inheritable(True)
    return listening


def url_of(settings: Settings, listening: socket.socket) -> str:
    """Return the address that a socket answers under."""
    host = f"[{settings.host.strip('[]')}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"
