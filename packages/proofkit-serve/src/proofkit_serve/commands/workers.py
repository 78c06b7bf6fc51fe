"""Runs the app in several processes on one socket; one that dies is started again, and none outlives the first."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event
from types import FrameType

from proofkit_serve.commands.serving import serve, start_log
from proofkit_serve.settings import Settings

_LOOK_S = 0.2
_MOST_DEATHS = 10
"""So many within a minute, and starting again helps nobody."""
_MINUTE_S = 60.0
_FAILED = 3


def run_workers(
    settings: Settings, environ: Mapping[str, str], listening: socket.socket, on_ready: Callable[[], None]
) -> int:
    """Serve in several processes until a signal says to stop.

    Args:
        settings: What the service was told, the number of processes included.
        environ: The environment.
        listening: Where all of them take requests.
        on_ready: Called once the first of them answers.

    Returns:
        0 where they were stopped, 3 where they could not be kept running.
    """
    context = multiprocessing.get_context("spawn")
    stop = threading.Event()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    ready = context.Event()
    workers = [_start(context, settings, environ, listening, ready) for _ in range(settings.workers)]
    deaths: list[float] = []
    told = False
    while not stop.is_set() and len(deaths) <= _MOST_DEATHS:
        if ready.is_set() and not told:
            told = True
            on_ready()
        now = time.monotonic()
        deaths = [death for death in deaths if death > now - _MINUTE_S]
        for place, worker in enumerate(workers):
            if worker.exitcode is not None:
                deaths.append(now)
                workers[place] = _start(context, settings, environ, listening, ready)
        stop.wait(_LOOK_S)
    _stop(workers, settings.drain_s)
    return 0 if stop.is_set() else _FAILED


def _start(
    context: SpawnContext, settings: Settings, environ: Mapping[str, str], listening: socket.socket, ready: Event
) -> SpawnProcess:
    worker = context.Process(target=_work, args=(settings, dict(environ), listening, ready))
    worker.start()
    return worker


def _work(settings: Settings, environ: dict[str, str], listening: socket.socket, ready: Event) -> None:
    start_log(settings)
    threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    serve(settings, environ, listening, ready.set)


def _stop_with_parent() -> None:
    """Stop this process in good order once the one that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    while True:  # while it starts, the signal is ignored
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_LOOK_S)


def _stop(workers: list[SpawnProcess], drain_s: float) -> None:
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + drain_s + 15.0
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
        if worker.exitcode is None:
            worker.kill()
