"""Starts the fault server on a loopback port, in a thread, and stops it again."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic, sleep

from proofkit_serve.faults.answers import good_answer
from proofkit_serve.faults.asked import Asked
from proofkit_serve.faults.scenarios import Pace, Scenario
from proofkit_serve.faults.scenes import Answer
from proofkit_serve.faults.server import Counts, FaultyServer

__all__ = ["FaultServer", "fault_server", "render_chatml"]

LOOPBACK = "127.0.0.1"
CLOSING_GRACE_S = 5.0


class FaultServer:
    """A fault server that runs. Its port is its own until the block ends."""

    def __init__(self, server: FaultyServer, port: int, *, scheme: str) -> None:
        """Take over what `fault_server` started."""
        self._server = server
        self._scheme = scheme
        self.port = port

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"{self._scheme}://{LOOPBACK}:{self.port}"

    @property
    def base_url(self) -> str:
        """Return where it listens, as clients of the interface want it."""
        return f"{self.url}/v1"

    @property
    def seen(self) -> tuple[Asked, ...]:
        """Return the requests for text so far."""
        return tuple(self._server.seen)

    @property
    def counts(self) -> Counts:
        """Return what goes on, and what went on."""
        return self._server.counts

    def then(self, *scenarios: Scenario | str) -> None:
        """Set what the next requests get; the last scenario goes on."""
        self._server.then([Scenario(scenario) for scenario in scenarios])

    def wait_idle(self, timeout_s: float = 2.0, *, connections: int = 0) -> bool:
        """Wait until nothing is under way.

        Args:
            timeout_s: How long to wait.
            connections: How many idle connections may be left.

        Returns:
            Whether that came to be in time.
        """
        ends_at = monotonic() + timeout_s
        while self.counts.in_flight or self.counts.connections_open > connections:
            if monotonic() > ends_at:
                return False
            sleep(0.01)
        return True


@contextmanager
def fault_server(
    *scenarios: Scenario | str,
    pace: Pace | None = None,
    answer: Answer = good_answer,
    key: str = "",
    template: "Callable[[str, str], str] | None" = None,
    tls: ssl.SSLContext | None = None,
    port: int = 0,
) -> Generator[FaultServer]:
    """Run a server that fails on purpose.

    Args:
        scenarios: One for each request for text, in order; the last one goes on. Without any, all goes well. With
            `refused` alone, nobody listens at the port.
        pace: How slow, how long and how much.
        answer: Writes the good answers.
        key: The bearer token that requests must have; empty for none.
        template: Makes a prompt of a system and a user message, as llama-server does; None to have no such route.
        tls: The certificate to speak https with; None for http.
        port: The port; 0 for a free one.
    """
    chosen = [Scenario(scenario) for scenario in scenarios]
    server = FaultyServer(chosen, pace=pace or Pace(), answer=answer, key=key, template=template)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        running = FaultServer(server, listener.getsockname()[1], scheme="https" if tls else "http")
        if chosen == [Scenario.REFUSED]:  # bound, so that the port stays free, but deaf
            yield running
            return
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        ready = threading.Event()
        thread = threading.Thread(
            target=loop.run_until_complete, args=(_serve(server, listener, tls, ready, stop),), name="proofkit-faults"
        )
        thread.start()
        ready.wait(CLOSING_GRACE_S)
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(CLOSING_GRACE_S)
            loop.close()


def render_chatml(system: str, user: str) -> str:
    """Return two messages under the ChatML template, which the contract's own model has."""
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


async def _serve(
    server: FaultyServer,
    listener: socket.socket,
    tls: ssl.SSLContext | None,
    ready: threading.Event,
    stop: asyncio.Event,
) -> None:
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)
        await server.serve(reader, writer)

    listening = await asyncio.start_server(serve, sock=listener, ssl=tls)
    ready.set()
    await stop.wait()
    listening.close()
    for task in tuple(connections):
        task.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
