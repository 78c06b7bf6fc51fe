"""From nothing to ready: what is measured is the time from starting the process to the first answer of `/readyz`.

The weights lie on disk; they are opened while the first requests are answered already. Machines differ, so the time is
compared with what the libraries that any such server needs take to load on the same machine.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server

LIBRARIES = "import aiosqlite, alembic.command, fastapi, httpx, sqlalchemy.ext.asyncio, uvicorn"
MOST_TIMES = 2.0
"""What a start may take, in times of loading the libraries alone."""
OWN_MODEL = '[[model]]\nid = "own"\nbackend = "llama_cpp"\n'


class Start(NamedTuple):
    """One start of a server."""

    ready_s: float
    own_s: float
    """Time on a processor, of the server."""


def start(folder: Path) -> Start:
    began = time.monotonic()
    with start_server(folder, models=OWN_MODEL) as server, Client(server.url) as client:
        assert "own" in client.ready().models
        return Start(time.monotonic() - began, busy_s(server.process.pid))


def libraries_s() -> float:
    """Return how long a process that only loads the libraries is on a processor."""
    before = os.times()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True, timeout=120)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def busy_s(process: int) -> float:
    """Return how long a process was on a processor."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_a_server_is_ready_soon_after_its_libraries_are_loaded(tmp_path: Path) -> None:
    """Take the best of three; the first start of all makes the store's tables, and does not count."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("who used the processors is read from /proc")
    start(tmp_path)
    pairs = [(libraries_s(), start(tmp_path)) for _ in range(3)]
    alone, own = min(alone for alone, _ in pairs), min(started.own_s for _, started in pairs)
    assert own < MOST_TIMES * alone, pairs
